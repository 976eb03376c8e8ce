"""Phone numbers and e-mail addresses by the hundred thousand: right, nearly right and wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from random import Random

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)

Dialled = tuple[str, str | None]
"""A phone number's text and the region to read it in."""


@cache
def examples() -> Sequence[tuple[str, phonenumbers.PhoneNumber]]:
    """Every type of number in every region, and those of no country with a region at random."""
    national = [
        (region, phonenumbers.example_number_for_type(region, kind))
        for region in REGIONS
        for kind in PhoneNumberType.values()
    ]
    codes = phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS
    entities = [
        (region, phonenumbers.example_number_for_non_geo_entity(code))
        for region, code in zip(REGIONS, codes, strict=False)
    ]
    return [(region, number) for region, number in (*national, *entities) if number is not None]


# What chance seldom finds: it loses a prefix each time it is read; it begins like its own code.
_RARE: Sequence[Dialled] = (("+3758102563416", None), ("390123464", "VA"))


def phones(seed: int, count: int) -> Iterator[Dialled]:
    """Yield texts and the region to read them in, the same ones for the same seed."""
    random = Random(seed)
    yield from _RARE
    for _ in range(count - len(_RARE)):
        region, example = random.choice(examples())
        digits = phonenumbers.national_significant_number(example)
        if random.random() < 0.15:
            digits = _disguised(random, region, example, digits)
        digits = _changed(random, digits)
        text, home = random.choice(_SPELLINGS)(random, region, example, digits)
        if random.random() < 0.3:
            text = _punctuated(random, text)
        if random.random() < 0.1:
            text = random.choice([" ", "tel:", "Tel:", "(", "(+", "+", " +", "-", "\u00a0"]) + text
        if random.random() < 0.1:
            text += random.choice(_ENDINGS)
        yield text, home


def _disguised(random: Random, region: str, example: phonenumbers.PhoneNumber, digits: str) -> str:
    """Let a number begin like a national prefix, or like its own calling code."""
    beginning = random.choice([_national_prefix(region), str(example.country_code)])
    return random.choice([beginning + digits, beginning + digits[len(beginning) :]])


def _changed(random: Random, digits: str) -> str:
    """Most numbers keep their beginning, some lose or gain a digit, some stay as they are."""
    fate = random.random()
    if fate < 0.7:
        kept = random.randrange(len(digits) + 1)
        return digits[:kept] + "".join(random.choice("0123456789") for _ in digits[kept:])
    if fate < 0.76:
        return digits[:-1]
    return digits + random.choice("0123456789") if fate < 0.82 else digits


def _punctuated(random: Random, text: str) -> str:
    marks = random.choice([" ", "-", ".", " -", " ()-", " -()./,x+#\t"])
    share = random.choice([0.1, 0.3])
    return "".join(
        digit + random.choice(marks) if random.random() < share else digit for digit in text
    )


_ENDINGS = (
    *(" x12", " ext 5", "x1234567", "ext.99", ";ext=4", " EXT. 123456", " #77", ",,8", " x", "#"),
    *(" ", " 0", "-", " /", " or 5", "e5", ".0", ".00", "\n", " m", "x1x2", "\u0661"),
)


def _abroad(random: Random, region: str, example: phonenumbers.PhoneNumber, digits: str) -> Dialled:
    prefix = random.choice(["", "", "", _national_prefix(region), f"({_national_prefix(region)})"])
    return f"+{example.country_code}{prefix}{digits}", random.choice([None, region, *REGIONS[:3]])


def _at_home(
    random: Random, region: str, _example: phonenumbers.PhoneNumber, digits: str
) -> Dialled:
    return random.choice(["", _national_prefix(region)]) + digits, region


def _elsewhere(
    random: Random, _region: str, _example: phonenumbers.PhoneNumber, digits: str
) -> Dialled:
    beginning = random.choice(["", "0", "00", "1", "8", "06", "15", "9", "044"])
    return beginning + digits, random.choice([None, *REGIONS])


def _with_the_code(
    random: Random, region: str, example: phonenumbers.PhoneNumber, digits: str
) -> Dialled:
    exit_code = random.choice(["", "", "00", "011", "0011", "810", "010", "0001"])
    return f"{exit_code}{example.country_code}{digits}", random.choice([region, *REGIONS])


def _as_printed(
    random: Random, region: str, example: phonenumbers.PhoneNumber, _digits: str
) -> Dialled:
    form = random.choice([PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL])
    return phonenumbers.format_number(example, form), region


def _anything(
    random: Random, region: str, _example: phonenumbers.PhoneNumber, _digits: str
) -> Dialled:
    digits = str(random.randrange(10 ** random.randrange(1, 14)))
    return random.choice(["", "+", "0"]) + digits, region


_SPELLINGS: Sequence[Callable[[Random, str, phonenumbers.PhoneNumber, str], Dialled]] = (
    *(_abroad, _abroad, _abroad, _at_home, _at_home, _at_home),
    *(_elsewhere, _with_the_code, _as_printed, _anything),
)


def _national_prefix(region: str) -> str:
    metadata = PhoneMetadata.metadata_for_region(region)
    return (metadata and metadata.national_prefix) or "0"


_LOCAL = "abcxyzABCXYZ0123456789" * 3 + "!#$%&'*+-/=?^_`{|}~."
_ODD_LOCAL = _LOCAL + '.. "\\()<>[],;:@é例ß\u0301\u200b'
_LABEL = "abcxyzABCXYZ019" * 3 + "-"
_ODD_LABEL = _LABEL + "--_.. éßα例。ｅА\u0301\u200b@!"
_TOPS = (
    *("com", "de", "co.uk", "COM", "museum", "jp", "test", "local", "localhost", "arpa", "onion"),
    *("invalid", "c", "1", "a1", "1a", "com.", "", "xn--p1ai", "рф", "c-m", "-com", "com-"),
)
_ODD_LABELS = (
    *("xn--mnchen-3ya", "XN--mnchen-3ya", "xn--", "ab--cd", "a--b", "a-.b", "münchen", "例え"),
    *("bücher", "a" * 63, "a" * 64, "é" * 30, "straße", "1", "[127.0.0.1]", "א", "1א"),
)


def emails(seed: int, count: int) -> Iterator[str]:
    """Yield texts that are addresses or nearly so, the same ones for the same seed."""
    random = Random(seed)
    for _ in range(count):
        text = f"{_local(random)}@{_domain(random)}"
        fate = random.random()
        if fate < 0.05:
            text = random.choice([" ", "\u00a0", "mailto:", "<", "\t", "@", "."]) + text
        elif fate < 0.1:
            text += random.choice([" ", "\u00a0", ">", "\n", ";a@b.com", "@", ".", " "])
        elif fate < 0.13:
            at = random.randrange(len(text))
            text = text[:at] + text[at + 1 :]
        yield text


def _word(random: Random, letters: str, longest: int) -> str:
    return "".join(random.choice(letters) for _ in range(random.randrange(1, longest)))


def _local(random: Random) -> str:
    fate = random.random()
    if fate < 0.03:
        return "l" * random.choice([62, 63, 64, 65])
    if fate < 0.06:
        return random.choice(["info", "POSTMASTER", "Sales", "abuse", "www"])
    return _word(random, _ODD_LOCAL if fate < 0.2 else _LOCAL, 14)


def _domain(random: Random) -> str:
    labels = [_word(random, _LABEL, 12) for _ in range(random.choice([0, 1, 1, 1, 2, 2, 3]))]
    fate = random.random()
    if fate < 0.15:
        labels.insert(0, random.choice(_ODD_LABELS))
    elif fate < 0.2:
        labels.insert(0, _word(random, _ODD_LABEL, 8))
    elif fate < 0.23:
        labels.extend([random.choice("abc") * random.randrange(50, 64)] * random.choice([1, 3, 4]))
    return ".".join((*labels, random.choice(_TOPS if random.random() < 0.5 else _TOPS[:6])))
