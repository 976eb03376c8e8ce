"""Writing staged rows: intents first, then the requests, then what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from http import HTTPStatus
from typing import Final

from leadgateway.adapter import Receipt
from leadgateway.aio import AsyncConnection
from leadgateway.capabilities import Operation
from leadgateway.errors import (
    AuthError,
    JournalError,
    LeadGatewayError,
    OutcomeUnknown,
    PluginError,
    Recovery,
    Rejected,
    Unavailable,
)
from leadgateway.exchange import Flow
from leadgateway.journal import Intent, Pending
from leadgateway.mapping import Draft, Use
from leadgateway.transfer.answered import believed
from leadgateway.transfer.book import Book
from leadgateway.transfer.feed import Feed
from leadgateway.transfer.flows import Drafted, begun, drafts_of, flow_of
from leadgateway.transfer.halt import Halt, Halted
from leadgateway.transfer.prepare import Preparer
from leadgateway.work import failed

SILENCE: Final = 5
"""After so many writes in a row that nobody answered, the target is taken to be away."""

_BATCHES_AT_ONCE = 2
_ROWS_A_WORKER = 4


@dataclass
class Sender:
    """Writes the rows of one job to its target, `concurrency` requests at a time.

    `stopped_by` is the error after which nothing more is sent: one that concerns every row, or a
    target that is away. `absent` are requests that left before and surely were not executed,
    `refused` those in doubt that were refused when they left again, as their bytes always will be.
    """

    target: AsyncConnection
    book: Book
    preparer: Preparer
    concurrency: int
    halt: Halt
    stopped_by: LeadGatewayError | None = None
    absent: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    _flows: dict[int, Flow[Sequence[Receipt]]] = field(default_factory=dict)
    _broken: bool = False
    _unanswered: int = 0

    @cached_property
    def wave(self) -> int:
        """How many rows are intended at once: a batch, or some rows for each worker."""
        return self.target.capabilities.batch_size or self.concurrency * _ROWS_A_WORKER

    @cached_property
    def _group(self) -> int:
        """How many outcomes are committed at once: as many requests as are intended at once."""
        return self._workers if self._batched else self.wave

    @property
    def _workers(self) -> int:
        """How many requests are on their way at once; of batches there is no use in many."""
        wide = max(1, self.concurrency)
        return min(wide, _BATCHES_AT_ONCE) if self._batched else wide

    @property
    def _batched(self) -> bool:
        return self.target.capabilities.batch_size is not None

    @property
    def stopping(self) -> bool:
        """Whether nothing more is to be sent."""
        return self.stopped_by is not None or self.halt.wished or self._broken

    async def send(self, next_rows: Callable[[], Awaitable[Sequence[Pending]]]) -> None:
        """Write what `next_rows` brings until it brings nothing; no request waits for another.

        Each row is settled, or pending again where it surely was not executed. An error of
        `next_rows` is raised when all that it brought before has been written.
        """

        async def refill() -> Sequence[Intent]:
            made: Sequence[Intent] = ()
            while not self.stopping and not made and (rows := await next_rows()):
                made = await self._intended(rows)
            return made

        enough = 1 if self._batched else self._workers
        feed = Feed((), refill, enough)
        await self._work_off(feed, self._workers)
        if feed.failure is not None and self.stopped_by is None:
            raise feed.failure

    async def _intended(self, rows: Sequence[Pending]) -> list[Intent]:
        """Commit the requests for `rows`, and how those ended that need none."""
        made = await self.preparer.prepare(rows)
        noted = [before for before, _ in made.updates]
        self.book.settle([*made.settled, *noted])
        updates = [intent for _, intent in made.updates]
        return self._intend(self._batches(made.creates), updates)

    def _intend(
        self, batches: Sequence[Sequence[Drafted]], updates: Sequence[Intent] = ()
    ) -> list[Intent]:
        """Commit one request a batch, behind the `updates`, and keep what sends it."""
        session, job, operation = self.target.opened.session, self.book.job, self._operation
        creates = [begun(session, job, operation, batch) for batch in batches]
        intents = self.book.intend([*updates, *(intent for intent, _ in creates)])
        created = intents[len(updates) :]
        for intent, (_, flow) in zip(created, creates, strict=True):
            self._flows[intent.id] = flow
        return intents

    async def dispatch(self, intents: Sequence[Intent]) -> None:
        """Send committed intents, `concurrency` at a time, and commit what became of each."""
        await self._work_off(Feed(intents), min(max(1, self.concurrency), len(intents)))

    async def _work_off(self, feed: Feed, workers: int) -> None:
        """Have workers send what they are fed, commit what became of it, hold back the rest."""
        try:
            await self.halt.bear(asyncio.create_task(self._work(feed)) for _ in range(workers))
        finally:
            self._flows.clear()
            self.book.commit()
            for intent in feed.waiting:
                self._hold_back(intent)

    async def _work(self, feed: Feed) -> None:
        try:
            while not self.stopping and (intent := await feed.take()) is not None:
                await self._exchange(intent)
        except Exception:
            self._broken = True
            raise

    def _batches(self, rows: Sequence[Drafted]) -> list[Sequence[Drafted]]:
        able, single = self.target.capabilities, self._operation is Operation.CREATE
        size = 1 if single else able.batch_size or 1
        return [rows[start : start + size] for start in range(0, len(rows), size)]

    @property
    def _operation(self) -> Operation:
        bulk = self.target.opened.session.write_use is Use.BULK
        return Operation.CREATE_MANY if bulk else Operation.CREATE

    async def _exchange(self, intent: Intent) -> None:
        """Send one intent; whatever comes of it is in the journal, or it stays open there."""
        left = 0

        def before_send() -> None:
            nonlocal left
            self.book.confirm()
            left += 1

        flow = self._flows.pop(intent.id, None)
        if flow is None:
            flow = flow_of(self.target.opened.session, intent, drafts_of(intent))()
        try:
            answered = await self.target.run(flow, before_send=before_send)
            receipts = believed(answered, intent, self.target.vendor)
        except JournalError:
            raise
        except LeadGatewayError as error:
            reason, in_doubt = error.reason, error.reason is not error
            if isinstance(reason, Rejected):
                doubtful = in_doubt or not self._is_fresh(intent)
                await self._refused(intent, reason, doubtful=doubtful)
                return
            if reason.recovery in {Recovery.RETRY, Recovery.ABORT}:
                sure = left == 0 or (not in_doubt and _is_sure(reason))
                self._give_up(intent, reason, sure=sure)
                return
            ended = replace(failed(error), external_id=intent.target_id)
            receipts = [ended] * len(intent.rows)
            self._note_silence(error)
        except Exception as error:  # noqa: BLE001  # a plugin's bug must not cost the account of it
            fault = f"the adapter of {self.target.vendor} failed: {type(error).__name__}"
            self.stopped_by = self.stopped_by or PluginError(fault)
            receipts = [failed(OutcomeUnknown(fault, vendor=self.target.vendor))] * len(intent.rows)
        else:
            self._unanswered = 0
        self._receive(intent, receipts)

    def _receive(self, intent: Intent, receipts: Sequence[Receipt]) -> None:
        """Enter what became of a request, and commit it together with others."""
        self.book.receive(intent, receipts)
        if self.book.uncommitted >= self._group:
            self.book.commit()

    def _give_up(self, intent: Intent, error: LeadGatewayError, *, sure: bool) -> None:
        """End an intent whose rows were not written, if that is `sure`."""
        self._hold_back(intent, sure=sure)
        if not isinstance(error, Halted):
            self.stopped_by = self.stopped_by or error

    def _hold_back(self, intent: Intent, *, sure: bool = True) -> None:
        """Make the rows of an intent pending again, unless it may have been executed once."""
        if sure and self._is_fresh(intent) and not self._broken:
            self.book.requeue(self.book.unsettled(intent))

    def _is_fresh(self, intent: Intent) -> bool:
        """Whether no earlier sending of an intent can have been executed."""
        return intent.sends == 1 or intent.id in self.absent

    def _note_silence(self, error: LeadGatewayError) -> None:
        silent = error.recovery is Recovery.RECONCILE
        self._unanswered = self._unanswered + 1 if silent else 0
        if self._unanswered >= SILENCE and self.stopped_by is None:
            self.stopped_by = Unavailable(
                f"{self._unanswered} writes in a row went without an answer; the last one: {error}",
                vendor=self.target.vendor,
            )

    async def _refused(self, intent: Intent, error: Rejected, *, doubtful: bool) -> None:
        """Settle a request that the vendor refused: a batch in halves, a lead as failed."""
        self._unanswered = 0
        reused = error.status == HTTPStatus.CONFLICT and "idempoten" in str(error).lower()
        if reused and intent.key is not None:
            raise JournalError(
                "the target knows the key of a request with another body: two journals write "
                f"under the name {self.book.job!r}, or one was edited. Nothing is sent again."
            ) from error
        if doubtful and not (len(intent.rows) > 1 and self.is_known_again(drafts_of(intent))):
            # It left before, and that may have been executed: a refusal now says nothing of then.
            self.refused.add(intent.id)
            doubt = OutcomeUnknown(f"refused when it was sent again: {error}")
            self._receive(intent, [failed(doubt)] * len(intent.rows))
        elif len(intent.rows) == 1:
            self._receive(intent, [failed(error)])
        elif intent.sends > 1:
            self.book.requeue(self.book.unsettled(intent))
        else:
            await self._halve(intent)

    def is_known_again(self, drafts: Iterable[Draft]) -> bool:
        """Whether the target merges each of these with the lead that is there already."""
        able, adapter = self.target.capabilities, self.target.opened.adapter
        return able.create_merges and all(adapter.merge_keys(draft.fields) for draft in drafts)

    async def _halve(self, intent: Intent) -> None:
        """Send a refused batch as two, until the row that it was refused for is alone."""
        middle = len(intent.rows) // 2
        rows = [
            Drafted(intent.id, draft, row)
            for row, draft in zip(intent.rows, drafts_of(intent), strict=True)
        ]
        made = self._intend([rows[:middle], rows[middle:]])
        self.book.settle((), (intent.id,))
        for half in made:
            if self.stopping:
                self._hold_back(half)
            else:
                await self._exchange(half)


def _is_sure(error: LeadGatewayError) -> bool:
    """Whether nothing was executed, as what ended the write says."""
    return error.recovery is Recovery.RETRY or isinstance(error, AuthError)
