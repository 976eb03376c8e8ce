"""Phone numbers: E.164 where the number is valid, the extension apart, nothing guessed."""

from __future__ import annotations

import phonenumbers

from leadgateway.errors import NormalizationError
from leadgateway.values import PhoneNumber, PhoneValidity


def phone(text: str, region: str | None = None) -> PhoneNumber:
    """Return the number in E.164 with its extension apart, read in `region` where it is national."""
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise NormalizationError("phone", "not_a_phone") from None
    if not phonenumbers.is_valid_number(number):
        raise NormalizationError("phone", "invalid")
    return PhoneNumber(
        raw=text,
        e164=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        extension=number.extension,
        region=phonenumbers.region_code_for_number(number),
        validity=PhoneValidity.VALID,
    )
