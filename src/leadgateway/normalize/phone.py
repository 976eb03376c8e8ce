"""Phone numbers: E.164 where the number is valid, the extension apart, nothing guessed."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NoReturn

from leadgateway.errors import NormalizationError
from leadgateway.normalize.phone_patterns import LONGEST_E164
from leadgateway.normalize.plain_phone import NATIONAL, at_sight
from leadgateway.normalize.text import has_surrogates
from leadgateway.values import PhoneNumber, PhoneValidity

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber as Parsed

_LONGEST = 250  # phonenumbers reads no more
_FEWEST_DIGITS = 5  # 911 and 112 are services, not a person's number
_WHOLE_NUMBER = 7  # digits that can be a number of their own
_ENTITY = "001"  # phonenumbers' region of numbers that belong to no country

# Nothing in such a text can be misread: no letters, no second number, no decimal point.
_EVERYDAY = re.compile(r"\+?[0-9 ()-]+")
_SPREADSHEET = re.compile(r"\+?[0-9]+[.,]0{1,2}|[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,2}")
# Where a second number may begin. One comma or semicolon before few digits is a dialling pause.
_BETWEEN = re.compile(
    r"(?:(?P<pause>(?<![,;])[,;](?![,;]))|[/\\]\s*x?|[|&\t\r\n]"
    r"|\s(?:or|and|oder|und|ou|et|o|y|e|или|и)\s)(?=[\s(+]*[0-9])"
    r"|(?<=[0-9])[\s().-]*(?=\+)",
    re.IGNORECASE,
)
# Without a country, phonenumbers reads only what begins with a plus or names its context.
_LACKS_PLUS = re.compile(r"(?!.*;phone-context=)[^0-9+]*(?:[0-9]|\Z)", re.DOTALL)
_LETTER_AFTER_DIGIT = re.compile(r"[0-9][^0-9A-Za-z]*(?=[A-Za-z])")
_LABEL = re.compile(r"(?<![a-z])ext", re.IGNORECASE)
_DIGIT = re.compile(r"[0-9]")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}

_HINTS = {
    PhoneValidity.NO_REGION: "a national number needs its country",
    PhoneValidity.INVALID: "no such number is in use",
    PhoneValidity.NOT_A_PHONE: "not a phone number",
    PhoneValidity.TWO_NUMBERS: "more than one number",
    PhoneValidity.SPREADSHEET_NUMBER: "a spreadsheet turned the number into a decimal",
}


def phone(text: str, region: str | None = None) -> PhoneNumber:
    """Return the number in E.164 with its extension apart, read in `region` where it is national.

    `region` is an ISO 3166 code. Only numbers that are in use according to their numbering plan
    have an answer; premium-rate numbers have one and are marked.
    """
    return at_sight(text, region) or thoroughly(text, region)


def refusal(validity: PhoneValidity) -> NormalizationError:
    """Return the error for a text that is no number, with the reason as its code."""
    return NormalizationError("phone", validity, _HINTS[validity])


def thoroughly(text: str, region: str | None) -> PhoneNumber:
    """Return what `phone` returns, whatever the text, by the rules of phonenumbers."""
    import phonenumbers

    home = _known(region)
    if has_surrogates(text):
        raise NormalizationError("phone", "surrogate", "half a character")
    typed = text.strip()
    if not typed.isascii():
        typed = _in_ascii(typed).strip()
    if home is None and NATIONAL.fullmatch(typed):
        _refuse(typed, home)
    everyday = _EVERYDAY.fullmatch(typed) is not None
    if not everyday:
        _refuse_what_would_be_misread(typed, home)
    number = _parsed(typed, home)
    if number is None:
        _refuse(typed, home)
    kind = phonenumbers.number_type(number)
    if kind == phonenumbers.PhoneNumberType.UNKNOWN:
        _refuse(typed, home)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not everyday and _has_words(typed, home, number, e164):
        raise NormalizationError("phone", PhoneValidity.INVALID, "words after the number")
    if len(e164) > LONGEST_E164:
        _refuse(typed, home)
    # A few numbers lose a national prefix each time they are read (+375 8 1024...).
    if typed != e164 and _e164(e164, None) != e164:
        _refuse(typed, home)
    country = phonenumbers.region_code_for_number(number)
    premium = kind == phonenumbers.PhoneNumberType.PREMIUM_RATE
    return PhoneNumber(
        raw=text,
        e164=e164,
        extension=number.extension,
        region=None if country == _ENTITY else country,
        validity=PhoneValidity.PREMIUM if premium else PhoneValidity.VALID,
    )


def _known(region: str | None) -> str | None:
    from phonenumbers import SUPPORTED_REGIONS

    if region is None or region in SUPPORTED_REGIONS:
        return region
    if region.isascii() and region.upper() in SUPPORTED_REGIONS:
        return region.upper()
    raise NormalizationError("phone", "unknown_region", "an ISO 3166 code of two letters is wanted")


def _in_ascii(text: str) -> str:
    """Return `text` with digits, spaces, dashes and full-width forms of any script in ASCII."""
    plain = []
    for character in text.translate(_FULL_WIDTH):
        category = unicodedata.category(character)
        if category == "Nd":
            plain.append(str(unicodedata.decimal(character)))
        elif category == "Zs":
            plain.append(" ")
        elif category == "Pd" or character == "\u2212":
            plain.append("-")
        elif category != "Cf":
            plain.append(character)
    return "".join(plain)


def _parsed(typed: str, home: str | None) -> Parsed | None:
    import phonenumbers

    if home is None and typed.isascii() and _LACKS_PLUS.match(typed):
        return None
    try:
        return phonenumbers.parse(typed, home)
    except phonenumbers.NumberParseException:
        return None


def _e164(typed: str, home: str | None) -> str | None:
    import phonenumbers

    number = _parsed(typed, home)
    if number is None or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _refuse_what_would_be_misread(typed: str, home: str | None) -> None:
    """Raise for what phonenumbers would read as one number of more digits."""
    if len(typed) > _LONGEST:
        _raise(PhoneValidity.NOT_A_PHONE)
    if _SPREADSHEET.fullmatch(typed):
        _raise(PhoneValidity.SPREADSHEET_NUMBER)
    for border in _BETWEEN.finditer(typed):
        tail = typed[border.end() :]
        if border["pause"] and _digits(tail) < _WHOLE_NUMBER:
            continue
        if _e164(typed[: border.start()], home):
            _raise(PhoneValidity.TWO_NUMBERS)


def _has_words(typed: str, home: str | None, number: Parsed, e164: str) -> bool:
    """Whether letters were read as digits that are none: after a whole number, or a label."""
    if number.extension is None and _LABEL.search(typed):
        return True
    return any(
        _e164(typed[: letters.end()], home) not in {None, e164}
        for letters in _LETTER_AFTER_DIGIT.finditer(typed)
    )


def _refuse(typed: str, home: str | None) -> NoReturn:
    """Raise with the code that says best why `typed` has no answer."""
    from phonenumbers import is_alpha_number

    different = len(set(_DIGIT.findall(typed)))
    if different == 1 or (_digits(typed) < _FEWEST_DIGITS and not is_alpha_number(typed)):
        _raise(PhoneValidity.NOT_A_PHONE)
    for border in _BETWEEN.finditer(typed):
        before, after = typed[: border.start()], typed[border.end() :]
        if min(_digits(before), _digits(after)) >= _WHOLE_NUMBER:
            _raise(PhoneValidity.TWO_NUMBERS)
    if home is None and "+" not in typed:
        _raise(PhoneValidity.NO_REGION)
    _raise(PhoneValidity.INVALID)


def _digits(text: str) -> int:
    return len(_DIGIT.findall(text))


def _raise(validity: PhoneValidity) -> NoReturn:
    raise refusal(validity)
