"""From staged rows to requests: skipped, refused, or drafted and ready to be committed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from leadgateway.aio import AsyncConnection
from leadgateway.capabilities import Operation
from leadgateway.errors import MappingError, NotFound
from leadgateway.events import JobStarted
from leadgateway.exchange import dumps
from leadgateway.journal import Intent, Pending, RowState, Settlement
from leadgateway.lead import Lead
from leadgateway.mapping import Draft, Policy, Use
from leadgateway.session import WriteOptions
from leadgateway.transfer.encode import losses_text, unstaged
from leadgateway.transfer.flows import intent_for
from leadgateway.transfer.merging import MergeGuard

GONE = "gone at the target"


@dataclass
class Prepared:
    """What a handful of rows came to before anything was sent.

    `settled` needs no request, `creates` are drafts to be put together into requests, `updates`
    are requests already, each with its row as it must be noted first.
    """

    settled: list[Settlement] = field(default_factory=list)
    creates: list[tuple[int, int | None, Draft]] = field(default_factory=list)
    updates: list[tuple[Settlement, Intent]] = field(default_factory=list)


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

    async def prepare(self, rows: Sequence[Pending]) -> Prepared:
        """Return what `rows` come to; reads the twins of those that were moved before."""
        made = Prepared()
        moved: list[tuple[Pending, Lead, str]] = []
        for row in rows:
            lead = unstaged(row.payload)
            reason = self.target.opened.plugins.skip(lead, self.started)
            if reason is not None:
                made.settled.append(Settlement(row.seq, RowState.SKIPPED, reason=reason))
            elif row.linked_id is not None:
                moved.append((row, lead, row.linked_id))
            else:
                self._draft(row, lead, made)
        gate = asyncio.Semaphore(max(1, self.concurrency))

        async def change(row: Pending, lead: Lead, target_id: str) -> None:
            async with gate:
                await self._change(row, lead, target_id, made)

        changes = [change(*each) for each in moved]
        for end in await asyncio.gather(*changes, return_exceptions=True):
            if isinstance(end, BaseException):
                raise end
        return made

    def _draft(self, row: Pending, lead: Lead, made: Prepared) -> None:
        session = self.target.opened.session
        try:
            draft = session.draft(lead, session.write_use, WriteOptions(policy=self.policy))
        except MappingError as error:
            made.settled.append(refused(row.seq, error))
            return
        risk = self.guard.refusal(draft.fields) if self.guard is not None else None
        if risk is not None:
            made.settled.append(refused(row.seq, risk))
            return
        table, terms = session.adapter.table, session.adapter.settings
        marked = table.marked(draft, terms, reference(lead))
        made.creates.append((row.seq, row.earlier_intent, marked))

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
            rows = [(row.seq, row.earlier_intent, draft)]
            intent = intent_for(session, self.job, Operation.UPDATE, rows, target_id)
        except MappingError as error:
            made.settled.append(refused(row.seq, error))
            return
        before = dumps({key: there.raw.get(key) for key in draft.fields}).decode()
        noted = Settlement(row.seq, RowState.PENDING, target_id, before=before)
        made.updates.append((noted, intent))


def refused(seq: int, error: MappingError) -> Settlement:
    """Return the settlement of a row that cannot be written as the target wants it."""
    losses = losses_text(getattr(error, "losses", ()))
    return Settlement(
        seq, RowState.FAILED, reason=str(error), error=type(error).__name__, losses=losses
    )


def reference(lead: Lead) -> str:
    """Return what a marker field at the target says of `lead`: where it came from."""
    return f"{lead.ref.connection}:{lead.ref.id}" if lead.ref else ""
