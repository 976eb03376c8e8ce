"""What a journal promises of a migration; stores differ only below this."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol

from leadgateway.journal.entries import (
    Holder,
    Intent,
    JobRecord,
    JobState,
    Known,
    Lease,
    Pending,
    RowRecord,
    RowState,
    Settlement,
    Staged,
)


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

    def claim(self, job_id: str, holder: Holder, *, alone: bool = False) -> Lease:
        """Become the one holder of a job; `JobLocked` names the one there is.

        A holder that has neither written nor called `keep` for a minute is taken for dead. With
        `alone`, a holder of another job of the same two connections is in the way as well, and
        one that is taken for dead has lost its lease: two at once would both create a lead.
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
        """Do as `stage` does with the rows that wait, for what other jobs did since then.

        A row is skipped too if a job that read its lead later has moved it as it was then.
        """

    def known(self, job_id: str, source_ids: Sequence[str]) -> dict[str, Known]:
        """Return what is known of these leads of the job's source; nothing of a new one."""

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
        """Make rows pending again, and close their requests unless others of those are in doubt.

        `JournalError` for a row that has arrived at the target, was purged or does not exist, and
        while another row of its request is on its way.
        """

    def unlink(self, lease: Lease, seqs: Sequence[int]) -> None:
        """Forget that these rows have a twin at the target: a later job creates them again.

        A lead that has become another twin since then keeps that.
        """

    def outdate(self, lease: Lease, seqs: Sequence[int]) -> None:
        """Forget what the twins of these rows were made from: a later job changes them again.

        Nothing is forgotten of a lead that has become another twin since then.
        """

    def rows(
        self, job_id: str, states: Sequence[RowState] = (), after: int = 0
    ) -> Iterator[RowRecord]:
        """Yield rows in their order, those of some states or all; read a page at a time."""

    def arrivals(self, job_id: str) -> Iterator[tuple[int, str]]:
        """Yield the numbers of the rows that ended at the target with their ids there."""

    def rows_at(self, job_id: str, seqs: Sequence[int]) -> list[RowRecord]:
        """Return the rows of these numbers, in their order."""

    def row(self, job_id: str, seq: int) -> RowRecord | None:
        """Return one row."""

    def counts(self, job_id: str) -> Counter[RowState]:
        """Return how many rows stand where."""

    def linked(self, job_id: str, target_ids: Sequence[str]) -> set[str]:
        """Return which of these ids of the target belong to some lead already."""

    def shared(self, job_id: str) -> set[str]:
        """Return the ids of the job's leads at the target that another lead has become as well."""

    def superseded(self, job_id: str) -> set[int]:
        """Return the numbers of the job's rows whose lead at the target another job wrote since.

        A request of which nobody knows whether it arrived counts as a write.
        """

    def activity(self, job_id: str) -> list[tuple[int, int]]:
        """Return how many requests left in each minute since 1970 in which some did."""

    def now(self) -> float:
        """Return the journal's own time, in seconds since 1970."""

    def purge(self, job_id: str) -> int:
        """Remove the payloads and bodies of a job, keep ids, digests and outcomes; returns rows.

        What is not settled keeps its own, and so does the rest of its request: it is still needed.
        """

    def close(self) -> None:
        """Close the store."""
