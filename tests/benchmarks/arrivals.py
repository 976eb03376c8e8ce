"""What of each lead must be at the target after a move, whoever moved it.

Everything arrives as it was, but for phones and e-mail addresses, which may be normalised: of a
phone its digits are compared, of an address what is before the @. What is plainly neither may be
passed on or left out.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.benchmarks.rivals.fields import ADDRESS

Row = Mapping[str, Any]

_NO_DIGITS = re.compile("[^0-9]+")
_FEWEST, _MOST = 8, 15
"""So many digits has what is one number: fewer are a scrap of one, more are two."""


def wanted(work: str, leads: Iterable[Row]) -> Counter[int]:
    """The marks of Novala's leads: one a lead, equal to that of its copy."""
    return _marks(_WANTED[work], leads)


def held(work: str, leads: Iterable[Row]) -> Counter[int]:
    """The marks of the target's leads."""
    return _marks(_HELD[work], leads)


def _marks(shown: Callable[[Row], Any], leads: Iterable[Row]) -> Counter[int]:
    return Counter(hash(json.dumps(shown(lead), sort_keys=True)) for lead in leads)


def _wanted_at_mega(lead: Row) -> Any:
    kept = {
        "company_name": lead["companyName"],
        "intent": lead["intent"],
        "notes": lead["notes"],
    }
    reached = _number(lead["phone"]), _mailbox(lead["email"])
    return _name(lead), *reached, {**lead["customFields"], **kept}


def _held_by_mega(lead: Row) -> Any:
    reached = _number(lead["contact_phone"]), _mailbox(lead["contact_email"])
    return lead["contact_name"], *reached, lead["custom_fields"]


def _wanted_at_v1(lead: Row) -> Any:
    firm = lead["companyName"], lead["customFields"]["industry"]
    return _name(lead), _mailbox(lead["email"]), *firm


def _held_by_v1(lead: Row) -> Any:
    return lead["name"], _mailbox(lead["email"]), lead["company"], lead["industry"]


_WANTED = {"bulk": _wanted_at_mega, "single": _wanted_at_v1}
_HELD = {"bulk": _held_by_mega, "single": _held_by_v1}


def _name(lead: Row) -> str:
    return f"{lead['firstName']} {lead['lastName']}"


def _number(text: str | None) -> str:
    digits = _NO_DIGITS.sub("", text or "")
    return digits if _FEWEST <= len(digits) <= _MOST else ""


def _mailbox(text: str | None) -> str:
    return (text or "").partition("@")[0] if ADDRESS.fullmatch(text or "") else ""
