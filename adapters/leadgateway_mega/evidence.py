"""Created or merged: MEGA answers 201 to both, so only what the answer shows can tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from leadgateway.adapter import Outcome
from leadgateway.exchange import Response
from leadgateway.lead import Lead

TOLERANCE: Final = timedelta(seconds=2)
"""A `Date` is cut to the second, and stamps of one event may lie a little apart."""

_NO_DIGITS: Final = re.compile("[^0-9]+")

LAST_DIGITS: Final = 10  # dev.gomega.ai/push-leads


@dataclass(frozen=True)
class Verdict:
    """What a create came to, by what a merged lead was found, and why that is in doubt, if it is.

    `doubt` is `no_clock` (nothing dates the lead or the answer), `clocks_disagree` (the lead is
    younger than the answer), `slow_or_merged` (a few seconds old), or `replay_or_merged` (older
    than this exchange, which a keyed resend of our own earlier create would be, too).
    """

    outcome: Outcome
    matched_by: str | None = None
    doubt: str | None = None


def judge(sent: Mapping[str, Any], lead: Lead, response: Response, deadline: timedelta) -> Verdict:
    """Return what the answer to a single create proves; `deadline` is the longest exchange."""
    merged = Verdict(Outcome.MERGED, matched_by(sent, lead))
    if _was_there_before(sent, lead):
        return merged
    answered_at = _date(response)
    if answered_at is None or lead.created_at is None:
        return Verdict(Outcome.MERGED, doubt="no_clock")
    age = answered_at - lead.created_at
    if age < -TOLERANCE:
        return Verdict(Outcome.CREATED, doubt="clocks_disagree")
    if age <= TOLERANCE:
        return Verdict(Outcome.CREATED)
    if age <= deadline:
        return Verdict(Outcome.CREATED, doubt="slow_or_merged")
    if response.request.header("idempotency-key") is None:
        return merged
    return Verdict(merged.outcome, merged.matched_by, "replay_or_merged")


def matched_by(sent: Mapping[str, Any], lead: Lead) -> str | None:
    """Return the one contact that fits; `None` where both do, since either may have decided."""
    fits = [
        kind
        for kind, same in (
            ("email", _same_email(sent.get("contact_email"), lead)),
            ("phone", _same_phone(sent.get("contact_phone"), lead)),
        )
        if same
    ]
    return fits[0] if len(fits) == 1 else None


def respelled(sent: Mapping[str, Any], lead: Lead) -> frozenset[str]:
    """Return the contacts that MEGA shows and takes for those that were sent."""
    same = {
        "emails": _same_email(sent.get("contact_email"), lead),
        "phones": _same_phone(sent.get("contact_phone"), lead),
    }
    return frozenset(path for path in same if same[path])


def _was_there_before(sent: Mapping[str, Any], lead: Lead) -> bool:
    """Whether the lead has a contact we did not send, or was changed after it was created."""
    if (_email(lead) and "contact_email" not in sent) or (
        _phone(lead) and "contact_phone" not in sent
    ):
        return True
    if lead.created_at is None or lead.updated_at is None:
        return False
    return lead.updated_at - lead.created_at > TOLERANCE


def _email(lead: Lead) -> str:
    return lead.email.raw if lead.email else ""


def _phone(lead: Lead) -> str:
    return lead.phone.raw if lead.phone else ""


def _same_email(sent: str | None, lead: Lead) -> bool:
    return sent is not None and sent.casefold() == _email(lead).casefold()


def _same_phone(sent: str | None, lead: Lead) -> bool:
    """Whether both end in the same ten digits; how MEGA treats fewer is not documented."""
    ours, theirs = _digits(sent or ""), _digits(_phone(lead))
    return len(ours) >= LAST_DIGITS and ours[-LAST_DIGITS:] == theirs[-LAST_DIGITS:]


def merge_keys(fields: Mapping[str, Any]) -> frozenset[str]:
    """Return what MEGA may know this lead by: its e-mail, the last ten digits of its number.

    Whether an extension counts among the digits is not documented, so a number with one has both.
    """
    email, phone = fields.get("contact_email"), fields.get("contact_phone") or ""
    numbers = [_digits(phone)]
    if ";" in phone:
        numbers.append(_digits(phone.replace(";", "")))
    keys = [f"phone:{n[-LAST_DIGITS:]}" for n in numbers if len(n) >= LAST_DIGITS]
    return frozenset([*keys, f"email:{email.lower()}"] if email else keys)


def _digits(text: str) -> str:
    if text.isascii():
        return _NO_DIGITS.sub("", text.partition(";")[0])
    return "".join(str(int(char)) for char in text.partition(";")[0] if char.isdecimal())


def _date(response: Response) -> datetime | None:
    """Return when the vendor's own clock says it answered."""
    try:
        moment = parsedate_to_datetime(response.header("date") or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
