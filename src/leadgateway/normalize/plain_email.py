"""E-mail addresses of the everyday form are read by one pattern; any other domain is read once.

What is taken here is what the thorough reading would answer; `None` refuses nothing, it means that
the text has to be read thoroughly.
"""

from __future__ import annotations

import re
from functools import lru_cache

from leadgateway.normalize.assembly import assembled
from leadgateway.normalize.domain import LONGEST, LONGEST_LOCAL, ascii_domain
from leadgateway.values import EmailAddress

_SPACES = " \u00a0"
_SHORT = 64  # neither the local part nor a label can be too long in so short an address
_KEPT_DOMAINS = 4096

_ATOM = r"[a-zA-Z0-9!#$%&'*+\-/=?^_`{|}~]++"  # RFC 5322 3.2.3
_LOCAL = rf"{_ATOM}(?:\.{_ATOM})*+"
# Two hyphens in a row are left to email-validator: they may stand for other scripts.
_DOMAIN = r"[a-zA-Z0-9]++(?:[.-][a-zA-Z0-9]++)*+(?<=[a-zA-Z])"
_EVERYDAY = re.compile(f"{_LOCAL}@{_DOMAIN}")
_PLAIN_LOCAL = re.compile(_LOCAL)


def at_sight(text: str) -> EmailAddress | None:
    """Return the address if all of it is plain ASCII, or its domain is already known to be one."""
    typed = text.strip(_SPACES)
    if len(typed) > _SHORT or not _EVERYDAY.fullmatch(typed):
        return _with_a_known_domain(text, typed)
    key = typed.lower()
    if key == typed:
        address = typed
    else:
        at = typed.index("@")
        address = typed[:at] + key[at:]
    return assembled(EmailAddress, {"raw": text, "address": address, "key": key})


def _with_a_known_domain(text: str, typed: str) -> EmailAddress | None:
    local, _, domain = typed.partition("@")
    if len(typed) > LONGEST or len(local) > LONGEST_LOCAL or not _PLAIN_LOCAL.fullmatch(local):
        return None
    known = _known_domain(domain)
    if known is None:
        return None
    return EmailAddress(raw=text, address=f"{local}@{known}", key=f"{local.lower()}@{known}")


@lru_cache(_KEPT_DOMAINS)
def _known_domain(domain: str) -> str | None:
    """Return the ASCII form of a domain that goes with a local part of any length."""
    return ascii_domain("a" * LONGEST_LOCAL + "@" + domain, smtputf8=False)
