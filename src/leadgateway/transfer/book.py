"""One job's page in the journal: the lease that is kept alive, and rows settled from receipts."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from leadgateway.adapter import Outcome, Receipt
from leadgateway.errors import JobLocked, JournalError
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

Listener = Callable[[Sequence[tuple[str, Settlement]]], None]
"""Is told of rows that ended: the id at the source of each, and how."""

_HEARTBEAT: Final = 15.0
_LINGER: Final = 0.2
"""For so many seconds what was received may wait for more to be committed with it."""

_TRUSTED: Final = 30.0
"""How many seconds a lease is believed in without asking: less than any journal grants."""

_STATES = {
    Outcome.CREATED: RowState.CREATED,
    Outcome.MERGED: RowState.MERGED,
    Outcome.UPDATED: RowState.UPDATED,
    Outcome.SKIPPED: RowState.SKIPPED,
    Outcome.FAILED: RowState.FAILED,
    Outcome.UNKNOWN: RowState.UNKNOWN,
}
_ON_THE_WAY = frozenset({RowState.PENDING, RowState.INTENT})


def _now() -> tuple[float, float]:
    """Return two clocks: the one stands still while a computer sleeps, the other can be set."""
    return time.monotonic(), time.time()


@dataclass
class Book:
    """The journal as the one holder of a job sees it."""

    journal: Journal
    lease: Lease
    listener: Listener | None = None
    _kept_at: tuple[float, float] = field(default_factory=_now)
    _settled: list[Settlement] = field(default_factory=list)
    _closed: list[int] = field(default_factory=list)
    _received: int = 0

    @property
    def job(self) -> str:
        """The job's id."""
        return self.lease.job

    def record(self) -> JobRecord:
        """Return the job as it stands."""
        found = self.journal.find_job(self.job)
        assert found is not None  # noqa: S101  # a lease is of a job there is
        return found

    def keep(self) -> None:
        """Prolong the lease."""
        now = _now()
        self.journal.keep(self.lease)
        self._kept_at = now

    def confirm(self) -> None:
        """Raise `JournalError` if the job was taken over while this process stood still."""
        (awake, clock), (kept_awake, kept_clock) = _now(), self._kept_at
        if awake - kept_awake > _TRUSTED or clock - kept_clock > _TRUSTED:
            self.keep()

    def stage(self, rows: Sequence[Staged], cursor: str | None, *, last: bool) -> int:
        """Commit a page with the cursor behind it."""
        new = self.journal.stage(self.lease, rows, cursor, last=last)
        if self.listener is not None:
            self.listener(
                [
                    (row.source_id, Settlement(0, row.state, losses=row.losses))
                    for row in rows
                    if row.state not in _ON_THE_WAY
                ]
            )
        return new

    def pending(self, limit: int) -> list[Pending]:
        """Return the next rows to be written."""
        return self.journal.pending(self.job, limit)

    def intend(self, intents: Sequence[Intent]) -> list[Intent]:
        """Commit requests before they leave."""
        return self.journal.intend(self.lease, intents) if intents else []

    def resend(self, intent: Intent) -> Intent:
        """Commit that a request leaves once more."""
        self.journal.resend(self.lease, intent.id)
        return intent._replace(sends=intent.sends + 1)

    def settle(self, settlements: Sequence[Settlement], closed: Sequence[int] = ()) -> None:
        """Commit how rows ended and which requests are done with."""
        if not settlements and not closed:
            return
        self.journal.settle(self.lease, settlements, closed)
        if self.listener is None:
            return
        rows = {
            row.seq: row for row in self.journal.rows_at(self.job, [s.seq for s in settlements])
        }
        self.listener(
            [
                (rows[settled.seq].source_id, settled._replace(losses=rows[settled.seq].losses))
                for settled in settlements
                if settled.state not in _ON_THE_WAY
            ]
        )

    @property
    def uncommitted(self) -> int:
        """How many requests were received and not committed yet."""
        return self._received

    def receive(self, intent: Intent, receipts: Sequence[Receipt]) -> None:
        """Note what became of a request; it stays open while one of its rows is unknown.

        `commit` makes it last: until then a crash leaves the request in doubt.
        """
        self._received += 1
        self._settled += [settlement(*each) for each in zip(intent.rows, receipts, strict=True)]
        if not any(receipt.outcome is Outcome.UNKNOWN for receipt in receipts):
            self._closed.append(intent.id)

    def commit(self) -> None:
        """Commit what was received; where that fails it is kept, and fails again the next time."""
        self.settle(self._settled, self._closed)
        self._settled, self._closed, self._received = [], [], 0

    def tend(self) -> None:
        """Do what is due without anybody's asking: commit, and prolong the lease in a long wait."""
        self.commit()
        if time.monotonic() - self._kept_at[0] > _HEARTBEAT:
            self.keep()

    def unsettled(self, intent: Intent) -> list[IntendedRow]:
        """Return the rows of a request whose end nobody knows."""
        open_states = {RowState.INTENT, RowState.UNKNOWN}
        found = [(row, self.journal.row(self.job, row.seq)) for row in intent.rows]
        return [row for row, record in found if record and record.state in open_states]

    def requeue(self, rows: Sequence[IntendedRow]) -> None:
        """Make rows pending again that surely were not written; ends their request."""
        self.journal.requeue(self.lease, [row.seq for row in rows])

    def mark(self, state: JobState, paused_until: float | None = None) -> None:
        """Commit where the job stands."""
        self.journal.mark(self.lease, state, paused_until)


@asynccontextmanager
async def hold(
    journal: Journal, job_id: str, listener: Listener | None = None
) -> AsyncIterator[Book]:
    """Be the one holder of a job, and of its two connections, while the block runs.

    `JobLocked` if there is another.
    """
    book = Book(journal, claim(journal, job_id, alone=True), listener)
    tending = asyncio.create_task(_tend(book))
    try:
        yield book
    finally:
        tending.cancel()
        await asyncio.wait([tending])
        journal.release(book.lease)


def claim(journal: Journal, job_id: str, *, alone: bool = False) -> Lease:
    """Return the right to write to a job; one whose holder died on this computer is free.

    With `alone` it is also the only right to any job of the same two connections.
    """
    us = Holder(os.getpid(), _here())
    while True:
        try:
            return journal.claim(job_id, us, alone=alone)
        except JobLocked as locked:
            holder = Holder(locked.pid, locked.host)
            if not _has_died(holder):
                raise
            journal.evict(locked.job, holder)


def worker_on(job: JobRecord) -> Holder | None:
    """Return who works on a job now; one that died on this computer works on nothing."""
    return None if job.holder is None or _has_died(job.holder) else job.holder


def is_stopped(job: JobRecord) -> bool:
    """Return whether a job has begun, has not come to an end, and nobody works on it."""
    return job.state is JobState.RUNNING and worker_on(job) is None


def _has_died(holder: Holder) -> bool:
    """Whether a holder is a process of this computer that is no more."""
    return holder.host == _here() and _is_dead(holder.pid)


def _here() -> str:
    """Return the name of this computer, and of the set of process ids that mean anything here."""
    space = ""
    with suppress(OSError):
        space = f"/{Path('/proc/self/ns/pid').stat().st_ino}"
    return f"{socket.gethostname()}{space}"


def _is_dead(pid: int) -> bool:
    if os.name != "posix":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Whether a process has ended and only waits for its parent to notice; Linux tells."""
    with suppress(OSError):
        about = Path(f"/proc/{pid}/stat").read_text()
        return about.rpartition(")")[2].split()[0] in {"Z", "X"}
    return False


async def _tend(book: Book) -> None:
    """Tend the book as long as it is held; that the lease is lost shows at the next write."""
    while True:
        await asyncio.sleep(_LINGER)
        with suppress(JournalError):
            book.tend()


def settlement(row: IntendedRow, receipt: Receipt) -> Settlement:
    """Return what the journal keeps of a receipt, with the losses known before it was sent."""
    changed = receipt.losses and receipt.losses != losses_of(row.losses)
    return Settlement(
        row.seq,
        _STATES[receipt.outcome],
        receipt.external_id,
        receipt.matched_by,
        str(receipt.error) if receipt.error else (receipt.doubt or ""),
        type(receipt.error).__name__ if receipt.error else "",
        losses_text(receipt.losses) if changed else None,
    )
