"""Looking for a doubtful write at the target: by our mark, or as the one lead that fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from leadgateway.aio import AsyncConnection
from leadgateway.lead import Lead
from leadgateway.mapping import disagreements

CLOCK_SLACK = timedelta(minutes=10)
"""How far the vendor's clock and the journal's may lie apart."""


@dataclass
class Doubt:
    """A row of which nobody knows whether it arrived, and what was found that might be it.

    `arrival` is what the target would show of it; `reference` what its marker field would hold.
    """

    seq: int
    intent_id: int
    since: datetime
    arrival: Lead
    reference: str
    found: list[str] = field(default_factory=list)

    @property
    def identity(self) -> frozenset[str]:
        """What a lead must share with this one to be it."""
        return identity_of(self.arrival)


def identity_of(lead: Lead) -> frozenset[str]:
    """Return the match keys of a lead, or its name with its company where it has none."""
    if lead.match_keys:
        return lead.match_keys
    name = lead.name.full if lead.name else ""
    company = (lead.company.name if lead.company else None) or ""
    return frozenset({f"name:{name}|{company}"})


def since_epoch(seconds: float) -> datetime:
    """Return the instant of a journal's time."""
    return datetime.fromtimestamp(seconds, UTC)


async def look_up(target: AsyncConnection, doubts: Sequence[Doubt]) -> None:
    """Fill in what fits each of `doubts`, in one walk over the target.

    With a marker field only the mark counts. Otherwise a lead fits if it shares the identity, was
    not made before the request, and agrees in everything the request said.
    """
    table, terms = target.opened.session.adapter.table, target.opened.adapter.settings
    by_mark = {doubt.reference: doubt for doubt in doubts if doubt.reference}
    by_key: dict[str, list[Doubt]] = {}
    for doubt in doubts:
        doubt.found.clear()
        for key in doubt.identity:
            by_key.setdefault(key, []).append(doubt)
    earliest = min(doubt.since for doubt in doubts) - CLOCK_SLACK
    filters = target.capabilities.filters
    listing = (
        target.list_leads(created_since=earliest)
        if "created_since" in filters
        else target.list_leads()
    )
    async for lead in listing:
        if lead.ref is None:
            continue
        if terms.marker is not None:
            marked = by_mark.get(table.mark_of(lead.raw, terms) or "")
            if marked is not None:
                marked.found.append(lead.ref.id)
            continue
        suspects = {id(d): d for key in identity_of(lead) for d in by_key.get(key, ())}
        for doubt in suspects.values():
            if _fits(doubt, lead):
                doubt.found.append(lead.ref.id)


def _fits(doubt: Doubt, lead: Lead) -> bool:
    if lead.created_at is not None and lead.created_at < doubt.since - CLOCK_SLACK:
        return False
    return not disagreements(doubt.arrival, lead, ())
