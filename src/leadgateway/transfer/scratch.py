"""What a walk over many leads must remember, in a temporary file: memory stays flat."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from leadgateway.adapter import Page
from leadgateway.aio import AsyncConnection
from leadgateway.errors import BadResponse
from leadgateway.journal import Journal

_VARIABLES: Final = 999
"""So many values any SQLite takes in one statement."""


@contextmanager
def scratch() -> Iterator[sqlite3.Connection]:
    """A database that nobody else can open and that is gone with the block."""
    connection = sqlite3.connect("", isolation_level=None)
    try:
        connection.execute("PRAGMA cache_size = -512")  # KiB: the system keeps what does not fit
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("BEGIN")
        yield connection
    finally:
        connection.close()


class Rows:
    """Rows on their way into a table: inserting many by one statement takes half the time."""

    def __init__(self, database: sqlite3.Connection, table: str, columns: int) -> None:
        row = f"({', '.join('?' * columns)})"
        many = _VARIABLES // columns
        self._database = database
        self._columns = columns
        self._full = many * columns
        self._one = f"INSERT INTO {table} VALUES {row}"  # noqa: S608  # the name is ours
        self._many = self._one + f", {row}" * (many - 1)
        self._values: list[Any] = []

    def put(self, values: Sequence[Any]) -> None:
        """Take up rows, the values of each behind those of the one before."""
        self._values += values
        while len(self._values) >= self._full:
            self._database.execute(self._many, self._values[: self._full])
            del self._values[: self._full]

    def flush(self) -> None:
        """Insert what was taken up."""
        rows = zip(*[iter(self._values)] * self._columns, strict=True)
        self._database.executemany(self._one, rows)
        self._values.clear()


class Arrivals:
    """Which rows of a job ended at which id of its target."""

    def __init__(self, database: sqlite3.Connection, journal: Journal, job_id: str) -> None:
        self._database = database
        database.execute("CREATE TABLE arrivals (seq INTEGER, id TEXT)")
        database.executemany("INSERT INTO arrivals VALUES (?, ?)", journal.arrivals(job_id))
        database.execute("CREATE INDEX arrivals_by_id ON arrivals (id)")

    def at(self, target_ids: Iterable[str]) -> list[int]:
        """Return the numbers of the rows that ended at these ids."""
        found = self._database.execute(
            "SELECT seq FROM arrivals WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(target_ids)),),
        )
        return [seq for (seq,) in found]


class Ids:
    """The ids that were met so far."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute("CREATE TABLE ids (id TEXT PRIMARY KEY) WITHOUT ROWID")

    def add(self, lead_id: str) -> bool:
        """Remember an id; returns whether it is new."""
        done = self._database.execute("INSERT OR IGNORE INTO ids VALUES (?)", (lead_id,))
        return done.rowcount == 1

    def __contains__(self, lead_id: str) -> bool:
        found = self._database.execute("SELECT 1 FROM ids WHERE id = ?", (lead_id,))
        return found.fetchone() is not None


@dataclass(frozen=True)
class WordCount:
    """A word that leads have at `path`, how many of them, and the ids of the first few.

    `meaning` is the canonical value that the word is read as, where it is a coded one.
    """

    path: str
    word: str
    meaning: str
    leads: int
    samples: tuple[str, ...]


class Words:
    """Counts the leads that have a word at a path, however many words there are."""

    def __init__(self, database: sqlite3.Connection, samples: int = 3) -> None:
        self._database = database
        self._samples = samples
        database.execute(
            "CREATE TABLE words (kind, path, word, meaning, leads,"
            " PRIMARY KEY (kind, path, word, meaning))"
        )
        database.execute("CREATE TABLE samples (word INTEGER, id)")
        database.execute("CREATE INDEX samples_by_word ON samples (word)")

    def add(self, kind: str, path: str, word: str, meaning: str, lead_id: str) -> None:
        """Count one lead; words of different kinds are counted apart."""
        [(row, leads)] = self._database.execute(
            "INSERT INTO words VALUES (?, ?, ?, ?, 1)"
            " ON CONFLICT DO UPDATE SET leads = leads + 1 RETURNING rowid, leads",
            (kind, path, word, meaning),
        ).fetchall()
        if leads <= self._samples:
            self._database.execute("INSERT INTO samples VALUES (?, ?)", (row, lead_id))

    def rows(self, kind: str, most: int) -> tuple[WordCount, ...]:
        """Return the `most` frequent words of a kind."""
        found = self._database.execute(
            "SELECT rowid, path, word, meaning, leads FROM words WHERE kind = ?"
            " ORDER BY leads DESC, path, word, meaning LIMIT ?",
            (kind, most),
        ).fetchall()
        return tuple(
            WordCount(path, word, meaning, leads, self._samples_of(row))
            for row, path, word, meaning, leads in found
        )

    def _samples_of(self, word: int) -> tuple[str, ...]:
        found = self._database.execute(
            "SELECT id FROM samples WHERE word = ? ORDER BY rowid", (word,)
        )
        return tuple(lead_id for (lead_id,) in found)


async def pages_of(
    connection: AsyncConnection, seen: Ids, **asked: Any
) -> AsyncGenerator[Page, None]:
    """Yield the pages of a whole list without the leads that an earlier page had.

    `asked` is what `list_leads` takes. A list that ends before the vendor's own count of it is
    `BadResponse`, after its last page.
    """
    met, told = 0, None
    async for page in connection.list_leads(**asked).pages():
        new = tuple(lead for lead in page.leads if lead.ref is None or seen.add(lead.ref.id))
        met += len(new)
        told = page.total if page.total is not None else told
        yield replace(page, leads=new)
    if told is not None and met < told:
        raise BadResponse(f"the list ended at {met} of {told} leads", vendor=connection.vendor)
