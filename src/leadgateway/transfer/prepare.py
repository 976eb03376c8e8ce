"""From staged rows to requests: skipped, refused, or drafted and ready to be committed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple

from leadgateway.aio import AsyncConnection
from leadgateway.capabilities import Operation
from leadgateway.errors import MappingError, NotFound
from leadgateway.events import JobStarted
from leadgateway.exchange import dumps
from leadgateway.frozen import FrozenDict
from leadgateway.journal import IntendedRow, Intent, Pending, RowState, Settlement, Staged
from leadgateway.lead import Lead
from leadgateway.mapping import Draft, Policy, Use
from leadgateway.session import ANYTHING, WriteOptions
from leadgateway.transfer.acceptance import Acceptance
from leadgateway.transfer.encode import (
    draft_of,
    intended,
    losses_text,
    payload_of,
    unstaged,
)
from leadgateway.transfer.flows import Drafted, intent_for
from leadgateway.transfer.merging import MergeGuard
from leadgateway.transfer.picture import picture

GONE = "gone at the target"
NOTHING: Final = Draft(FrozenDict(), (), Use.CREATE)


@dataclass
class Prepared:
    """What a handful of rows came to before anything was sent.

    `settled` needs no request, `creates` are drafts to be put together into requests, `updates`
    are requests already, each with its row as it must be noted first.
    """

    settled: list[Settlement] = field(default_factory=list)
    creates: list[Drafted] = field(default_factory=list)
    updates: list[tuple[Settlement, Intent]] = field(default_factory=list)


class Met(NamedTuple):
    """A lead that was just read: its id at the source, the digest of its record, and itself."""

    source_id: str
    digest: str
    lead: Lead


class Judged(NamedTuple):
    """What a lead is to be written as, or why it is not: a plugin's word, or a refusal of ours.

    `losses` are those of the draft as the journal keeps them.
    """

    draft: Draft = NOTHING
    losses: str = "[]"
    refusal: MappingError | None = None
    skipped: str | None = None

    def end(self, seq: int) -> Settlement | None:
        """Return how its row ends if nothing is to be written."""
        if self.skipped is not None:
            return Settlement(seq, RowState.SKIPPED, reason=self.skipped)
        return refused(seq, self.refusal) if self.refusal is not None else None


@dataclass
class Preparer:
    """Drafts the rows of one job for its target; a lead that was moved before becomes a change.

    A `guard` refuses what the target would merge with somebody else.
    """

    target: AsyncConnection
    job: str
    policy: Policy
    concurrency: int
    started: JobStarted
    guard: MergeGuard | None = None

    @cached_property
    def _use(self) -> Use:
        return self.target.opened.session.write_use

    @cached_property
    def _acceptance(self) -> Acceptance:
        return Acceptance(self.policy)

    def _left_out(self, leads: Sequence[Lead]) -> dict[int, str]:
        """Return which of `leads` plugins leave out, by their places, and why."""
        return self.target.opened.plugins.skip(leads, self.started) if leads else {}

    def take_in(self, page: Sequence[Met]) -> list[Staged]:
        """Return leads that were just read as rows, drafted unless they are skipped or refused.

        One step is taken for all leads before the next: that is a good deal faster.
        """
        leads = [lead for _, _, lead in page]
        reasons = self._left_out(leads)
        judged = [self._judged(lead, reasons.get(place)) for place, lead in enumerate(leads)]
        if self.guard is not None:
            for (source_id, _, lead), judgement in zip(page, judged, strict=True):
                if judgement.skipped is None:
                    self.guard.meet(source_id, judgement.draft.fields, lead)
        payloads = [payload_of(lead) for lead in leads]
        return [
            _staged(met, payload, judgement)
            for met, payload, judgement in zip(page, payloads, judged, strict=True)
        ]

    async def prepare(self, rows: Sequence[Pending]) -> Prepared:
        """Return what `rows` come to; reads the twins of those that were moved before."""
        made = Prepared()
        moved: list[tuple[Pending, Lead, str]] = []
        staged = {row.seq: _as_staged(row) for row in rows}
        looked_at = [row for row in rows if staged[row.seq] is None]
        leads = [unstaged(row.payload) for row in looked_at]
        reasons = self._left_out(leads)
        places = {row.seq: place for place, row in enumerate(looked_at)}
        for row in rows:
            drafted = staged[row.seq]
            if drafted is not None:
                self._create(row, drafted, made)
                continue
            lead, why = leads[places[row.seq]], reasons.get(places[row.seq])
            judgement = self._judged(lead, why) if row.linked_id is None else Judged(skipped=why)
            end = judgement.end(row.seq)
            if end is not None:
                made.settled.append(end)
            elif row.linked_id is not None:
                moved.append((row, lead, row.linked_id))
            else:
                self._create(row, intended(row.seq, judgement.draft), made)
        gate = asyncio.Semaphore(max(1, self.concurrency))

        async def change(row: Pending, lead: Lead, target_id: str) -> None:
            async with gate:
                await self._change(row, lead, target_id, made)

        changes = [change(*each) for each in moved]
        for outcome in await asyncio.gather(*changes, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
        return made

    def _judged(self, lead: Lead, left_out: str | None) -> Judged:
        if left_out is not None:
            return Judged(skipped=left_out)
        session = self.target.opened.session
        draft = NOTHING
        try:
            draft = session.encoded(lead, self._use, ANYTHING)
            losses = self._acceptance.text(draft.losses)
        except MappingError as error:
            return Judged(draft, refusal=error)
        adapter = session.adapter
        return Judged(adapter.table.marked(draft, adapter.settings, reference(lead)), losses)

    def _create(self, row: Pending, drafted: IntendedRow, made: Prepared) -> None:
        """Make a draft part of a request, unless the target would merge it with somebody else."""
        draft = draft_of(drafted, self._use)
        risk = self.guard.refusal(draft.fields) if self.guard is not None else None
        if risk is not None:
            made.settled.append(refused(row.seq, risk))
        else:
            made.creates.append(Drafted(row.earlier_intent, draft, drafted))

    async def _change(self, row: Pending, lead: Lead, target_id: str, made: Prepared) -> None:
        """Settle a lead that was moved before and differs now, or make the request to change it."""
        powers = self.target.capabilities.operations
        if not {Operation.UPDATE, Operation.GET} <= powers:
            reason = "changed at the source since it was moved, and the target cannot be updated"
            made.settled.append(Settlement(row.seq, RowState.SKIPPED, target_id, reason=reason))
            return
        try:
            there = await self.target.get_lead(target_id)
        except NotFound:
            made.settled.append(Settlement(row.seq, RowState.FAILED, target_id, reason=GONE))
            return
        session = self.target.opened.session
        try:
            options = WriteOptions(policy=self.policy)
            draft = session.draft(lead, Use.UPDATE, options, there.raw)
            if not draft.fields:
                reason = "the target says the same already"
                made.settled.append(Settlement(row.seq, RowState.SKIPPED, target_id, reason=reason))
                return
            rows = [Drafted(row.earlier_intent, draft, intended(row.seq, draft))]
            intent = intent_for(session, self.job, Operation.UPDATE, rows, target_id)
        except MappingError as error:
            made.settled.append(refused(row.seq, error))
            return
        before = dumps(picture(there.raw, session.adapter.table.echo(draft.fields))).decode()
        noted = Settlement(row.seq, RowState.PENDING, target_id, before=before)
        made.updates.append((noted, intent))


def _as_staged(row: Pending) -> IntendedRow | None:
    """Return a row as it was staged, unless its lead is to be looked at again."""
    if row.fields is None or row.linked_id is not None:
        return None
    return IntendedRow(row.seq, row.fields, row.losses, as_staged=True)


def _staged(met: Met, payload: bytes, judgement: Judged) -> Staged:
    end = judgement.end(0)
    if end is None:
        fields = judgement.draft.body
        return Staged(met.source_id, met.digest, payload, fields, judgement.losses)
    losses = end.losses or "[]"
    return Staged(
        met.source_id, met.digest, payload, None, losses, end.state, end.reason, end.error
    )


def refused(seq: int, error: MappingError) -> Settlement:
    """Return the settlement of a row that cannot be written as the target wants it."""
    losses = losses_text(getattr(error, "losses", ()))
    return Settlement(
        seq, RowState.FAILED, reason=str(error), error=type(error).__name__, losses=losses
    )


def reference(lead: Lead) -> str:
    """Return what a marker field at the target says of `lead`: where it came from."""
    return f"{lead.ref.connection}:{lead.ref.id}" if lead.ref else ""
