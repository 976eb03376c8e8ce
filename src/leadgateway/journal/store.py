"""The journal over any SQL database that a small port makes available."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
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
    Settlement,
    Staged,
)
from leadgateway.journal.quotas import SharedQuota
from leadgateway.journal.reading import JournalReader
from leadgateway.journal.records import (
    id_list,
    job_record,
    kept_losses,
    losses_id,
    settled_rows,
    staged_leads,
    staged_rows,
)

LEASE_SECONDS: Final = 60.0
"""How long a holder may be silent before another one may take the job over."""

CLOCK_STEP_SECONDS: Final = 3600.0
"""A lease that ends later than this was given before the clock was put back, and holds nobody."""

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
            self._database.run(sql.FORGET_DRAFTS, {"job": lease.job})
            self._database.run(sql.FORGET_LOSSES, {"job": lease.job})

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
        job, ids = lease.job, id_list([row.source_id for row in rows])
        lost = kept_losses([row.losses for row in rows])
        moved = {"job": job, "cursor": cursor, "done": int(last)}

        def work() -> int:
            self._database.run_many(sql.KEEP_LOSSES, lost)
            links = self._database.run(sql.LINKS, {"job": job, "ids": ids})
            staged = staged_rows(job, rows, {source_id: link for source_id, *link in links})
            [(before,)] = self._database.run(sql.LAST_ROW, {})
            self._database.run_many(sql.STAGE_ROW, staged)
            new = self._database.run(sql.ROWS_AFTER, {"last": before})
            seqs = {source_id: seq for of, source_id, seq in new if of == job}
            self._database.run_many(sql.STAGE_LEAD, staged_leads(rows, seqs))
            self._hold_back(job)
            self._database.run(sql.MOVE_CURSOR, moved)
            return len(seqs)

        return self._write(lease, work)

    def catch_up(self, lease: Lease) -> None:
        def work() -> None:
            values = {"job": lease.job, "unchanged": sql.UNCHANGED}
            self._database.run(sql.LINK_WAITING, values)
            self._hold_back(lease.job)

        self._write(lease, work)

    def _hold_back(self, job_id: str) -> None:
        if found := self._database.run(sql.IN_DOUBT, {"job": job_id}):
            self._database.run(sql.HOLD_BACK, _these(job_id, [seq for (seq,) in found]))

    def intend(self, lease: Lease, intents: Sequence[Intent]) -> list[Intent]:
        asked = [
            (lease.job, intent.operation, intent.key, intent.body.decode(), intent.target_id)
            for intent in intents
        ]
        rows = [row for intent in intents for row in intent.rows]
        drafts = [row for row in rows if not row.as_staged]
        lost = kept_losses([row.losses for row in drafts])

        def work() -> list[Intent]:
            [(before,)] = self._database.run(sql.LAST_INTENT, {})
            self._database.run_many(sql.INTEND, asked)
            after = {"job": lease.job, "last": before}
            made = [
                intent._replace(id=intent_id, at=at, sends=1)
                for intent, (intent_id, at) in zip(
                    intents, self._database.run(sql.INTENTS_AFTER, after), strict=True
                )
            ]
            intended = {row.seq: intent.id for intent in made for row in intent.rows}
            asked_rows = {"job": lease.job, "intents": json.dumps(intended)}
            changed = self._database.change(sql.INTEND_ROWS, asked_rows)
            _expect(changed, len(rows), "a lead of the request has its outcome")
            self._database.run_many(sql.DRAFT, [(row.fields, row.seq) for row in drafts])
            self._database.run_many(sql.KEEP_LOSSES, lost)
            losing = [(losses_id(row.losses), row.seq) for row in drafts]
            self._database.run_many(sql.LOSE, losing)
            return made

        return self._write(lease, work)

    def resend(self, lease: Lease, intent_id: int) -> None:
        def work() -> None:
            changed = self._database.change(sql.RESEND, {"job": lease.job, "id": intent_id})
            _expect(changed, 1, "no such request")

        self._write(lease, work)

    def settle(
        self, lease: Lease, settlements: Sequence[Settlement], intent_ids: Sequence[int] = ()
    ) -> None:
        settled = settled_rows(lease.job, settlements)
        lost = kept_losses([row.losses for row in settlements if row.losses is not None])
        pictures = [(row.before, row.seq) for row in settlements if row.before is not None]
        these = _these(lease.job, [row.seq for row in settlements])

        def work() -> None:
            changed = self._database.run_many(sql.SETTLE_ROW, settled)
            _expect(changed, len(settled), "no such lead")
            self._database.run_many(sql.KEEP_LOSSES, lost)
            self._database.run_many(sql.PICTURE, pictures)
            self._database.run(sql.LINK, these)
            closed = self._database.change(sql.CLOSE_INTENTS, _these(lease.job, intent_ids))
            _expect(closed, len(intent_ids), "a lead of the request has no outcome")

        self._write(lease, work)

    def requeue(self, lease: Lease, seqs: Sequence[int]) -> None:
        again = _these(lease.job, seqs)

        def work() -> None:
            changed = self._database.change(sql.REQUEUE, again)
            _expect(changed, len(seqs), "a lead arrived already or was purged")
            self._database.run(sql.FORGET_FIELDS, again)
            self._database.run(sql.CLOSE_REQUEUED, again)
            open_still = self._database.run(sql.STILL_OPEN, again)
            _expect(len(open_still), 0, "the leads of one request are tried again together")

        self._write(lease, work)

    def unlink(self, lease: Lease, seqs: Sequence[int]) -> None:
        self._write(lease, lambda: self._database.run(sql.UNLINK, _these(lease.job, seqs)))

    def outdate(self, lease: Lease, seqs: Sequence[int]) -> None:
        self._write(lease, lambda: self._database.run(sql.OUTDATE, _these(lease.job, seqs)))

    def purge(self, job_id: str) -> int:
        def work() -> int:
            removed = self._database.change(sql.PURGE_LEADS, {"job": job_id})
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
            if not self._database.change(sql.FENCE, values):
                raise JournalError(
                    f"another process has taken job {lease.job!r} over: this one stops here."
                )
            return work()

        def arrived() -> bool:
            return self._database.run(sql.LAST_STAMP, {"job": lease.job}) == [(stamp,)]

        return self._database.write(fenced, arrived)


def _these(job_id: str, seqs: Sequence[int]) -> dict[str, Any]:
    """Return the rows of a job, or its requests, as the parameters that `{seqs}` unfolds."""
    return {"job": job_id, "seqs": id_list(seqs)}


def _expect(changed: int, asked: int, why: str) -> None:
    """Refuse the work unless it changed as many rows as it was asked for."""
    if changed != asked:
        raise JournalError(f"the journal refuses a change: {why}. Nothing was changed.")
