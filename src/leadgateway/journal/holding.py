"""Who holds a job of a journal over SQL: what is written to it is written by its holder."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TypeVar

from leadgateway.errors import JobLocked, JournalError
from leadgateway.journal import statements as sql
from leadgateway.journal.database import Database
from leadgateway.journal.entries import (
    CLOCK_STEP_SECONDS,
    LEASE_SECONDS,
    Holder,
    JobRecord,
    Lease,
)
from leadgateway.journal.reading import JournalReader
from leadgateway.journal.records import job_record

T = TypeVar("T")


class JournalHolding(JournalReader):
    """The half of a `Journal` that makes jobs and says who holds them."""

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

    def claim(self, job_id: str, holder: Holder, *, alone: bool = False) -> Lease:
        values = {
            "id": job_id, "pid": holder.pid, "host": holder.host, "ttl": self._ttl,
            "far": CLOCK_STEP_SECONDS + self._ttl, "stamp": uuid.uuid4().hex,
        }  # fmt: skip

        def work() -> Lease:
            if alone:
                self._database.run(sql.TAKE_TURN, {})
                beside = self._database.run(sql.BESIDE, values)
                if beside:
                    other, pid, host, age = beside[0]
                    raise JobLocked(other, pid=pid, host=host, age=max(0.0, age), wanted=job_id)
                self._database.run(sql.END_SILENT, {"id": job_id})
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
