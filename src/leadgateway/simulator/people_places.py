"""The countries invented people live in: who they are and how they type numbers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of number: each # is a digit; both masks hold equally many of them."""

    national: str
    international: str


@dataclass(frozen=True, slots=True)
class Country:
    """One country: how often it appears, its culture and its lines."""

    code: str
    weight: int
    culture: str
    calling_code: str
    lines: tuple[Line, ...]
    dial_out: str = "00"  # what people there dial before a foreign number; "" where it is not plain


def _country(
    code: str, weight: int, culture: str, calling_code: str, *lines: str, dial_out: str = "00"
) -> Country:
    pairs = (line.partition("|") for line in lines)
    masks = tuple(Line(national, international) for national, _, international in pairs)
    return Country(code, weight, culture, calling_code, masks, dial_out)


COUNTRIES = (
    _country(
        "BR",
        16,
        "portuguese",
        "55",
        "(11) 9####-####|11 9####-####",
        "(21) 98###-####|21 98###-####",
        "(31) 3###-####|31 3###-####",
        "(85) 99###-####|85 99###-####",
        "(51) 3###-####|51 3###-####",
        dial_out="",
    ),
    _country(
        "US",
        16,
        "english",
        "1",
        "(212) 6##-####|212-6##-####",
        "415-7##-####|415 7## ####",
        "(305) 4##-####|305-4##-####",
        "312.9##.####|312.9##.####",
        "(512) 8##-####|512-8##-####",
        dial_out="011",
    ),
    _country(
        "CA",
        4,
        "english",
        "1",
        "(416) 6##-####|416-6##-####",
        "604-7##-####|604 7## ####",
        "514 8##-####|514 8##-####",
        dial_out="011",
    ),
    _country(
        "GB",
        6,
        "english",
        "44",
        "020 7### ####|20 7### ####",
        "07400 ######|7400 ######",
        "0161 4## ####|(0)161 4## ####",
    ),
    _country("IE", 2, "english", "353", "085 ### ####|85 ### ####"),
    _country(
        "AU",
        3,
        "english",
        "61",
        "0412 ### ###|412 ### ###",
        "(02) 9### ####|2 9### ####",
        dial_out="0011",
    ),
    _country("DE", 6, "german", "49", "0151 2#######|151 2#######", "030 2#######|(0)30 2#######"),
    _country("AT", 1, "german", "43", "0664 #######|664 #######"),
    _country("CH", 2, "german", "41", "079 ### ## ##|79 ### ## ##"),
    _country(
        "FR", 5, "french", "33", "06 1# ## ## ##|6 1# ## ## ##", "01.42.##.##.##|1 42 ## ## ##"
    ),
    _country("ES", 4, "spanish", "34", "612 ## ## ##|612 ## ## ##", "91 5## ## ##|91 5## ## ##"),
    _country("PT", 3, "portuguese", "351", "912 ### ###|912 ### ###", "21 3## ####|21 3## ####"),
    _country("IT", 4, "italian", "39", "347 #######|347 #######"),
    _country("NL", 3, "dutch", "31", "06-1#######|6 1#######"),
    _country("BE", 1, "dutch", "32", "0470 ## ## ##|470 ## ## ##"),
    _country("PL", 2, "polish", "48", "512 ### ###|512 ### ###"),
    _country("SE", 2, "nordic", "46", "070-### ## ##|70 ### ## ##"),
    _country("NO", 1, "nordic", "47", "412 ## ###|412 ## ###"),
    _country("TR", 2, "turkish", "90", "0532 ### ## ##|532 ### ## ##"),
    _country("RU", 3, "russian", "7", "8 (916) ###-##-##|916 ###-##-##", dial_out=""),
    _country("UA", 2, "ukrainian", "380", "050 ### ## ##|50 ### ## ##"),
    _country("GR", 1, "greek", "30", "694 ### ####|694 ### ####"),
    _country("IL", 1, "hebrew", "972", "052-4##-####|52-4##-####", dial_out=""),
    _country("AE", 2, "arabic", "971", "050 ### ####|50 ### ####"),
    _country("SA", 2, "arabic", "966", "050 ### ####|50 ### ####"),
    _country("EG", 2, "arabic", "20", "010 0### ####|100 ### ####"),
    _country("IN", 6, "indian", "91", "098### #####|98### #####"),
    _country("ID", 3, "indonesian", "62", "0812-####-####|812-####-####", dial_out=""),
    _country("CN", 4, "chinese", "86", "138 #### ####|138 #### ####"),
    _country("HK", 1, "singaporean", "852", "61## ####|61## ####", dial_out=""),
    _country("SG", 2, "singaporean", "65", "91## ####|91## ####", dial_out=""),
    _country("JP", 4, "japanese", "81", "090-1###-####|90-1###-####", dial_out="010"),
    _country("KR", 3, "korean", "82", "010-4###-####|10-4###-####", dial_out=""),
    _country("VN", 2, "vietnamese", "84", "091 ### ####|91 ### ####"),
    _country("PH", 2, "filipino", "63", "0917 ### ####|917 ### ####"),
    _country("MX", 4, "spanish", "52", "55 4### ####|55 4### ####", "33 1### ####|33 1### ####"),
    _country("AR", 2, "spanish", "54", "011 4###-####|11 4###-####"),
    _country("CO", 2, "spanish", "57", "300 ### ####|300 ### ####", dial_out=""),
    _country("CL", 1, "spanish", "56", "9 8### ####|9 8### ####", dial_out=""),
    _country("ZA", 2, "african", "27", "082 ### ####|82 ### ####"),
    _country("NG", 2, "african", "234", "0803 ### ####|803 ### ####", dial_out="009"),
)
