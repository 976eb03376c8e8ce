"""The default store: one SQLite file, readable by its owner alone."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from leadgateway.errors import JournalError
from leadgateway.journal import statements as sql
from leadgateway.journal.store import SQLJournal

APPLICATION_ID: Final = 0x4C454144  # "LEAD"
_OLDEST_SQLITE = (3, 35, 0)  # UPDATE ... RETURNING
_WORDS = {
    "now": "((julianday('now') - 2440587.5) * 86400.0)",
    "serial": "INTEGER PRIMARY KEY AUTOINCREMENT",
}


def open_sqlite(path: Path) -> SQLJournal:
    """Open or make the journal at `path`: WAL, every commit on disk, mode 0600 in a 0700 folder.

    A file of something else, of a newer leadgateway, damaged or read-only is a `JournalError`,
    and nothing of it is changed.
    """
    return SQLJournal(SQLiteDatabase(path))


class SQLiteDatabase:
    """One connection; transactions lock the file against other writers at once."""

    def __init__(self, path: Path) -> None:
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise JournalError(f"SQLite {sqlite3.sqlite_version} is too old: 3.35 is needed.")
        self._path = path
        self._lock = threading.RLock()
        with self._errors():
            fresh = _prepare(path)
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=30.0
            )
            self._connection.execute("PRAGMA foreign_keys = ON")
            if not fresh:
                self._recognise()
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._bring_up_to_date()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the write lock until the block ends, then commit to disk."""
        with self._lock, self._errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def run(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        return self._connection.execute(_spoken(statement), values).fetchall()

    def run_many(self, statement: str, values: Sequence[Mapping[str, Any]]) -> int:
        """Run one statement for each of `values`; returns how many rows it changed."""
        return self._connection.executemany(_spoken(statement), values).rowcount if values else 0

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _recognise(self) -> None:
        [(application,)] = self._connection.execute("PRAGMA application_id").fetchall()
        [(version,)] = self._connection.execute("PRAGMA user_version").fetchall()
        [(tables,)] = self._connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchall()
        if application == 0 and version == 0 and tables == 0:
            return
        if application != APPLICATION_ID:
            raise JournalError(f"{self._path} is a database of something else: name another file.")
        if version > sql.SCHEMA_VERSION:
            raise JournalError(
                f"{self._path} was written by a newer leadgateway (schema {version}, this one "
                f"knows {sql.SCHEMA_VERSION}): upgrade leadgateway, or name another file."
            )

    def _bring_up_to_date(self) -> None:
        with self.transaction():
            [(version,)] = self._connection.execute("PRAGMA user_version").fetchall()
            if version == sql.SCHEMA_VERSION:
                return
            for statement in sql.SCHEMA:
                self._connection.execute(_spoken(statement))
            self._connection.execute(
                "INSERT INTO leadgateway_meta (version) VALUES (?)", (sql.SCHEMA_VERSION,)
            )
            self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            self._connection.execute(f"PRAGMA user_version = {sql.SCHEMA_VERSION}")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise JournalError(f"the journal {self._path} failed: {error}.") from error


def _prepare(path: Path) -> bool:
    """Make the folder and the file for their owner alone; returns whether the file is new."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if not os.access(path, os.W_OK):
            raise JournalError(f"the journal {path} cannot be written.") from None
        return False
    return True


_SPOKEN: dict[str, str] = {}


def _spoken(statement: str) -> str:
    """Return `statement` in this store's words."""
    if statement not in _SPOKEN:
        _SPOKEN[statement] = re.sub(r"\{(\w+)\}", lambda m: _WORDS[m[1]], statement)
    return _SPOKEN[statement]
