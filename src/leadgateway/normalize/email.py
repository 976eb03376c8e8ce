"""E-mail addresses: the domain in lower case and as an A-label, the local part untouched."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from leadgateway.errors import NormalizationError
from leadgateway.values import EmailAddress


def email(text: str) -> EmailAddress:
    """Return the address as it can be sent and its key for matching; no look-up is made."""
    try:
        found = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError:
        raise NormalizationError("email", "invalid") from None
    address = f"{found.local_part}@{found.ascii_domain}"
    return EmailAddress(raw=text, address=address, key=address.casefold())
