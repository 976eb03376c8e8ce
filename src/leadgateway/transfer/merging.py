"""Who would become one lead at a target that merges, although nothing says that they are one."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from leadgateway.aio import AsyncConnection
from leadgateway.errors import MappingError
from leadgateway.journal import Journal
from leadgateway.mapping import LENIENT
from leadgateway.session import WriteOptions
from leadgateway.transfer.encode import unstaged
from leadgateway.transfer.scratch import hashed, scratch

_SAMPLES = 5
_BREATH = 200
"""Leads looked at before other tasks, which keep the lease, have their turn."""

_TABLES = (
    "CREATE TABLE leads (lead INTEGER PRIMARY KEY, id TEXT)",
    "CREATE TABLE merging (key BLOB, kind TEXT, lead INTEGER)",
    "CREATE TABLE matching (lead INTEGER, key BLOB)",
    "CREATE INDEX merging_by_key ON merging (key)",
    "CREATE INDEX matching_by_lead ON matching (lead)",
)
# Those that share a merge key are one if a match key of ours belongs to every one of them.
_GROUPS = """
    CREATE TABLE groups AS
    SELECT key, kind, leads, leads = IFNULL((
        SELECT COUNT(*) FROM merging m JOIN matching i ON i.lead = m.lead
        WHERE m.key = shared.key GROUP BY i.key ORDER BY 1 DESC LIMIT 1
    ), 0) AS one
    FROM (SELECT key, kind, COUNT(*) AS leads FROM merging GROUP BY key HAVING leads > 1) shared
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
    """The leads of one move by the keys that the target merges by; keys are kept as hashes."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        for statement in _TABLES:
            database.execute(statement)

    def add(self, lead_id: str, merge_keys: frozenset[str], match_keys: frozenset[str]) -> None:
        """Take one lead up: what the target would merge it by, and what we would match it by."""
        done = self._database.execute("INSERT INTO leads (id) VALUES (?)", (lead_id,))
        self._database.executemany(
            "INSERT INTO merging VALUES (?, ?, ?)",
            [(hashed(key), key.partition(":")[0], done.lastrowid) for key in merge_keys],
        )
        self._database.executemany(
            "INSERT INTO matching VALUES (?, ?)",
            [(done.lastrowid, hashed(key)) for key in match_keys],
        )

    def close(self) -> None:
        """Find the groups; nothing is added after this."""
        self._database.execute(_GROUPS)
        self._database.execute("CREATE INDEX groups_by_key ON groups (key)")

    def risky(self, merge_keys: frozenset[str]) -> bool:
        """Whether a lead with these keys would be merged with one that need not be the same."""
        return any(
            self._database.execute(
                "SELECT 1 FROM groups WHERE key = ? AND one = 0", (hashed(key),)
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

    def _samples(self, key: bytes) -> tuple[str, ...]:
        found = self._database.execute(
            "SELECT id FROM merging m JOIN leads USING (lead) WHERE key = ? ORDER BY lead LIMIT ?",
            (key, _SAMPLES),
        )
        return tuple(lead_id for (lead_id,) in found)


@dataclass(frozen=True)
class MergeGuard:
    """Knows every lead that a job has staged, and so which creates would merge what must not be."""

    target: AsyncConnection
    index: MergeIndex

    def refusal(self, fields: Mapping[str, Any]) -> MappingError | None:
        """Return why these fields must not be written, or `None`."""
        if not self.index.risky(self.target.opened.adapter.merge_keys(fields)):
            return None
        rule = self.target.capabilities.merge_rule
        hint = f"the target would merge it with another lead of this job: {rule}"
        return MappingError("lead", "merge_risk", hint)


@asynccontextmanager
async def merge_guard(
    target: AsyncConnection, journal: Journal, job_id: str
) -> AsyncIterator[MergeGuard]:
    """Guard the creates of a job whose source has been staged to its end.

    A lead that was staged later is not known to it, nor is one whose payload was purged.
    """
    session = target.opened.session
    with scratch() as database:
        index = MergeIndex(database)
        for count, row in enumerate(journal.rows(job_id), 1):
            if row.payload is not None:
                lead = unstaged(row.payload)
                try:
                    draft = session.draft(lead, session.write_use, WriteOptions(policy=LENIENT))
                except MappingError:
                    continue
                merge_keys = session.adapter.merge_keys(draft.fields)
                index.add(row.source_id, merge_keys, lead.match_keys)
            if count % _BREATH == 0:
                await asyncio.sleep(0)
        index.close()
        yield MergeGuard(target, index)
