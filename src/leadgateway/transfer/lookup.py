"""Looking for doubtful writes at the target: by our mark, or as the leads that fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from leadgateway.aio import AsyncConnection
from leadgateway.lead import Lead
from leadgateway.mapping import RuleSet, Terms, disagreements
from leadgateway.transfer.scratch import Ids, pages_of, scratch

CLOCK_SLACK: Final = timedelta(minutes=10)
"""How far the vendor's clock and the journal's lie apart, as long as both are well."""

CLOCK_DOUBT: Final = timedelta(days=3)
"""How far they may lie apart where one was set: older leads are not looked at where the vendor
filters, and a lead that fits but is older than `CLOCK_SLACK` allows keeps the doubt alive."""

_MOST_NAMED = 5


@dataclass
class Doubt:
    """A row of which nobody knows whether it arrived, and what was found that might be it.

    `arrival` is what the target would show of it; `reference` what its marker field would hold.
    `fitting` are the ids of leads that say what it says; `similar` share its identity only, or
    seem to be too old. Once `judge` has been there, `found` is its lead, and `unclear` says why
    nobody can tell; with neither it surely did not arrive.
    """

    seq: int
    since: datetime
    arrival: Lead
    reference: str
    fitting: list[str] = field(default_factory=list)
    similar: list[str] = field(default_factory=list)
    found: str | None = None
    unclear: str = ""

    @property
    def absent(self) -> bool:
        """Whether it surely did not arrive."""
        return self.found is None and not self.unclear

    def consider(self, lead: Lead, lead_id: str) -> None:
        """Remember a lead that shares the identity, if it may be this one."""
        agrees = not disagreements(self.arrival, lead, ())
        recent = lead.created_at is None or lead.created_at >= self.since - CLOCK_SLACK
        if agrees and recent:
            self.fitting.append(lead_id)
        elif agrees or recent:
            self.similar.append(lead_id)


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


async def look_up(
    target: AsyncConnection,
    doubts: Sequence[Doubt],
    linked: Callable[[Sequence[str]], set[str]],
) -> None:
    """Find what became of `doubts`, in one walk over the target; `linked` names known leads.

    What is not in the list did not arrive, so a list cut short is a `BadResponse`.
    """
    table, terms = target.opened.session.adapter.table, target.opened.adapter.settings
    for doubt in doubts:
        doubt.fitting, doubt.similar = [], []
        doubt.found, doubt.unclear = None, ""
    suspects = _Suspects(doubts, table, terms)
    earliest = min(doubt.since for doubt in doubts) - CLOCK_DOUBT
    asked = {"created_since": earliest} if "created_since" in target.capabilities.filters else {}
    with scratch() as database:
        async with aclosing(pages_of(target, Ids(database), **asked)) as pages:
            async for page in pages:
                for lead in page.leads:
                    suspects.meet(lead)
    candidates = {each for doubt in doubts for each in (*doubt.fitting, *doubt.similar)}
    judge(doubts, linked(sorted(candidates)))


class _Suspects:
    """The doubts by what would give them away: their mark where there is one, else identity."""

    def __init__(self, doubts: Sequence[Doubt], table: RuleSet, terms: Terms) -> None:
        self._table = table
        self._terms = terms
        self._by_mark: dict[str, Doubt] = {}
        self._by_key: dict[str, list[Doubt]] = {}
        for doubt in doubts:
            if terms.marker is not None and doubt.reference:
                self._by_mark[doubt.reference] = doubt
                continue
            for key in identity_of(doubt.arrival):
                self._by_key.setdefault(key, []).append(doubt)

    def meet(self, lead: Lead) -> None:
        if lead.ref is None:
            return
        marked = self._by_mark.get(self._table.mark_of(lead.raw, self._terms) or "")
        if marked is not None:
            marked.fitting.append(lead.ref.id)
            return
        met = {id(doubt): doubt for key in identity_of(lead) for doubt in self._by_key.get(key, ())}
        for doubt in met.values():
            doubt.consider(lead, lead.ref.id)


def judge(doubts: Sequence[Doubt], taken: Iterable[str]) -> None:
    """Give each doubt its lead, or say why nobody can tell; leads in `taken` belong to others.

    Doubts with the same candidates share them out if there is one for each, or if they would make
    the very same lead; the fewer the candidates, the earlier a group chooses.
    """
    used = set(taken)
    groups: dict[frozenset[str], list[Doubt]] = {}
    for doubt in doubts:
        groups.setdefault(frozenset(doubt.fitting) - used, []).append(doubt)
    contested: set[str] = set()
    for candidates in sorted(groups, key=lambda each: (len(each), sorted(each))):
        group = groups[candidates]
        free = sorted(candidates - used)
        alike = all(doubt.arrival == group[0].arrival for doubt in group)
        unsure = len(free) > len(group) or (0 < len(free) < len(group) and not alike)
        if candidates & contested or unsure:
            contested |= candidates
            for doubt in group:
                doubt.unclear = f"{len(candidates)} leads fit it: {_named(candidates)}"
            continue
        used.update(free)
        for doubt, lead_id in zip(group, free, strict=False):
            doubt.found = lead_id
    for doubt in doubts:
        similar = set(doubt.similar) - used - contested
        if doubt.absent and similar:
            doubt.unclear = f"no lead says the same, but it may have become {_named(similar)}"


def _named(ids: Iterable[str]) -> str:
    ordered = sorted(ids)
    more = f" and {len(ordered) - _MOST_NAMED} more" if len(ordered) > _MOST_NAMED else ""
    return ", ".join(ordered[:_MOST_NAMED]) + more
