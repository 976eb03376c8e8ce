"""The normalizers for reading: they never raise, and what they refuse is kept as typed.

Half a character is the exception: no text can hold it, so it is kept as its escape.
"""

from __future__ import annotations

from leadgateway.errors import NormalizationError
from leadgateway.normalize.assembly import assembled
from leadgateway.normalize.email import email as strict_email
from leadgateway.normalize.email import international_key
from leadgateway.normalize.name import name as strict_name
from leadgateway.normalize.phone import phone as strict_phone
from leadgateway.normalize.phone import refusal
from leadgateway.normalize.plain_phone import lacks_country
from leadgateway.values import EmailAddress, Issue, PersonName, PhoneNumber, PhoneValidity

_VALIDITIES = {str(validity): validity for validity in PhoneValidity}


def name(text: str, issues: list[Issue]) -> PersonName:
    """Read a person's name; one that cannot be written anywhere is kept whole, and reported."""
    try:
        return strict_name(text)
    except NormalizationError as error:
        issues.append(_issue("name", error))
        return PersonName(full=_storable(text))


def email(text: str, issues: list[Issue]) -> EmailAddress:
    """Read an e-mail address; one that cannot be sent everywhere is kept as typed, and reported.

    A valid address with other than ASCII before the @ has a key, for matching, and no `address`.
    """
    try:
        return strict_email(text)
    except NormalizationError as error:
        issues.append(_issue("emails", error))
        key = international_key(text) if error.code == "smtputf8" else None
        return EmailAddress(raw=_storable(text), key=key)


def phone(text: str, region: str | None, issues: list[Issue]) -> PhoneNumber:
    """Read a phone number; one that is not valid is kept as typed with the reason as `validity`.

    A region nobody knows is reported, and the number is read as if none had been given.
    """
    if region is None and lacks_country(text):
        issues.append(_LACKS_COUNTRY)
        return assembled(
            PhoneNumber, {"raw": text, **_WITHOUT_COUNTRY}, {"raw", "region", "validity"}
        )
    try:
        return strict_phone(text, region)
    except NormalizationError as error:
        issues.append(_issue("phones", error))
        if error.code == "unknown_region":
            return phone(text, None, issues)
        validity = _VALIDITIES.get(error.code, PhoneValidity.INVALID)
        return PhoneNumber(raw=_storable(text), region=region, validity=validity)


def _issue(path: str, error: NormalizationError) -> Issue:
    return Issue.of(path, error.code, str(error))


_LACKS_COUNTRY = _issue("phones", refusal(PhoneValidity.NO_REGION))
_WITHOUT_COUNTRY = {
    "e164": None,
    "extension": None,
    "region": None,
    "validity": PhoneValidity.NO_REGION,
}


def _storable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
