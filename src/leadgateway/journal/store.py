"""The journal over any SQL database that a small port makes available."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol

from leadgateway.errors import JobLocked, JournalError
from leadgateway.journal import statements as sql
from leadgateway.journal.protocol import (
    Holder,
    IntendedRow,
    Intent,
    JobRecord,
    JobState,
    Lease,
    Pending,
    RowRecord,
    RowState,
    Settlement,
    Staged,
)

LEASE_SECONDS: Final = 60.0
"""How long a holder may be silent before another one may take the job over."""

_PAGE = 500
_LINKING = frozenset({RowState.CREATED, RowState.MERGED, RowState.UPDATED})
_FINISHED = frozenset({JobState.DONE, JobState.DONE_WITH_FAILURES, JobState.NEEDS_OPERATOR})


class Database(Protocol):
    """What a store must offer: statements inside transactions, and its own dialect of them."""

    def transaction(self) -> AbstractContextManager[None]:
        """Commit what happens inside durably, or nothing of it; failures are `JournalError`."""

    def run(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""

    def run_many(self, statement: str, values: Sequence[Mapping[str, Any]]) -> int:
        """Run one statement for each of `values`; returns how many rows it changed."""

    def close(self) -> None:
        """Close the database."""


class SQLJournal:
    """A `Journal` in the tables of a `Database`."""

    def __init__(self, database: Database, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self._database = database
        self._ttl = lease_seconds

    def open_job(self, job: JobRecord) -> JobRecord:
        with self._database.transaction():
            self._database.run(
                sql.MAKE_JOB,
                {"id": job.id, "source": job.source, "target": job.target, "config": job.config,
                 "config_hash": job.config_hash},
            )  # fmt: skip
        found = self.find_job(job.id)
        if found is None:
            raise JournalError(f"job {job.id!r} vanished while it was made.")
        return found

    def find_job(self, job_id: str) -> JobRecord | None:
        with self._database.transaction():
            rows = self._database.run(sql.FIND_JOB, {"id": job_id})
        return _job(rows[0]) if rows else None

    def list_jobs(self) -> list[JobRecord]:
        with self._database.transaction():
            return [_job(row) for row in self._database.run(sql.LIST_JOBS, {})]

    def claim(self, job_id: str, holder: Holder) -> Lease:
        with self._database.transaction():
            wanted = {"id": job_id, "pid": holder.pid, "host": holder.host, "ttl": self._ttl}
            claimed = self._database.run(sql.CLAIM, wanted)
            held = [] if claimed else self._database.run(sql.HOLDER, {"id": job_id})
        if claimed:
            return Lease(job_id, claimed[0][0])
        if not held:
            raise JournalError(f"there is no job {job_id!r}.")
        pid, host, age = held[0]
        raise JobLocked(job_id, pid=pid, host=host, age=age)

    def keep(self, lease: Lease) -> None:
        with self._database.transaction():
            self._check(lease)

    def release(self, lease: Lease) -> None:
        with self._database.transaction():
            self._database.run(sql.RELEASE, {"job": lease.job, "fence": lease.fence})

    def reconfigure(self, lease: Lease, config: str, config_hash: str) -> None:
        with self._database.transaction():
            self._check(lease)
            values = {"job": lease.job, "config": config, "config_hash": config_hash}
            self._database.run(sql.RECONFIGURE, values)

    def mark(self, lease: Lease, state: JobState, paused_until: float | None = None) -> None:
        with self._database.transaction():
            self._check(lease)
            self._database.run(
                sql.MARK,
                {"job": lease.job, "state": state.value, "paused_until": paused_until,
                 "finished": int(state in _FINISHED)},
            )  # fmt: skip

    def stage(self, lease: Lease, rows: Sequence[Staged], cursor: str | None, *, last: bool) -> int:
        staged = [
            {"job": lease.job, "source_id": r.source_id, "digest": r.digest, "payload": r.payload}
            for r in rows
        ]
        with self._database.transaction():
            self._check(lease)
            new = self._database.run_many(sql.STAGE_ROW, staged)
            moved = {"job": lease.job, "cursor": cursor, "done": int(last)}
            self._database.run(sql.MOVE_CURSOR, moved)
        return new

    def pending(self, job_id: str, limit: int) -> list[Pending]:
        with self._database.transaction():
            rows = self._database.run(sql.PENDING, {"job": job_id, "most": limit})
        return [Pending(*row) for row in rows]

    def intend(self, lease: Lease, intents: Sequence[Intent]) -> list[Intent]:
        made = []
        with self._database.transaction():
            self._check(lease)
            for intent in intents:
                values = {
                    "job": lease.job, "operation": intent.operation, "key": intent.key,
                    "body": intent.body, "target_id": intent.target_id,
                }  # fmt: skip
                [(intent_id, at)] = self._database.run(sql.INTEND, values)
                self._database.run_many(
                    sql.INTEND_ROW,
                    [
                        {"job": lease.job, "seq": row.seq, "intent": intent_id,
                         "fields": row.fields, "losses": row.losses}
                        for row in intent.rows
                    ],
                )  # fmt: skip
                made.append(
                    Intent(intent.operation, intent.key, intent.body, intent.rows,
                           intent.target_id, intent_id, at)
                )  # fmt: skip
        return made

    def resend(self, lease: Lease, intent_id: int) -> None:
        with self._database.transaction():
            self._check(lease)
            self._database.run(sql.RESEND, {"job": lease.job, "id": intent_id})

    def settle(
        self, lease: Lease, settlements: Sequence[Settlement], intent_ids: Sequence[int] = ()
    ) -> None:
        with self._database.transaction():
            self._check(lease)
            self._database.run_many(
                sql.SETTLE_ROW, [_settled(lease.job, row) for row in settlements]
            )
            self._database.run_many(
                sql.LINK,
                [
                    {"job": lease.job, "seq": row.seq, "target_id": row.target_id}
                    for row in settlements
                    if row.state in _LINKING and row.target_id is not None
                ],
            )
            self._database.run_many(
                sql.CLOSE_INTENT, [{"job": lease.job, "id": each} for each in intent_ids]
            )

    def open_intents(self, job_id: str, limit: int, after: int = 0) -> list[Intent]:
        with self._database.transaction():
            found = self._database.run(
                sql.OPEN_INTENTS, {"job": job_id, "after": after, "most": limit}
            )
            intents = []
            for intent_id, operation, key, body, target_id, at, sends in found:
                rows = self._database.run(sql.INTENT_ROWS, {"job": job_id, "intent": intent_id})
                intended = tuple(IntendedRow(*row) for row in rows)
                intents.append(
                    Intent(operation, key, body, intended, target_id, intent_id, at, sends)
                )
        return intents

    def requeue(self, lease: Lease, seqs: Sequence[int]) -> None:
        with self._database.transaction():
            self._check(lease)
            self._database.run_many(sql.REQUEUE, [{"job": lease.job, "seq": seq} for seq in seqs])

    def rows(
        self, job_id: str, states: Sequence[RowState] = (), after: int = 0
    ) -> Iterator[RowRecord]:
        for state in states or (None,):
            last = after
            while True:
                values = {"job": job_id, "after": last, "most": _PAGE}
                if state is not None:
                    values["state"] = state.value
                with self._database.transaction():
                    statement = sql.ROWS if state is None else sql.ROWS_OF_STATE
                    page = self._database.run(statement, values)
                for row in page:
                    yield _row(row)
                if len(page) < _PAGE:
                    break
                last = page[-1][0]

    def find_rows(self, job_id: str, target_ids: Sequence[str]) -> list[RowRecord]:
        with self._database.transaction():
            return [
                _row(row)
                for target_id in target_ids
                for row in self._database.run(
                    sql.ROW_BY_TARGET, {"job": job_id, "target_id": target_id}
                )
            ]

    def row(self, job_id: str, seq: int) -> RowRecord | None:
        with self._database.transaction():
            rows = self._database.run(sql.ROW, {"job": job_id, "seq": seq})
        return _row(rows[0]) if rows else None

    def counts(self, job_id: str) -> Counter[RowState]:
        with self._database.transaction():
            rows = self._database.run(sql.COUNTS, {"job": job_id})
        return Counter({RowState(state): count for state, count in rows})

    def linked(self, job_id: str, target_ids: Sequence[str]) -> set[str]:
        with self._database.transaction():
            return {
                target_id
                for target_id in target_ids
                if self._database.run(sql.LINKED, {"job": job_id, "target_id": target_id})
            }

    def now(self) -> float:
        with self._database.transaction():
            return float(self._database.run(sql.NOW, {})[0][0])

    def purge(self, job_id: str) -> int:
        with self._database.transaction():
            removed = self._database.run_many(sql.PURGE_ROWS, [{"job": job_id}])
            self._database.run(sql.PURGE_INTENTS, {"job": job_id})
        return removed

    def close(self) -> None:
        self._database.close()

    def _check(self, lease: Lease) -> None:
        """Prolong the lease inside the transaction at hand, which fails if it was lost."""
        values = {"job": lease.job, "fence": lease.fence, "ttl": self._ttl}
        if not self._database.run(sql.FENCE, values):
            raise JournalError(
                f"another process has taken job {lease.job!r} over: this one stops here."
            )


def _job(row: tuple[Any, ...]) -> JobRecord:
    (
        job_id, source, target, config, config_hash, state, cursor, reading_done, paused_until,
        created_at, finished_at,
    ) = row  # fmt: skip
    return JobRecord(
        job_id, source, target, config, config_hash, JobState(state), cursor, bool(reading_done),
        paused_until, created_at, finished_at,
    )  # fmt: skip


def _row(row: tuple[Any, ...]) -> RowRecord:
    seq, source_id, digest, payload, state, *rest = row
    return RowRecord(seq, source_id, digest, payload, RowState(state), *rest)


def _settled(job: str, row: Settlement) -> dict[str, Any]:
    return {
        "job": job, "seq": row.seq, "state": row.state.value, "target_id": row.target_id,
        "matched_by": row.matched_by, "reason": row.reason, "error": row.error,
        "losses": row.losses, "before": row.before,
    }  # fmt: skip
