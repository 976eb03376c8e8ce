"""Who would become one lead at a target that merges, although nothing says that they are one."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from leadgateway.aio import AsyncConnection
from leadgateway.errors import MappingError
from leadgateway.journal import Journal
from leadgateway.lead import Lead
from leadgateway.session import ANYTHING
from leadgateway.transfer.encode import unstaged
from leadgateway.transfer.scratch import Rows, scratch

_SAMPLES = 5
_BREATH = 200
"""Leads looked at before other tasks, which keep the lease, have their turn."""

_TABLES = (
    "CREATE TABLE leads (lead INTEGER PRIMARY KEY, id TEXT, name INTEGER)",
    "CREATE TABLE merging (key INTEGER, kind TEXT, lead INTEGER)",
    "CREATE TABLE matching (lead INTEGER, key INTEGER)",
)
_INDEXES = (
    "CREATE INDEX merging_by_key ON merging (key)",
    "CREATE INDEX matching_by_lead ON matching (lead)",
)
# Those that share a merge key are one if a match key of ours belongs to every one of them, and
# none has another name than the others.
_GROUPS = """
    CREATE TABLE groups AS
    SELECT key, (SELECT kind FROM merging WHERE key = shared.key LIMIT 1) AS kind, leads,
        leads = IFNULL((
            SELECT COUNT(*) FROM merging m JOIN matching i ON i.lead = m.lead
            WHERE m.key = shared.key GROUP BY i.key ORDER BY 1 DESC LIMIT 1
        ), 0) AND (
            SELECT COUNT(DISTINCT name) FROM merging m JOIN leads USING (lead)
            WHERE m.key = shared.key
        ) < 2 AS one
    FROM (SELECT key, COUNT(*) AS leads FROM merging GROUP BY key HAVING leads > 1) shared
"""


@dataclass(frozen=True)
class MergeGroup:
    """Leads that share what the target merges `by`; `samples` are the ids of some of them."""

    by: str
    leads: int
    samples: tuple[str, ...]


@dataclass(frozen=True)
class MergeGroups:
    """How many groups would be merged, of how many leads; `examples` are the largest of them."""

    groups: int = 0
    leads: int = 0
    examples: tuple[MergeGroup, ...] = ()


class MergeIndex:
    """The leads of one move by the keys that the target merges by.

    Keys are kept as Python's hashes of them: 64 bits, seeded anew by each process.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        for statement in _TABLES:
            database.execute(statement)
        self._ids = Rows(database, "leads", 3)
        self._merging = Rows(database, "merging", 3)
        self._matching = Rows(database, "matching", 2)
        self.risks = False
        self.leads = 0

    def add(self, lead_id: str, lead_read: Lead, merge_keys: frozenset[str]) -> None:
        """Take one lead up: what it says of who it is, and what the target would merge it by."""
        lead, match_keys = self.leads, lead_read.match_keys
        self._ids.put((lead, lead_id, _named(lead_read)))
        self._merging.put(
            [value for key in merge_keys for value in (hash(key), key.partition(":")[0], lead)]
        )
        self._matching.put([value for key in match_keys for value in (lead, hash(key))])
        self.leads += 1

    def _flush(self) -> None:
        for rows in (self._ids, self._merging, self._matching):
            rows.flush()

    def knows(self, lead_id: str) -> bool:
        """Whether a lead was taken up."""
        self._flush()
        self._database.execute("CREATE INDEX IF NOT EXISTS leads_by_id ON leads (id)")
        found = self._database.execute("SELECT 1 FROM leads WHERE id = ?", (lead_id,))
        return found.fetchone() is not None

    def close(self) -> None:
        """Find the groups; nothing is added after this."""
        self._flush()
        for statement in _INDEXES:
            self._database.execute(statement)
        self._database.execute(_GROUPS)
        self._database.execute("CREATE INDEX groups_by_key ON groups (key)")
        found = self._database.execute("SELECT 1 FROM groups WHERE one = 0 LIMIT 1")
        self.risks = found.fetchone() is not None

    def risky(self, merge_keys: frozenset[str]) -> bool:
        """Whether a lead with these keys would be merged with one that need not be the same."""
        return any(
            self._database.execute(
                "SELECT 1 FROM groups WHERE key = ? AND one = 0", (hash(key),)
            ).fetchone()
            for key in merge_keys
        )

    def groups(self, *, one: bool, most: int) -> MergeGroups:
        """Return the groups whose leads are surely `one`, or surely not all of them."""
        [(groups, leads)] = self._database.execute(
            "SELECT COUNT(DISTINCT g.key), COUNT(DISTINCT m.lead)"
            " FROM groups g JOIN merging m ON m.key = g.key WHERE g.one = ?",
            (one,),
        ).fetchall()
        found = self._database.execute(
            "SELECT key, kind, leads FROM groups WHERE one = ? ORDER BY leads DESC, key LIMIT ?",
            (one, most),
        ).fetchall()
        examples = tuple(MergeGroup(kind, size, self._samples(key)) for key, kind, size in found)
        return MergeGroups(groups, leads, examples)

    def _samples(self, key: int) -> tuple[str, ...]:
        found = self._database.execute(
            "SELECT id FROM merging m JOIN leads USING (lead) WHERE key = ? ORDER BY lead LIMIT ?",
            (key, _SAMPLES),
        )
        return tuple(lead_id for (lead_id,) in found)


def _named(lead: Lead) -> int | None:
    """Return a hash of a name, however it is spaced and capitalised."""
    full = lead.name.full if lead.name else None
    return hash("".join(full.casefold().split())) if full else None


@dataclass(frozen=True)
class MergeGuard:
    """Knows every lead that a job has staged, and so which creates would merge what must not be.

    It meets leads as they are read, and learns the others before it refuses any.
    """

    target: AsyncConnection
    index: MergeIndex

    def meet(self, source_id: str, fields: Mapping[str, Any], lead: Lead) -> None:
        """Take up a lead that will be written as these fields."""
        merge_keys = self.target.opened.session.adapter.merge_keys(fields)
        self.index.add(source_id, lead, merge_keys)

    async def learn(self, journal: Journal, job_id: str) -> None:
        """Take up what an earlier run staged, and what was not read since it had not changed.

        A lead whose payload was purged is not known.
        """
        session = self.target.opened.session
        for count, (source_id, payload) in enumerate(self._unmet(journal, job_id), 1):
            lead = unstaged(payload)
            with suppress(MappingError):
                draft = session.encoded(lead, session.write_use, ANYTHING)
                self.meet(source_id, draft.fields, lead)
            if count % _BREATH == 0:
                await asyncio.sleep(0)
        self.index.close()

    def _unmet(self, journal: Journal, job_id: str) -> Iterator[tuple[str, str]]:
        if self.index.leads == sum(journal.counts(job_id).values()):
            return
        for row in journal.rows(job_id):
            if self.index.knows(row.source_id):
                continue
            payload = row.payload or journal.earlier_payload(job_id, row.source_id, row.digest)
            if payload is not None:
                yield row.source_id, payload

    def refusal(self, fields: Mapping[str, Any]) -> MappingError | None:
        """Return why these fields must not be written, or `None`."""
        merge_keys = self.target.opened.session.adapter.merge_keys
        if not (self.index.risks and self.index.risky(merge_keys(fields))):
            return None
        rule = self.target.capabilities.merge_rule
        hint = f"the target would merge it with another lead of this job: {rule}"
        return MappingError("lead", "merge_risk", hint)


@contextmanager
def merge_guard(target: AsyncConnection) -> Iterator[MergeGuard]:
    """Guard the creates of a job; nothing is refused before the guard has learnt what is staged."""
    with scratch() as database:
        yield MergeGuard(target, MergeIndex(database))
