"""What a journal over SQL knows, as its records; nothing in here writes."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leadgateway.journal import statements as sql
from leadgateway.journal.database import Database
from leadgateway.journal.entries import (
    IntendedRow,
    Intent,
    JobRecord,
    Pending,
    RowRecord,
    RowState,
)
from leadgateway.journal.records import id_list, job_record, open_intent, row_record

_PAGE = 500


class JournalReader:
    """The reading half of a `Journal` in the tables of a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find_job(self, job_id: str) -> JobRecord | None:
        found = self._read(sql.FIND_JOB, {"id": job_id})
        return job_record(found[0]) if found else None

    def list_jobs(self) -> list[JobRecord]:
        return [job_record(row) for row in self._read(sql.LIST_JOBS, {})]

    def met(self, job_id: str, source_ids: Sequence[str]) -> set[str]:
        values = {"job": job_id, "ids": id_list(source_ids)}
        return {source_id for (source_id,) in self._read(sql.MET, values)}

    def twins(self, job_id: str, source_ids: Sequence[str]) -> dict[str, str]:
        values = {"job": job_id, "ids": id_list(source_ids)}
        return {source_id: digest for source_id, digest, _ in self._read(sql.LINKS, values)}

    def earlier_payload(self, job_id: str, source_id: str, digest: str) -> str | None:
        values = {"job": job_id, "source_id": source_id, "digest": digest}
        found = self._read(sql.EARLIER_PAYLOAD, values)
        return found[0][0] if found else None

    def pending(self, job_id: str, limit: int) -> list[Pending]:
        rows = self._read(sql.PENDING, {"job": job_id, "most": limit})
        return [Pending(*row) for row in rows]

    def open_intents(self, job_id: str, limit: int, after: int = 0) -> list[Intent]:
        def work() -> list[Intent]:
            page = {"job": job_id, "after": after, "most": limit}
            found = self._database.run(sql.OPEN_INTENTS, page)
            page = {"job": job_id, "after": after, "last": found[-1][0] if found else after}
            rows = defaultdict(list)
            for intent_id, *row in self._database.run(sql.INTENDED_ROWS, page):
                rows[intent_id].append(IntendedRow(*row))
            return [open_intent(intent, rows[intent[0]]) for intent in found]

        return self._database.read(work)

    def rows(
        self, job_id: str, states: Sequence[RowState] = (), after: int = 0
    ) -> Iterator[RowRecord]:
        if not states:
            return self._pages(sql.ROWS, {"job": job_id}, after)
        kinds = [{"job": job_id, "state": state.value} for state in dict.fromkeys(states)]
        pages = [self._pages(sql.ROWS_OF_STATE, kind, after) for kind in kinds]
        return heapq.merge(*pages, key=lambda row: row.seq)

    def find_rows(self, job_id: str, target_ids: Sequence[str]) -> list[RowRecord]:
        values = {"job": job_id, "ids": id_list(target_ids)}
        return [row_record(row) for row in self._read(sql.ROWS_BY_TARGET, values)]

    def row(self, job_id: str, seq: int) -> RowRecord | None:
        found = self._read(sql.ROW, {"job": job_id, "seq": seq})
        return row_record(found[0]) if found else None

    def counts(self, job_id: str) -> Counter[RowState]:
        found = self._read(sql.COUNTS, {"job": job_id})
        return Counter({RowState(state): count for state, count in found})

    def linked(self, job_id: str, target_ids: Sequence[str]) -> set[str]:
        values = {"job": job_id, "ids": id_list(target_ids)}
        return {target_id for (target_id,) in self._read(sql.LINKED, values)}

    def activity(self, job_id: str) -> list[tuple[int, int]]:
        found = self._read(sql.ACTIVITY, {"job": job_id})
        return [(int(minute), int(requests)) for minute, requests in found]

    def now(self) -> float:
        [(now,)] = self._read(sql.NOW, {})
        return float(now)

    def _read(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        return self._database.read(lambda: self._database.run(statement, values))

    def _pages(self, statement: str, values: Mapping[str, Any], after: int) -> Iterator[RowRecord]:
        while True:
            page = self._read(statement, {**values, "after": after, "most": _PAGE})
            yield from map(row_record, page)
            if len(page) < _PAGE:
                return
            after = page[-1][0]
