"""E-mail addresses: the domain in lower case and as an A-label, the local part untouched."""

from __future__ import annotations

import re
import unicodedata

from leadgateway.errors import NormalizationError
from leadgateway.normalize.domain import LONGEST, LONGEST_LOCAL, ascii_domain
from leadgateway.normalize.plain_email import at_sight
from leadgateway.normalize.text import has_surrogates, nfc_key
from leadgateway.values import EmailAddress

_SPACES = " \u00a0"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_BETWEEN_ADDRESSES = re.compile(r"[\s,;|/&]")
_COMMENT = re.compile(r"\([^()]*\)")
_UNUSUAL = frozenset('"([')

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
    return at_sight(text) or thoroughly(text)


def thoroughly(text: str) -> EmailAddress:
    """Return what `email` returns, whatever the text, by the rules of email-validator."""
    typed = text.strip(_SPACES)
    domain = ascii_domain(typed, smtputf8=False)
    if domain is None:
        code = _refusal(typed)
        raise NormalizationError("email", code, _HINTS[code])
    local = typed.partition("@")[0]
    return EmailAddress(raw=text, address=f"{local}@{domain}", key=f"{local.lower()}@{domain}")


def international_key(text: str) -> str | None:
    """Return the matching key of an address that only SMTPUTF8 could carry, if it is one."""
    typed = text.strip(_SPACES)
    domain = ascii_domain(typed, smtputf8=True)
    return None if domain is None else f"{nfc_key(typed.partition('@')[0])}@{domain}"


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
    if len(typed.encode()) > LONGEST or len(local) > LONGEST_LOCAL:
        return "too_long"
    if not typed.isascii() and ascii_domain(typed, smtputf8=True):
        return "smtputf8"
    if not _UNUSUAL.isdisjoint(typed) and ascii_domain(
        _COMMENT.sub("", typed), smtputf8=True, unusual=True
    ):
        return "unusual"
    return "invalid"
