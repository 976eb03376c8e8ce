"""Settling writes of which nobody knows whether they happened, by the strongest declared means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from leadgateway.adapter import Outcome, Receipt
from leadgateway.aio import AsyncConnection
from leadgateway.capabilities import Operation
from leadgateway.journal import IntendedRow, Intent, RowState, Settlement
from leadgateway.mapping import Use
from leadgateway.transfer.book import Book, settlement
from leadgateway.transfer.encode import draft_of
from leadgateway.transfer.lookup import Doubt, look_up, since_epoch
from leadgateway.transfer.send import Sender

KEY_TRUST: Final = 24 * 3600.0
"""How long, in seconds, a key is trusted whose life the vendor does not document."""

_PAGE = 200
_MOST_SENDS = 5


@dataclass
class Reconciler:
    """Goes through the open intents of a job: those a crash left, and those without an answer."""

    target: AsyncConnection
    book: Book
    sender: Sender
    sleep: Callable[[float], Awaitable[None]]

    async def reconcile(self) -> None:
        """Settle what can be settled; what stays unknown says why."""
        after = 0
        while intents := self.book.journal.open_intents(self.book.job, _PAGE, after):
            after = intents[-1].id
            repeatable = [intent for intent in intents if intent.rows and self._repeatable(intent)]
            doubtful = [intent for intent in intents if intent.rows and intent not in repeatable]
            self.book.settle((), [intent.id for intent in intents if not intent.rows])
            for intent in repeatable:
                self.book.resend(intent)
            await self.sender.dispatch(repeatable)
            if doubtful and self.sender.stopped_by is None:
                await self._look_up(doubtful)
            if self.sender.stopped_by is not None:
                return

    def _repeatable(self, intent: Intent) -> bool:
        """Whether the same bytes may leave again: under a living key, or as the same change."""
        if intent.operation == Operation.UPDATE:
            return True
        keys = self.target.capabilities.idempotency
        if intent.key is None or keys is None:
            return False
        age = self.book.journal.now() - intent.at
        return 0 <= age < (keys.ttl if keys.ttl is not None else KEY_TRUST)

    async def _look_up(self, intents: Sequence[Intent]) -> None:
        if self.target.capabilities.lookup is None:
            self._leave(intents, "the vendor documents no way to find out")
            return
        doubts = [doubt for intent in intents for doubt in self._doubts(intent)]
        await look_up(self.target, doubts)
        if any(not doubt.found for doubt in doubts):
            await self.sleep(self.target.opened.adapter.settings.settle_seconds)
            await look_up(self.target, doubts)
        found = {doubt.seq: doubt for doubt in doubts}
        claims = Counter(lead_id for doubt in doubts for lead_id in doubt.found)
        taken = self.book.journal.linked(self.book.job, list(claims))
        again = []
        for intent in intents:
            mine = [found[row.seq] for row in intent.rows]
            if all(not doubt.found for doubt in mine) and intent.sends < _MOST_SENDS:
                again.append(intent)
            else:
                self._settle(intent, mine, claims, taken)
        for intent in again:
            self.book.resend(intent)
        await self.sender.dispatch(again)

    def _settle(
        self, intent: Intent, doubts: Sequence[Doubt], claims: Counter[str], taken: set[str]
    ) -> None:
        settled = []
        sure = True
        for row, doubt in zip(intent.rows, doubts, strict=True):
            free = [lead_id for lead_id in doubt.found if lead_id not in taken]
            if len(doubt.found) == 1 and free and claims[free[0]] == 1:
                settled.append(settlement(row, Receipt(Outcome.CREATED, free[0])))
            else:
                sure = False
                settled.append(_unknown(row, _why(doubt, free)))
        self.book.settle(settled, (intent.id,) if sure else ())

    def _leave(self, intents: Sequence[Intent], why: str) -> None:
        for intent in intents:
            self.book.settle([_unknown(row, why) for row in intent.rows])

    def _doubts(self, intent: Intent) -> list[Doubt]:
        session = self.target.opened.session
        table, terms = session.adapter.table, session.adapter.settings
        use = Use.BULK if intent.operation == Operation.CREATE_MANY else Use.CREATE
        doubts = []
        for row in intent.rows:
            draft = draft_of(row, use)
            arrival = table.arrival(draft, terms)
            reference = table.mark_of(draft.fields, terms) or ""
            since = since_epoch(intent.at)
            doubts.append(Doubt(row.seq, intent.id, since, arrival, reference))
        return doubts


def _why(doubt: Doubt, free: Sequence[str]) -> str:
    if not doubt.found:
        return f"sent {_MOST_SENDS} times without an answer, and nothing like it was found"
    if not free:
        return "the only lead like it belongs to another row"
    return f"{len(doubt.found)} leads look like it: {', '.join(doubt.found[:5])}"


def _unknown(row: IntendedRow, why: str) -> Settlement:
    return Settlement(
        row.seq, RowState.UNKNOWN, reason=why, error="OutcomeUnknown", losses=row.losses
    )
