"""The journal over any SQL database that a small port makes available."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from leadgateway.conduct.sharing import Share
from leadgateway.errors import JobLocked, JournalError
from leadgateway.journal import statements as sql
from leadgateway.journal.database import Database
from leadgateway.journal.entries import (
    Holder,
    Intent,
    JobRecord,
    JobState,
    Lease,
    RowState,
    Settlement,
    Staged,
)
from leadgateway.journal.quotas import SharedQuota
from leadgateway.journal.reading import JournalReader
from leadgateway.journal.records import (
    job_record,
    settlement_values,
)

LEASE_SECONDS: Final = 60.0
"""How long a holder may be silent before another one may take the job over."""

CLOCK_STEP_SECONDS: Final = 3600.0
"""A lease that ends later than this was given before the clock was put back, and holds nobody."""

_LINKING = frozenset({RowState.CREATED, RowState.MERGED, RowState.UPDATED})
_FINISHED = frozenset({JobState.DONE, JobState.DONE_WITH_FAILURES, JobState.NEEDS_OPERATOR})

T = TypeVar("T")


class SQLJournal(JournalReader):
    """A `Journal` in the tables of a `Database`."""

    def __init__(self, database: Database, *, lease_seconds: float = LEASE_SECONDS) -> None:
        super().__init__(database)
        self._ttl = lease_seconds

    def open_job(self, job: JobRecord) -> JobRecord:
        values = {
            "id": job.id, "source": job.source, "target": job.target, "config": job.config,
            "config_hash": job.config_hash,
        }  # fmt: skip

        def work() -> JobRecord:
            self._database.run(sql.MAKE_JOB, values)
            [found] = self._database.run(sql.FIND_JOB, {"id": job.id})
            return job_record(found)

        return self._database.write(work)

    def claim(self, job_id: str, holder: Holder) -> Lease:
        values = {
            "id": job_id, "pid": holder.pid, "host": holder.host, "ttl": self._ttl,
            "far": CLOCK_STEP_SECONDS + self._ttl, "stamp": uuid.uuid4().hex,
        }  # fmt: skip

        def work() -> Lease:
            claimed = self._database.run(sql.CLAIM, values)
            if claimed:
                return Lease(job_id, claimed[0][0])
            held = self._database.run(sql.HOLDER, {"id": job_id})
            if not held:
                raise JournalError(f"there is no job {job_id!r}.")
            pid, host, age = held[0]
            raise JobLocked(job_id, pid=pid, host=host, age=max(0.0, age))

        return self._database.write(work)

    def keep(self, lease: Lease) -> None:
        self._write(lease, lambda: None)

    def release(self, lease: Lease) -> None:
        values = {"job": lease.job, "fence": lease.fence}
        self._database.write(lambda: self._database.run(sql.RELEASE, values))

    def evict(self, job_id: str, holder: Holder) -> None:
        values = {"job": job_id, "pid": holder.pid, "host": holder.host}
        self._database.write(lambda: self._database.run(sql.EVICT, values))

    def reconfigure(self, lease: Lease, config: str, config_hash: str) -> None:
        values = {"job": lease.job, "config": config, "config_hash": config_hash}

        def work() -> None:
            self._database.run(sql.RECONFIGURE, values)
            self._database.run(sql.DRAFT_AGAIN, {"job": lease.job})

        self._write(lease, work)

    def mark(self, lease: Lease, state: JobState, paused_until: float | None = None) -> None:
        values = {
            "job": lease.job, "state": state.value, "paused_until": paused_until,
            "finished": int(state in _FINISHED),
        }  # fmt: skip
        self._write(lease, lambda: self._database.run(sql.MARK, values))

    def record_verification(self, job_id: str, verification: str) -> None:
        values = {"job": job_id, "verification": verification}
        self._database.write(lambda: self._database.run(sql.RECORD_VERIFICATION, values))

    def stage(self, lease: Lease, rows: Sequence[Staged], cursor: str | None, *, last: bool) -> int:
        staged = [
            {"job": lease.job, "source_id": row.source_id, "digest": row.digest,
             "payload": row.payload, "fields": row.fields, "losses": row.losses,
             "state": row.state.value, "reason": row.reason, "error": row.error}
            for row in rows
        ]  # fmt: skip
        moved = {"job": lease.job, "cursor": cursor, "done": int(last)}

        def work() -> int:
            new = self._database.run_many(sql.STAGE_ROW, staged)
            self._hold_back(lease.job)
            self._database.run(sql.MOVE_CURSOR, moved)
            return new

        return self._write(lease, work)

    def catch_up(self, lease: Lease) -> None:
        def work() -> None:
            self._database.run(sql.LINK_WAITING, {"job": lease.job})
            self._hold_back(lease.job)

        self._write(lease, work)

    def _hold_back(self, job_id: str) -> None:
        found = self._database.run(sql.IN_DOUBT, {"job": job_id})
        self._database.run_many(sql.HOLD_BACK, [{"job": job_id, "seq": seq} for (seq,) in found])

    def intend(self, lease: Lease, intents: Sequence[Intent]) -> list[Intent]:
        def work() -> list[Intent]:
            made = [self._intend(lease, intent) for intent in intents]
            intended = [
                {"job": lease.job, "seq": row.seq, "intent": intent.id, "fields": row.fields,
                 "losses": row.losses}
                for intent in made
                for row in intent.rows
            ]  # fmt: skip
            self._change_all(sql.INTEND_ROW, intended, "a lead of the request has its outcome")
            return made

        return self._write(lease, work)

    def resend(self, lease: Lease, intent_id: int) -> None:
        values = [{"job": lease.job, "id": intent_id}]
        self._write(lease, lambda: self._change_all(sql.RESEND, values, "no such request"))

    def settle(
        self, lease: Lease, settlements: Sequence[Settlement], intent_ids: Sequence[int] = ()
    ) -> None:
        settled = [settlement_values(lease.job, row) for row in settlements]
        linked = [
            {"job": lease.job, "seq": row.seq, "target_id": row.target_id}
            for row in settlements
            if row.state in _LINKING and row.target_id is not None
        ]
        closed = [{"job": lease.job, "id": each} for each in intent_ids]

        def work() -> None:
            self._change_all(sql.SETTLE_ROW, settled, "no such lead")
            self._database.run_many(sql.LINK, linked)
            self._change_all(sql.CLOSE_INTENT, closed, "a lead of the request has no outcome")

        self._write(lease, work)

    def requeue(self, lease: Lease, seqs: Sequence[int]) -> None:
        again = [{"job": lease.job, "seq": seq} for seq in seqs]

        def work() -> None:
            self._change_all(sql.REQUEUE, again, "a lead arrived already or was purged")
            self._database.run_many(sql.CLOSE_REQUEUED, again)
            if any(self._database.run(sql.STILL_OPEN, values) for values in again):
                raise _refused("the leads of one request are tried again together")

        self._write(lease, work)

    def unlink(self, lease: Lease, seqs: Sequence[int]) -> None:
        gone = [{"job": lease.job, "seq": seq} for seq in seqs]
        self._write(lease, lambda: self._database.run_many(sql.UNLINK, gone))

    def outdate(self, lease: Lease, seqs: Sequence[int]) -> None:
        changed = [{"job": lease.job, "seq": seq} for seq in seqs]
        self._write(lease, lambda: self._database.run_many(sql.OUTDATE, changed))

    def purge(self, job_id: str) -> int:
        def work() -> int:
            removed = self._database.run_many(sql.PURGE_ROWS, [{"job": job_id}])
            self._database.run(sql.PURGE_INTENTS, {"job": job_id})
            return removed

        removed = self._database.write(work)
        self._database.scrub()
        return removed

    def quota(self, vendor: str, host: str, credential: str) -> Share:
        """Return the account of whoever uses this credential at this host of the vendor."""
        return SharedQuota(self._database, vendor, host, credential)

    def close(self) -> None:
        self._database.close()

    def _write(self, lease: Lease, work: Callable[[], T]) -> T:
        """Do the work of the job's holder, and prolong the lease with it."""
        stamp = uuid.uuid4().hex
        values = {"job": lease.job, "fence": lease.fence, "ttl": self._ttl, "stamp": stamp}

        def fenced() -> T:
            if not self._database.run(sql.FENCE, values):
                raise JournalError(
                    f"another process has taken job {lease.job!r} over: this one stops here."
                )
            return work()

        def arrived() -> bool:
            return self._database.run(sql.LAST_STAMP, {"job": lease.job}) == [(stamp,)]

        return self._database.write(fenced, arrived)

    def _change_all(self, statement: str, values: Sequence[Mapping[str, Any]], why: str) -> None:
        """Run a statement that changes one row for each of `values`, or the work fails."""
        if self._database.run_many(statement, values) != len(values):
            raise _refused(why)

    def _intend(self, lease: Lease, intent: Intent) -> Intent:
        values = {
            "job": lease.job, "operation": intent.operation, "key": intent.key,
            "body": intent.body.decode(), "target_id": intent.target_id,
        }  # fmt: skip
        [(intent_id, at)] = self._database.run(sql.INTEND, values)
        return replace(intent, id=intent_id, at=at, sends=1)


def _refused(why: str) -> JournalError:
    return JournalError(f"the journal refuses a change: {why}. Nothing was changed.")
