"""E-mail addresses: the domain in lower case and as an A-label, the local part untouched."""

from __future__ import annotations

import re
import unicodedata

from leadgateway.errors import NormalizationError
from leadgateway.normalize.text import has_surrogates, nfc_key
from leadgateway.values import EmailAddress

_SPACES = " \u00a0"
_LONGEST = 254  # RFC 5321 4.5.3.1.3, erratum 1690
_LONGEST_LOCAL = 64  # RFC 5321 4.5.3.1.1
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_BETWEEN_ADDRESSES = re.compile(r"[\s,;|/&]")
_COMMENT = re.compile(r"\([^()]*\)")

_HINTS = {
    "empty": "no text",
    "surrogate": "half a character",
    "control_character": "a control character or a line break",
    "invisible_character": "a character that cannot be seen",
    "mailto": "a link, not an address",
    "display_name": "angle brackets",
    "two_addresses": "more than one address",
    "too_long": "254 bytes in all and 64 before the @ are the limits",
    "unusual": "a quoted local part, a comment or an IP address",
    "smtputf8": "only ASCII before the @ is carried everywhere",
    "invalid": "not an address",
}


def email(text: str) -> EmailAddress:
    """Return the address as it can be sent and its key for matching; no look-up is made.

    Reserved and dotless domains are addresses too. Plus tags and dots are part of the address.
    """
    typed = text.strip(_SPACES)
    domain = _ascii_domain(typed, smtputf8=False)
    if domain is None:
        code = _refusal(typed)
        raise NormalizationError("email", code, _HINTS[code])
    local = typed.partition("@")[0]
    return EmailAddress(raw=text, address=f"{local}@{domain}", key=f"{local.lower()}@{domain}")


def international_key(text: str) -> str | None:
    """Return the matching key of an address that only SMTPUTF8 could carry, if it is one."""
    typed = text.strip(_SPACES)
    domain = _ascii_domain(typed, smtputf8=True)
    return None if domain is None else f"{nfc_key(typed.partition('@')[0])}@{domain}"


def _ascii_domain(typed: str, *, smtputf8: bool, unusual: bool = False) -> str | None:
    """Return the domain in its ASCII form, or `None` where `typed` is not an address."""
    from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

    if len(typed) > _LONGEST:
        return None
    # The library refuses reserved domains, which we keep: a label of the same length stands in.
    reserved = typed.rpartition("@")[2].rpartition(".")[2].lower()
    if reserved in SPECIAL_USE_DOMAIN_NAMES:
        typed = typed[: -len(reserved)] + "z" * len(reserved)
    else:
        reserved = ""
    try:
        found = validate_email(
            typed,
            allow_smtputf8=smtputf8,
            allow_quoted_local=unusual,
            allow_domain_literal=unusual,
            strict=True,
            globally_deliverable=False,
            check_deliverability=False,
        )
    except EmailNotValidError:
        return None
    domain = found.ascii_domain
    if reserved:
        return domain[: -len(reserved)] + reserved
    # No top-level domain ends in a digit: 192.0.2.1 is not a domain.
    return domain if domain[-1].isalpha() or domain[-1] == "]" else None


def _refusal(typed: str) -> str:
    """Return the code that says best why `typed` is not an address to be sent to."""
    if not typed:
        return "empty"
    if has_surrogates(typed):
        return "surrogate"
    if _CONTROL.search(typed):
        return "control_character"
    if not typed.isascii() and any(unicodedata.category(one) == "Cf" for one in typed):
        return "invisible_character"
    if typed[:7].lower() == "mailto:":
        return "mailto"
    if "<" in typed or ">" in typed:
        return "display_name"
    if '"' not in typed and _BETWEEN_ADDRESSES.search(typed, typed.find("@"), typed.rfind("@")):
        return "two_addresses"
    return _refusal_of_one(typed)


def _refusal_of_one(typed: str) -> str:
    local = typed.rpartition("@")[0]
    if len(typed.encode()) > _LONGEST or len(local) > _LONGEST_LOCAL:
        return "too_long"
    if _ascii_domain(typed, smtputf8=True):
        return "smtputf8"
    if _ascii_domain(_COMMENT.sub("", typed), smtputf8=True, unusual=True):
        return "unusual"
    return "invalid"
