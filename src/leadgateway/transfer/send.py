"""Writing staged rows: intents first, then the requests, then what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from leadgateway.adapter import Receipt
from leadgateway.aio import AsyncConnection
from leadgateway.capabilities import Operation
from leadgateway.errors import (
    LeadGatewayError,
    MappingError,
    NotFound,
    Recovery,
    Rejected,
)
from leadgateway.events import JobStarted
from leadgateway.exchange import dumps
from leadgateway.journal import Intent, Pending, RowState, Settlement
from leadgateway.lead import Lead
from leadgateway.mapping import Draft, Policy, Use
from leadgateway.session import WriteOptions
from leadgateway.transfer.book import Book
from leadgateway.transfer.encode import draft_of, losses_text, unstaged
from leadgateway.transfer.flows import flow_of, intent_for
from leadgateway.transfer.halt import Halt, Halted
from leadgateway.work import failed


@dataclass
class Sender:
    """Writes the rows of one job to its target, `concurrency` requests at a time.

    `stopped_by` is the error after which nothing more is sent: one that concerns every row, or a
    target that is away.
    """

    target: AsyncConnection
    book: Book
    policy: Policy
    concurrency: int
    halt: Halt
    job: JobStarted
    stopped_by: LeadGatewayError | None = None
    _leads: dict[int, Lead] = field(default_factory=dict)

    @property
    def wave(self) -> int:
        """How many rows are intended at once: whole batches, or some for each worker."""
        return (self.target.capabilities.batch_size or 4) * self.concurrency

    async def send(self, rows: Sequence[Pending]) -> None:
        """Write `rows`; each is settled, or pending again where it surely was not executed."""
        self._leads = {row.seq: unstaged(row.payload) for row in rows}
        settled: list[Settlement] = []
        creates: list[tuple[int, int | None, Draft]] = []
        intents: list[Intent] = []
        for row in rows:
            made = await self._prepare(row)
            if isinstance(made, Settlement):
                settled.append(made)
            elif isinstance(made, Intent):
                intents.append(made)
            else:
                creates.append((row.seq, row.earlier_intent, made))
        self.book.settle(settled)
        await self.dispatch(self.book.intend([*intents, *self._creating(creates)]))

    async def dispatch(self, intents: Sequence[Intent]) -> None:
        """Send committed intents, `concurrency` at a time, and commit what became of each."""
        waiting = iter(intents)

        async def work() -> None:
            for intent in waiting:
                if self.stopped_by is not None or self.halt.wished:
                    self.book.requeue(intent)
                else:
                    await self._send(intent)

        await self.halt.bear(asyncio.create_task(work()) for _ in range(max(1, self.concurrency)))

    def _creating(self, rows: Sequence[tuple[int, int | None, Draft]]) -> list[Intent]:
        session = self.target.opened.session
        size = self.target.capabilities.batch_size or 1
        if session.write_use is Use.CREATE:
            size = 1
        operation = Operation.CREATE if size == 1 else Operation.CREATE_MANY
        return [
            intent_for(session, self.book.job, operation, rows[start : start + size])
            for start in range(0, len(rows), size)
        ]

    async def _prepare(self, row: Pending) -> Settlement | Intent | Draft:
        lead = self._leads[row.seq]
        reason = self.target.opened.plugins.skip(lead, self.job)
        if reason is not None:
            return Settlement(row.seq, RowState.SKIPPED, reason=reason)
        try:
            if row.linked_id is not None:
                return await self._prepare_update(row, lead, row.linked_id)
            session = self.target.opened.session
            draft = session.draft(lead, session.write_use, WriteOptions(policy=self.policy))
        except MappingError as error:
            return refused(row.seq, error)
        return session.adapter.table.marked(draft, session.adapter.settings, reference(lead))

    async def _prepare_update(
        self, row: Pending, lead: Lead, target_id: str
    ) -> Settlement | Intent:
        """Return the change to a lead that was moved before and has changed at its source."""
        powers = self.target.capabilities.operations
        if not {Operation.UPDATE, Operation.GET} <= powers:
            reason = "changed at the source since it was moved, and the target cannot be updated"
            return Settlement(row.seq, RowState.SKIPPED, target_id, reason=reason)
        try:
            there = await self.target.get_lead(target_id)
        except NotFound:
            return Settlement(row.seq, RowState.FAILED, target_id, reason="gone at the target")
        session = self.target.opened.session
        options = WriteOptions(policy=self.policy)
        draft = session.draft(lead, Use.UPDATE, options, there.raw)
        if not draft.fields:
            reason = "the target says the same already"
            return Settlement(row.seq, RowState.SKIPPED, target_id, reason=reason)
        before = dumps({key: there.raw.get(key) for key in draft.fields}).decode()
        self.book.settle([Settlement(row.seq, RowState.PENDING, target_id, before=before)])
        rows = [(row.seq, row.earlier_intent, draft)]
        return intent_for(session, self.book.job, Operation.UPDATE, rows, target_id)

    async def _send(self, intent: Intent) -> None:
        session = self.target.opened.session
        try:
            receipts = await self.target.run(flow_of(session, intent)())
        except Rejected as error:
            if len(intent.rows) > 1:
                await self._halve(intent)
                return
            receipts = [failed(error)]
        except LeadGatewayError as error:
            if isinstance(error, Halted) or error.recovery in {Recovery.RETRY, Recovery.ABORT}:
                self.book.requeue(intent)
                if not isinstance(error, Halted):
                    self.stopped_by = self.stopped_by or error
                return
            receipts = [failed(error)] * len(intent.rows)
        self.book.receive(intent, receipts)
        self._announce(intent, receipts)

    async def _halve(self, intent: Intent) -> None:
        """Send a refused batch as two, until the row that it was refused for is alone."""
        middle = len(intent.rows) // 2
        session = self.target.opened.session
        halves = [
            intent_for(
                session,
                self.book.job,
                Operation.CREATE_MANY,
                [(row.seq, intent.id, draft_of(row, Use.BULK)) for row in half],
            )
            for half in (intent.rows[:middle], intent.rows[middle:])
        ]
        made = self.book.intend(halves)
        self.book.settle((), (intent.id,))
        for half in made:
            await self._send(half)

    def _announce(self, intent: Intent, receipts: Sequence[Receipt]) -> None:
        ends = zip(intent.rows, receipts, strict=True)
        known = [(self._leads[row.seq], r) for row, r in ends if row.seq in self._leads]
        self.target.opened.settle([lead for lead, _ in known], [receipt for _, receipt in known])


def refused(seq: int, error: MappingError) -> Settlement:
    """Return the settlement of a row that cannot be written as the target wants it."""
    losses = losses_text(getattr(error, "losses", ()))
    return Settlement(
        seq, RowState.FAILED, reason=str(error), error=type(error).__name__, losses=losses
    )


def reference(lead: Lead) -> str:
    """Return what a marker field at the target says of `lead`: where it came from."""
    return f"{lead.ref.connection}:{lead.ref.id}" if lead.ref else ""
