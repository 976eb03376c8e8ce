"""The journal over any SQL database that a small port makes available."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from leadgateway.conduct.sharing import Share
from leadgateway.errors import JournalError
from leadgateway.journal import statements as sql
from leadgateway.journal.entries import (
    IntendedRow,
    Intent,
    JobState,
    Lease,
    RowState,
    Settlement,
    Staged,
)
from leadgateway.journal.framing import kept_body
from leadgateway.journal.holding import JournalHolding
from leadgateway.journal.quotas import SharedQuota
from leadgateway.journal.records import (
    Link,
    id_list,
    kept_losses,
    losses_id,
    settled_rows,
    staged_leads,
    staged_rows,
)

_FINISHED = frozenset({JobState.DONE, JobState.DONE_WITH_FAILURES, JobState.NEEDS_OPERATOR})


class SQLJournal(JournalHolding):
    """A `Journal` in the tables of a `Database`."""

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
        job, ids = lease.job, [row.source_id for row in rows]
        lost = kept_losses([row.losses for row in rows])
        moved = {"job": job, "cursor": cursor, "done": int(last)}

        def work() -> int:
            self._database.run_many(sql.KEEP_LOSSES, lost)
            links = self._links(job, ids)
            [(before,)] = self._database.run(sql.LAST_ROW, {})
            self._database.run_many(sql.STAGE_ROW, staged_rows(job, rows, links))
            new = self._database.run(sql.ROWS_AFTER, {"last": before})
            seqs = {link: seq for of, link, seq in new if of == job}
            self._database.run_many(sql.STAGE_LEAD, staged_leads(rows, links, seqs))
            self._hold_back(job)
            self._database.run(sql.MOVE_CURSOR, moved)
            return len(seqs)

        return self._write(lease, work)

    def _links(self, job_id: str, ids: Sequence[str]) -> dict[str, Link]:
        """Return the links of these leads of the job's source, made where there are none."""
        links = self._run_links(sql.LINKS, job_id, ids)
        # Always in one order, so that nobody deadlocks.
        new = sorted({each for each in ids if each not in links})
        made = self._run_links(sql.KEEP_LINKS, job_id, new)
        by_others = [each for each in new if each not in made]
        return links | made | self._run_links(sql.LINKS, job_id, by_others)

    def _run_links(self, statement: str, job_id: str, ids: Sequence[str]) -> dict[str, Link]:
        if not ids:
            return {}
        found = self._database.run(statement, {"job": job_id, "ids": id_list(ids)})
        return {source_id: Link(*link) for source_id, *link in found}

    def catch_up(self, lease: Lease) -> None:
        def work() -> None:
            job = {"job": lease.job}
            self._database.run(sql.LINK_WAITING, {**job, "unchanged": sql.UNCHANGED})
            self._database.run(sql.OVERTAKE, {**job, "overtaken": sql.OVERTAKEN})
            self._hold_back(lease.job)

        self._write(lease, work)

    def _hold_back(self, job_id: str) -> None:
        if found := self._database.run(sql.IN_DOUBT, {"job": job_id}):
            self._database.run(sql.HOLD_BACK, _these(job_id, [link for (link,) in found]))

    def intend(self, lease: Lease, intents: Sequence[Intent]) -> list[Intent]:
        job = lease.job
        asked = [
            (job, each.operation, each.key, *kept_body(each), each.target_id) for each in intents
        ]
        rows = [row for intent in intents for row in intent.rows]

        def work() -> list[Intent]:
            [(before,)] = self._database.run(sql.LAST_INTENT, {})
            self._database.run_many(sql.INTEND, asked)
            new = self._database.run(sql.INTENTS_AFTER, {"job": job, "last": before})
            made = [
                intent._replace(id=intent_id, at=at, sends=1)
                for intent, (intent_id, at) in zip(intents, new, strict=True)
            ]
            numbers = {row.seq: intent.id for intent in made for row in intent.rows}
            changed = self._intend_rows(job, numbers, before)
            _expect(changed, len(rows), "a lead of the request has its outcome")
            self._draft([row for row in rows if not row.as_staged])
            return made

        return self._write(lease, work)

    def _intend_rows(self, job: str, numbers: Mapping[int, int], last: int) -> int:
        """Make rows part of requests newer than `last`; returns how many could be."""
        values = {"job": job, "intents": json.dumps(numbers), "state": RowState.PENDING.value}
        changed = self._database.change(sql.INTEND_ROWS, values)
        if changed == len(numbers):
            return changed
        self._let_go(job, list(numbers), last)
        values["state"] = RowState.INTENT.value
        return self._database.change(sql.INTEND_ROWS, values)

    def _let_go(self, job: str, seqs: Sequence[int], last: int) -> None:
        """Let requests up to `last` do without these rows."""
        self._part(job, self._database.run(sql.OPEN_FOR, {**_these(job, seqs), "last": last}))

    def _part(self, job: str, intent_ids: Sequence[tuple[Any, ...]]) -> None:
        """Note that rows of open requests leave them, and keep bodies that they tell no more."""
        for (intent_id,) in intent_ids:
            [intent] = self._open_intents(job, 1, intent_id - 1)
            self._database.run(sql.PART, {"id": intent_id, "body": intent.body.decode()})

    def _draft(self, rows: Sequence[IntendedRow]) -> None:
        """Keep what was drafted anew."""
        lost = [(losses_id(row.losses), row.seq) for row in rows]
        self._database.run_many(sql.KEEP_LOSSES, kept_losses([row.losses for row in rows]))
        self._database.run_many(sql.LOSE, lost)
        self._database.run_many(sql.DRAFT, [(row.fields, row.seq) for row in rows])

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
        waiting = [row.seq for row in settlements if row.state is RowState.PENDING]

        def work() -> None:
            if waiting:
                [(last,)] = self._database.run(sql.LAST_INTENT, {})
                self._let_go(lease.job, waiting, last)
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
            self._part(lease.job, self._database.run(sql.OPEN_WITHOUT, again))
            changed = self._database.change(sql.REQUEUE, again)
            _expect(changed, len(seqs), "a lead arrived already or was purged")
            self._database.run(sql.FORGET_FIELDS, again)
            self._database.run(sql.CLOSE_REQUEUED, again)
            on_the_way = self._database.run(sql.STILL_ON_THE_WAY, again)
            _expect(len(on_the_way), 0, "a lead of the same request is on its way")

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


def _these(job_id: str, seqs: Sequence[int]) -> dict[str, Any]:
    """Return the rows of a job, or its requests, as the parameters that `{among_seqs}` unfolds."""
    return {"job": job_id, "seqs": id_list(seqs)}


def _expect(changed: int, asked: int, why: str) -> None:
    """Refuse the work unless it changed as many rows as it was asked for."""
    if changed != asked:
        raise JournalError(f"the journal refuses a change: {why}. Nothing was changed.")
