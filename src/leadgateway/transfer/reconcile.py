"""Settling writes of which nobody knows whether they happened, by the strongest declared means."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from leadgateway.adapter import Outcome, Receipt
from leadgateway.aio import AsyncConnection
from leadgateway.capabilities import Operation
from leadgateway.errors import NotFound
from leadgateway.exchange import loads
from leadgateway.journal import IntendedRow, Intent, RowState, Settlement
from leadgateway.lead import Lead
from leadgateway.mapping import Use, disagreements
from leadgateway.transfer.book import Book, settlement
from leadgateway.transfer.encode import draft_of
from leadgateway.transfer.lookup import Doubt, look_up, since_epoch
from leadgateway.transfer.picture import picture, says_more
from leadgateway.transfer.prepare import GONE
from leadgateway.transfer.send import Sender

KEY_TRUST: Final = 24 * 3600.0
"""How long, in seconds, a key is trusted whose life the vendor does not document."""

MOST_SENDS: Final = 5
"""How often the same request leaves at most, over all runs, where no key makes it harmless."""

MOST_REPEATS: Final = 50
"""How often it leaves at most under a key that lives: so often may a process be killed."""

_ROWS_A_PAGE = 1000


@dataclass
class Reconciler:
    """Goes through the open intents of a job: those a crash left, and those without an answer.

    `later_may_help` is whether a request stayed unknown that may be sent or looked for again.
    """

    target: AsyncConnection
    book: Book
    sender: Sender
    sleep: Callable[[float], Awaitable[None]]
    later_may_help: bool = False

    async def reconcile(self) -> None:
        """Settle what can be settled; what stays unknown says why."""
        self.later_may_help = False
        page = max(1, _ROWS_A_PAGE // (self.target.capabilities.batch_size or 1))
        after = 0
        while intents := self.book.journal.open_intents(self.book.job, page, after):
            after = intents[-1].id
            await self._settle_page(intents)
            if self.sender.stopping:
                return

    async def _settle_page(self, intents: Sequence[Intent]) -> None:
        repeatable, doubtful = [], []
        for intent in intents:
            if not self.book.unsettled(intent):
                self.book.settle((), (intent.id,))
            elif intent.operation == Operation.UPDATE:
                await self._look_at_change(intent)
            elif self._repeatable(intent):
                repeatable.append(self.book.resend(intent))
            else:
                doubtful.append(intent)
        await self.sender.dispatch(repeatable)
        silent = [intent for intent in repeatable if self.book.unsettled(intent)]
        self.later_may_help |= any(map(self._repeatable, silent))
        doubtful += [intent for intent in silent if not self._repeatable(intent)]
        if doubtful and not self.sender.stopping:
            await self._look_up(doubtful)

    def _repeatable(self, intent: Intent) -> bool:
        """Whether the same bytes may leave again: under a key that surely lives, to some avail."""
        keys = self.target.capabilities.idempotency
        if intent.key is None or keys is None or not intent.whole:
            return False
        if intent.id in self.sender.refused:
            return False
        if intent.sends >= self._most_sends(intent):
            return False
        if keys.stores_errors and intent.sends > 1:
            return False
        age = self.book.journal.now() - intent.at
        return 0 <= age < (keys.ttl if keys.ttl is not None else KEY_TRUST)

    def _most_sends(self, intent: Intent) -> int:
        keys = self.target.capabilities.idempotency
        harmless = intent.key is not None and keys is not None and not keys.stores_errors
        return MOST_REPEATS if harmless else MOST_SENDS

    async def _look_up(self, intents: Sequence[Intent]) -> None:
        open_rows = {intent.id: self.book.unsettled(intent) for intent in intents}
        if self.target.capabilities.lookup is None:
            for rows in open_rows.values():
                why = "the vendor documents no way to find out"
                self.book.settle([_unknown(row, why) for row in rows])
            return
        doubts = {
            row.seq: self._doubt(intent, row) for intent in intents for row in open_rows[intent.id]
        }
        await self._search(list(doubts.values()))
        if any(doubt.absent for doubt in doubts.values()):
            await self.sleep(self.target.opened.adapter.settings.settle_seconds)
            await self._search(list(doubts.values()))
        again = [
            self.book.resend(intent)
            for intent in intents
            if not self._settled(intent, open_rows[intent.id], doubts)
        ]
        self.sender.absent.update(intent.id for intent in again)
        await self.sender.dispatch(again)
        self.later_may_help |= any(self.book.unsettled(intent) for intent in again)

    async def _search(self, doubts: Sequence[Doubt]) -> None:
        job = self.book.job
        await look_up(self.target, doubts, lambda ids: self.book.journal.linked(job, ids))

    def _settled(
        self, intent: Intent, rows: Sequence[IntendedRow], doubts: dict[int, Doubt]
    ) -> bool:
        """Commit what was found out about a request; tell whether it need not leave again."""
        absent = [row for row in rows if doubts[row.seq].absent]
        whole = intent.whole and len(absent) == len(intent.rows)
        if whole and intent.sends < self._most_sends(intent):
            return False
        unclear = [row for row in rows if doubts[row.seq].unclear]
        if self.sender.is_known_again(draft_of(row, Use.BULK) for row in unclear):
            # Whether or not one of them is it: sent anew, the lead becomes one with what is there.
            absent, unclear = [*absent, *unclear], []
        if whole or unclear:
            why = f"nothing like it was found, although it left {intent.sends} times"
            settled = [_unknown(row, why) for row in absent]
        else:
            settled = []
        for row in rows:
            found = doubts[row.seq].found
            if found is not None:
                settled.append(settlement(row, Receipt(Outcome.CREATED, found)))
        settled += [_unknown(row, doubts[row.seq].unclear) for row in unclear]
        again = [] if whole or unclear else absent
        done = not (again or whole or unclear)
        self.book.settle(settled, (intent.id,) if done else ())
        if again:
            self.book.requeue(again)
        return True

    def _doubt(self, intent: Intent, row: IntendedRow) -> Doubt:
        adapter = self.target.opened.adapter
        use = Use.BULK if intent.operation == Operation.CREATE_MANY else Use.CREATE
        draft = draft_of(row, use)
        arrival = adapter.table.arrival(draft, adapter.settings)
        reference = adapter.table.mark_of(draft.fields, adapter.settings) or ""
        return Doubt(row.seq, since_epoch(intent.at), arrival, reference)

    async def _look_at_change(self, intent: Intent) -> None:
        """Settle a change in doubt by what the lead says now."""
        [row] = intent.rows
        assert intent.target_id is not None  # noqa: S101  # a change is of a lead there is
        try:
            there = await self.target.get_lead(intent.target_id)
        except NotFound:
            gone = Settlement(row.seq, RowState.FAILED, intent.target_id, reason=GONE)
            self.book.settle([gone], (intent.id,))
            return
        is_as_before = self._is_as_before(there, row)
        if self._shows(there, row):
            receipt = Receipt(Outcome.UPDATED, intent.target_id)
            self.book.settle([settlement(row, receipt)], (intent.id,))
        elif is_as_before and intent.sends < MOST_SENDS:
            await self.sender.dispatch([self.book.resend(intent)])
            self.later_may_help |= bool(self.book.unsettled(intent))
        else:
            why = (
                f"the lead says what it said before, although the change left {intent.sends} times"
                if is_as_before
                else "the lead says neither what it said before nor what was sent"
            )
            self.book.settle([_unknown(row, why, intent.target_id)])

    def _shows(self, there: Lead, row: IntendedRow) -> bool:
        adapter = self.target.opened.adapter
        shown = adapter.table.echo(draft_of(row, Use.UPDATE).fields)
        arrival = adapter.table.read(shown, adapter.settings)
        return not disagreements(arrival, there, ()) and not says_more(there.raw, shown)

    def _is_as_before(self, there: Lead, row: IntendedRow) -> bool:
        record = self.book.journal.row(self.book.job, row.seq)
        if record is None or record.before is None:
            return False
        before: dict[str, Any] = loads(record.before.encode())
        return picture(there.raw, before) == before


def _unknown(row: IntendedRow, why: str, target_id: str | None = None) -> Settlement:
    return Settlement(row.seq, RowState.UNKNOWN, target_id, reason=why, error="OutcomeUnknown")
