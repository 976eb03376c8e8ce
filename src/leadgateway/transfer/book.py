"""One job's page in the journal: the lease that is kept alive, and rows settled from receipts."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from leadgateway.adapter import Outcome, Receipt
from leadgateway.journal import (
    Holder,
    IntendedRow,
    Intent,
    JobRecord,
    JobState,
    Journal,
    Lease,
    Pending,
    RowState,
    Settlement,
    Staged,
)
from leadgateway.transfer.encode import losses_of, losses_text

_HEARTBEAT = 15.0

_STATES = {
    Outcome.CREATED: RowState.CREATED,
    Outcome.MERGED: RowState.MERGED,
    Outcome.UPDATED: RowState.UPDATED,
    Outcome.SKIPPED: RowState.SKIPPED,
    Outcome.FAILED: RowState.FAILED,
    Outcome.UNKNOWN: RowState.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Book:
    """The journal as the one holder of a job sees it."""

    journal: Journal
    lease: Lease

    @property
    def job(self) -> str:
        """The job's id."""
        return self.lease.job

    def record(self) -> JobRecord:
        """Return the job as it stands."""
        found = self.journal.find_job(self.job)
        assert found is not None  # noqa: S101  # a lease is of a job there is
        return found

    def stage(self, rows: Sequence[Staged], cursor: str | None, *, last: bool) -> int:
        """Commit a page with the cursor behind it."""
        return self.journal.stage(self.lease, rows, cursor, last=last)

    def pending(self, limit: int) -> list[Pending]:
        """Return the next rows to be written."""
        return self.journal.pending(self.job, limit)

    def intend(self, intents: Sequence[Intent]) -> list[Intent]:
        """Commit requests before they leave."""
        return self.journal.intend(self.lease, intents)

    def resend(self, intent: Intent) -> None:
        """Commit that a request leaves once more."""
        self.journal.resend(self.lease, intent.id)

    def settle(self, settlements: Sequence[Settlement], closed: Sequence[int] = ()) -> None:
        """Commit how rows ended and which requests are done with."""
        self.journal.settle(self.lease, settlements, closed)

    def receive(self, intent: Intent, receipts: Sequence[Receipt]) -> None:
        """Commit what became of a request; it stays open while one of its rows is unknown."""
        rows = list(zip(intent.rows, receipts, strict=True))
        in_doubt = any(receipt.outcome is Outcome.UNKNOWN for _, receipt in rows)
        settled = [settlement(row, receipt) for row, receipt in rows]
        self.settle(settled, () if in_doubt else (intent.id,))

    def requeue(self, intent: Intent) -> None:
        """Make the rows of a request pending again that surely was not executed."""
        self.journal.requeue(self.lease, [row.seq for row in intent.rows])
        self.settle((), (intent.id,))

    def mark(self, state: JobState, paused_until: float | None = None) -> None:
        """Commit where the job stands."""
        self.journal.mark(self.lease, state, paused_until)


@asynccontextmanager
async def hold(journal: Journal, job_id: str) -> AsyncIterator[Book]:
    """Be the one holder of a job while the block runs; `JobLocked` if there is another."""
    lease = journal.claim(job_id, Holder(os.getpid(), socket.gethostname()))
    beating = asyncio.create_task(_beat(journal, lease))
    try:
        yield Book(journal, lease)
    finally:
        beating.cancel()
        journal.release(lease)


async def _beat(journal: Journal, lease: Lease) -> None:
    """Keep the lease through long waits; its loss shows at the next write."""
    while True:
        await asyncio.sleep(_HEARTBEAT)
        journal.keep(lease)


def settlement(row: IntendedRow, receipt: Receipt) -> Settlement:
    """Return what the journal keeps of a receipt, with the losses known before it was sent."""
    known = losses_of(row.losses)
    losses = receipt.losses or known
    return Settlement(
        row.seq,
        _STATES[receipt.outcome],
        receipt.external_id,
        receipt.matched_by,
        str(receipt.error) if receipt.error else (receipt.doubt or ""),
        type(receipt.error).__name__ if receipt.error else "",
        losses_text(losses),
    )
