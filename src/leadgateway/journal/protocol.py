"""What a journal holds of a migration and what it promises; stores differ only below this."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class RowState(StrEnum):
    """Where one lead of a job stands; from `pending` by `intent` to one of the others."""

    PENDING = "pending"
    INTENT = "intent"
    CREATED = "created"
    MERGED = "merged"
    UPDATED = "updated"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"


class JobState(StrEnum):
    """Where a job stands."""

    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    DONE_WITH_FAILURES = "done_with_failures"
    NEEDS_OPERATOR = "needs_operator"


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as the journal knows it; times are seconds since 1970 by the journal's clock.

    `cursor` is where reading goes on, `reading_done` that the source has been read to its end.
    `config` is the text that `config_hash` was made from; it holds no secret. `verification` is
    what reading the target back found the last time, as text.
    """

    id: str
    source: str
    target: str
    config: str
    config_hash: str
    state: JobState = JobState.RUNNING
    cursor: str | None = None
    reading_done: bool = False
    paused_until: float | None = None
    created_at: float = 0.0
    finished_at: float | None = None
    verified_at: float | None = None
    verification: str | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Who works on a job: process id and host."""

    pid: int
    host: str


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to a job; `fence` grows with each holder, and an old one is refused."""

    job: str
    fence: int


@dataclass(frozen=True, slots=True)
class Staged:
    """A lead as it was read: its id at the source, the digest of its record, and its JSON.

    One that is not read because it did not change since it was moved has no JSON. `fields` and
    `losses`, each as JSON, are what it will be written as, where that is known; `state` is how it
    ended where nothing has to be sent, for `reason` and `error`.
    """

    source_id: str
    digest: str
    payload: str | None
    fields: str | None = None
    losses: str = "[]"
    state: RowState = RowState.PENDING
    reason: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A staged lead that nothing was done about yet; `linked_id` is its twin at the target.

    `earlier_intent` is the request that was made for it before it was made pending again. `fields`
    and `losses` are as they were staged.
    """

    seq: int
    source_id: str
    payload: str
    linked_id: str | None
    earlier_intent: int | None = None
    fields: str | None = None
    losses: str = "[]"


@dataclass(frozen=True, slots=True)
class IntendedRow:
    """One lead of a request: the fields it was encoded to and its losses, each as JSON."""

    seq: int
    fields: str
    losses: str


@dataclass(frozen=True, slots=True)
class Intent:
    """A request about to leave: its idempotency key and its exact body, with the rows it is for.

    `id` is the journal's own and 0 before it is committed; `sends` counts how often it left.
    """

    operation: str
    key: str | None
    body: str
    rows: tuple[IntendedRow, ...]
    target_id: str | None = None
    id: int = 0
    at: float = 0.0
    sends: int = 1


@dataclass(frozen=True, slots=True)
class Settlement:
    """How one lead ended; `losses` is a JSON list, `error` the name of the error class."""

    seq: int
    state: RowState
    target_id: str | None = None
    matched_by: str | None = None
    reason: str = ""
    error: str = ""
    losses: str = "[]"
    before: str | None = None


@dataclass(frozen=True, slots=True)
class RowRecord:
    """A lead of a job with everything the journal knows of it; `fields` as its last request."""

    seq: int
    source_id: str
    digest: str
    payload: str | None
    state: RowState
    target_id: str | None
    matched_by: str | None
    reason: str
    error: str
    losses: str
    before: str | None
    intent_id: int | None
    fields: str | None = None


class Journal(Protocol):
    """The memory of migrations: what it has committed survives the death of the process.

    Every write takes a `Lease` and is refused with `JournalError` once another holder has taken
    the job over. Every method that writes is one transaction: after any error nothing of it
    stands, unless the store went away just then and cannot be asked. Leases and times are by the
    journal's own clock.
    """

    def open_job(self, job: JobRecord) -> JobRecord:
        """Return the job of that id, made from `job` if there is none yet."""

    def find_job(self, job_id: str) -> JobRecord | None:
        """Return the job, or `None`."""

    def list_jobs(self) -> list[JobRecord]:
        """Return every job, the newest first."""

    def claim(self, job_id: str, holder: Holder) -> Lease:
        """Become the one holder of a job; `JobLocked` names the one there is.

        A holder that has neither written nor called `keep` for a minute is taken for dead.
        """

    def keep(self, lease: Lease) -> None:
        """Prolong the lease."""

    def release(self, lease: Lease) -> None:
        """Let go of the job; a lease that was lost already is no error."""

    def evict(self, job_id: str, holder: Holder) -> None:
        """End the hold of a holder that is known to be dead; anybody else's stays."""

    def reconfigure(self, lease: Lease, config: str, config_hash: str) -> None:
        """Record that the job goes on under another configuration.

        What pending leads were to be written as is forgotten.
        """

    def mark(self, lease: Lease, state: JobState, paused_until: float | None = None) -> None:
        """Record where the job stands."""

    def record_verification(self, job_id: str, verification: str) -> None:
        """Record what reading the target back found; asks for no lease, and the last one stays."""

    def stage(self, lease: Lease, rows: Sequence[Staged], cursor: str | None, *, last: bool) -> int:
        """Commit a page and the cursor behind it together; returns how many rows are new.

        A row whose id is staged already is passed over. One that an earlier job of the same two
        connections has moved is skipped if its digest is the same, else it knows its twin; one
        that is in doubt in another job of theirs is skipped too.
        """

    def catch_up(self, lease: Lease) -> None:
        """Do as `stage` does with the rows that wait, for what other jobs did since then."""

    def met(self, job_id: str, source_ids: Sequence[str]) -> set[str]:
        """Return which of these leads of the source are staged already."""

    def twins(self, job_id: str, source_ids: Sequence[str]) -> dict[str, str]:
        """Return the digests that leads had when they were moved between the job's connections."""

    def earlier_payload(self, job_id: str, source_id: str, digest: str) -> str | None:
        """Return the JSON of a lead of the job's source as another job of its connections has it.

        `None` where it was purged.
        """

    def pending(self, job_id: str, limit: int) -> list[Pending]:
        """Return the next rows that nothing was done about, in the order in which they came."""

    def intend(self, lease: Lease, intents: Sequence[Intent]) -> list[Intent]:
        """Commit requests before they leave; returns them with their ids.

        Their rows are pending, or part of a request whose place these take; else `JournalError`.
        """

    def resend(self, lease: Lease, intent_id: int) -> None:
        """Commit that a request leaves once more."""

    def settle(
        self, lease: Lease, settlements: Sequence[Settlement], intent_ids: Sequence[int] = ()
    ) -> None:
        """Commit how rows ended, and that these requests need no more thought.

        A request one of whose rows has no outcome yet cannot be closed: `JournalError`.
        """

    def open_intents(self, job_id: str, limit: int, after: int = 0) -> list[Intent]:
        """Return requests that left, or were about to, and whose outcome nobody committed.

        Each comes with those of its rows that are not pending again.
        """

    def requeue(self, lease: Lease, seqs: Sequence[int]) -> None:
        """Make rows pending again and close their requests, which are tried again whole.

        `JournalError` for a row that has arrived at the target, was purged or does not exist.
        """

    def unlink(self, lease: Lease, seqs: Sequence[int]) -> None:
        """Forget that these rows have a twin at the target: a later job creates them again."""

    def outdate(self, lease: Lease, seqs: Sequence[int]) -> None:
        """Forget what the twins of these rows were made from: a later job changes them again."""

    def rows(
        self, job_id: str, states: Sequence[RowState] = (), after: int = 0
    ) -> Iterator[RowRecord]:
        """Yield rows in their order, those of some states or all; read a page at a time."""

    def find_rows(self, job_id: str, target_ids: Sequence[str]) -> list[RowRecord]:
        """Return the rows that ended at these ids of the target, in their order."""

    def row(self, job_id: str, seq: int) -> RowRecord | None:
        """Return one row."""

    def counts(self, job_id: str) -> Counter[RowState]:
        """Return how many rows stand where."""

    def linked(self, job_id: str, target_ids: Sequence[str]) -> set[str]:
        """Return which of these ids of the target belong to some lead already."""

    def activity(self, job_id: str) -> list[tuple[int, int]]:
        """Return how many requests left in each minute since 1970 in which some did."""

    def now(self) -> float:
        """Return the journal's own time, in seconds since 1970."""

    def purge(self, job_id: str) -> int:
        """Remove the payloads and bodies of a job, keep ids, digests and outcomes; returns rows.

        What is not settled keeps its own, for it is still needed.
        """

    def close(self) -> None:
        """Close the store."""
