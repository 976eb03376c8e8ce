"""What a driver remembers of the records of a file, in a database that is gone with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any


def _scratch(table: str) -> sqlite3.Connection:
    """Return a database in a temporary file; who uses it lets one thread in at a time."""
    database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("BEGIN")
    database.execute(table)
    return database


def _hashed(key: str) -> bytes:
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Occurrences:
    """How often each key comes by in one version of a file, from its top to `known_to`."""

    def __init__(self, stamp: str, top: Sequence[int]) -> None:
        self.stamp = stamp
        self.known_to = list(top)
        self._database = _scratch(
            "CREATE TABLE seen (key BLOB, place INTEGER, number INTEGER,"
            " PRIMARY KEY (key, place)) WITHOUT ROWID"
        )

    def numbers(self, keys: Iterable[Sequence[Any]], to: Sequence[int] | None) -> list[int] | None:
        """Return for each key and place how many records up to there have that key.

        The records reach up to `to`, and follow those that are known or are some of them: `None`
        if none of the known begins there.
        """
        found = []
        for key, place in keys:
            number = self._number(_hashed(key), place)
            if number is None:
                return None
            found.append(number)
        if to is not None and to[0] > self.known_to[0]:
            self.known_to = list(to)
        return found

    def _number(self, key: bytes, place: int) -> int | None:
        before = self._database.execute(
            "SELECT place, number FROM seen WHERE key = ? AND place <= ?"
            " ORDER BY place DESC LIMIT 1",
            (key, place),
        ).fetchone()
        if before is not None and before[0] == place:
            return int(before[1])
        if place < self.known_to[0]:
            return None
        number = 1 if before is None else int(before[1]) + 1
        self._database.execute("INSERT INTO seen VALUES (?, ?, ?)", (key, place, number))
        return number

    def close(self) -> None:
        """Forget everything."""
        self._database.close()


class LineIndex:
    """Where the line of each id begins, in one version of a file."""

    def __init__(self) -> None:
        self.stamp = ""
        self._database = _scratch("CREATE TABLE lines (id BLOB PRIMARY KEY, offset INTEGER)")

    def add(self, line_id: str, offset: int) -> None:
        """Remember a line; of several with one id the first counts."""
        self._database.execute(
            "INSERT OR IGNORE INTO lines VALUES (?, ?)", (_hashed(line_id), offset)
        )

    def find(self, line_id: str) -> int | None:
        """Return where the line with an id begins, if there is one."""
        found = self._database.execute(
            "SELECT offset FROM lines WHERE id = ?", (_hashed(line_id),)
        ).fetchone()
        return None if found is None else int(found[0])

    def clear(self) -> None:
        """Forget every line."""
        self._database.execute("DELETE FROM lines")
        self.stamp = ""

    def close(self) -> None:
        """Forget everything."""
        self._database.close()
