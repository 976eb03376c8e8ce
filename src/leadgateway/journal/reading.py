"""What a journal over SQL knows, as its records; nothing in here writes."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from leadgateway.journal import statements as sql
from leadgateway.journal.database import Database
from leadgateway.journal.entries import (
    IntendedRow,
    Intent,
    JobRecord,
    Known,
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

    def known(self, job_id: str, source_ids: Sequence[str]) -> dict[str, Known]:
        found = self._read(sql.KNOWN, {"job": job_id, "ids": id_list(source_ids)})
        return {source_id: Known(seq is not None, digest) for source_id, seq, digest in found}

    def earlier_payload(self, job_id: str, source_id: str, digest: str) -> str | None:
        values = {"job": job_id, "source_id": source_id, "digest": digest}
        found = self._read(sql.EARLIER_PAYLOAD, values)
        return found[0][0] if found else None

    def pending(self, job_id: str, limit: int) -> list[Pending]:
        rows = self._read(sql.PENDING, {"job": job_id, "most": limit})
        return [Pending(*row) for row in rows]

    def open_intents(self, job_id: str, limit: int, after: int = 0) -> list[Intent]:
        return self._database.read(lambda: self._open_intents(job_id, limit, after))

    def _open_intents(self, job_id: str, limit: int, after: int) -> list[Intent]:
        page = {"job": job_id, "after": after, "most": limit}
        found = self._database.run(sql.OPEN_INTENTS, page)
        page = {"job": job_id, "after": after, "last": found[-1][0] if found else after}
        rows = defaultdict(list)
        for intent_id, *row in self._database.run(sql.INTENDED_ROWS, page):
            rows[intent_id].append(IntendedRow(*row))
        return [open_intent(intent, rows[intent[0]]) for intent in found]

    def rows(
        self, job_id: str, states: Sequence[RowState] = (), after: int = 0
    ) -> Iterator[RowRecord]:
        if not states:
            return map(row_record, self._pages(sql.ROWS, {"job": job_id}, after))
        kinds = [{"job": job_id, "state": state.value} for state in dict.fromkeys(states)]
        pages = [self._pages(sql.ROWS_OF_STATE, kind, after) for kind in kinds]
        return map(row_record, heapq.merge(*pages, key=itemgetter(0)))

    def arrivals(self, job_id: str) -> Iterator[tuple[int, str]]:
        return self._pages(sql.ARRIVALS, {"job": job_id}, 0)

    def rows_at(self, job_id: str, seqs: Sequence[int]) -> list[RowRecord]:
        values = {"job": job_id, "seqs": id_list(seqs)}
        return [row_record(row) for row in self._read(sql.ROWS_AT, values)]

    def row(self, job_id: str, seq: int) -> RowRecord | None:
        found = self._read(sql.ROW, {"job": job_id, "seq": seq})
        return row_record(found[0]) if found else None

    def counts(self, job_id: str) -> Counter[RowState]:
        found = self._read(sql.COUNTS, {"job": job_id})
        return Counter({RowState(state): count for state, count in found})

    def linked(self, job_id: str, target_ids: Sequence[str]) -> set[str]:
        values = {"job": job_id, "ids": id_list(target_ids)}
        return {target_id for (target_id,) in self._read(sql.LINKED, values)}

    def shared(self, job_id: str) -> set[str]:
        return {target_id for (target_id,) in self._read(sql.SHARED, {"job": job_id})}

    def superseded(self, job_id: str) -> set[int]:
        return {seq for (seq,) in self._read(sql.SUPERSEDED, {"job": job_id})}

    def activity(self, job_id: str) -> list[tuple[int, int]]:
        found = self._read(sql.ACTIVITY, {"job": job_id})
        return [(int(minute), int(requests)) for minute, requests in found]

    def now(self) -> float:
        [(now,)] = self._read(sql.NOW, {})
        return float(now)

    def _read(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        return self._database.read(lambda: self._database.run(statement, values))

    def _pages(
        self, statement: str, values: Mapping[str, Any], after: int
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a statement whose first column is the number they are ordered by."""
        while True:
            page = self._read(statement, {**values, "after": after, "most": _PAGE})
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1][0]
