"""Phone numbers that leave nothing to judge are read by their plan's pattern alone.

What is taken here is what the thorough reading would answer; `None` refuses nothing, it means that
the text has to be read thoroughly.
"""

from __future__ import annotations

import re

from leadgateway.normalize.assembly import assembled
from leadgateway.normalize.dialling import home_in, international, known_regions
from leadgateway.normalize.phone_patterns import LONGEST_E164, Reading
from leadgateway.values import PhoneNumber

_LONGEST = 250  # phonenumbers reads no more
_EXTENDED = re.compile(r"([0-9+ ().-]+)(?:x|ext\.?|;ext=) ?([0-9]{1,6})", re.IGNORECASE)

NATIONAL = re.compile(r"[0-9(][0-9 ()-]{0,200}(?:(?:ext\.?|x) ?[0-9]{1,7})?")
"""What only a country could make a number of, even with an extension behind it."""

# Enough digits for a person's number, not all of them the same.
_MANY = re.compile(r"(?=(?:[^0-9]*[0-9]){5})[^0-9]*([0-9])(?:[^0-9]|\1)*+.")


def lacks_country(text: str) -> bool:
    """Whether a country is all that `text` lacks to be read: nothing else can be said of it."""
    return NATIONAL.fullmatch(text) is not None and _MANY.match(text) is not None


def at_sight(text: str, region: str | None) -> PhoneNumber | None:
    """Return the number if its text is plain and a plan takes it."""
    if not text.isascii() or (region is not None and region not in known_regions()):
        return None
    extension = None
    digits = text[1:]
    if text[:1] == "+" and digits.isdigit():
        reading = international(digits)
    else:
        reading = _read(text, region)
        if reading is None and (parts := _EXTENDED.fullmatch(text)):
            extension = parts[2]
            reading = _read(parts[1], region)
    if reading is None:
        return None
    e164, country, validity = reading
    if len(e164) > LONGEST_E164:
        return None
    return assembled(
        PhoneNumber,
        {
            "raw": text,
            "e164": e164,
            "extension": extension,
            "region": country,
            "validity": validity,
        },
    )


def _read(text: str, region: str | None) -> Reading | None:
    if len(text) > _LONGEST:
        return None
    if text[:4].lower() == "tel:":
        text = text[4:]
    digits = text.replace(" ", "").replace("-", "").replace("(", "").replace(")", "")
    if "." in digits:
        if digits.endswith((".0", ".00")):  # perhaps of a spreadsheet
            return None
        digits = digits.replace(".", "")
    if digits[:1] == "+":
        digits = digits[1:]
        return international(digits) if digits.isdigit() else None
    return home_in(region).read(digits) if region is not None and digits.isdigit() else None
