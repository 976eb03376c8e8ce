"""The normalizers for reading: they never raise, and what they refuse is kept as typed."""

from __future__ import annotations

from leadgateway.errors import NormalizationError
from leadgateway.normalize.email import email as strict_email
from leadgateway.normalize.name import name as strict_name
from leadgateway.normalize.phone import phone as strict_phone
from leadgateway.values import EmailAddress, Issue, PersonName, PhoneNumber, PhoneValidity

_VALIDITIES = {str(validity): validity for validity in PhoneValidity}


def name(text: str, issues: list[Issue]) -> PersonName:
    """Read a person's name; one that cannot be written anywhere is kept whole, and reported."""
    try:
        return strict_name(text)
    except NormalizationError as error:
        issues.append(_issue("name", error))
        return PersonName(full=text)


def email(text: str, issues: list[Issue]) -> EmailAddress:
    """Read an e-mail address; one that is not valid is kept as typed, and reported."""
    try:
        return strict_email(text)
    except NormalizationError as error:
        issues.append(_issue("emails", error))
        return EmailAddress(raw=text)


def phone(text: str, region: str | None, issues: list[Issue]) -> PhoneNumber:
    """Read a phone number; one that is not valid is kept as typed with the reason as `validity`."""
    try:
        return strict_phone(text, region)
    except NormalizationError as error:
        issues.append(_issue("phones", error))
        validity = _VALIDITIES.get(error.code, PhoneValidity.INVALID)
        return PhoneNumber(raw=text, validity=validity)


def _issue(path: str, error: NormalizationError) -> Issue:
    return Issue(path=path, code=error.code, detail=str(error))
