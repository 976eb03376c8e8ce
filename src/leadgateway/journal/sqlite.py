"""The default store: one SQLite file, readable by its owner alone."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from leadgateway.errors import JournalError
from leadgateway.journal.home import Home
from leadgateway.journal.schema import STEPS, Steps
from leadgateway.journal.store import SQLJournal

APPLICATION_ID: Final = 0x4C454144  # "LEAD"
# Before this, dropping a column may damage the file (sqlite.org/releaselog/3_35_5.html, 2021-04).
_OLDEST_SQLITE = (3, 35, 5)
_HEADER_BYTES = 100  # sqlite.org/fileformat2.html, "The Database Header"
_TURN_SECONDS = 0.05
_TURNS = 600  # half a minute in all, as long as any other lock is waited for
_WORDS = {
    "now": "((julianday('now') - 2440587.5) * 86400.0)",
    "ids": "SELECT value AS id FROM json_each(:ids)",
    "among_ids": "IN (SELECT value FROM json_each(:ids))",
    "among_seqs": "IN (SELECT value FROM json_each(:seqs))",
    "intents": "SELECT CAST(key AS INTEGER) AS seq, value AS intent FROM json_each(:intents)",
    "fields": "CAST(:fields AS TEXT)",
    "payload": "CAST(:payload AS TEXT)",
    "minute": "CAST(at / 60 AS INTEGER)",
    "serial": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "number": "INTEGER PRIMARY KEY",
    "numbered": "INTEGER PRIMARY KEY",
    "number_on": "SELECT 1",  # it does so by itself
    "turn": "SELECT 1",  # whoever writes has it
}

T = TypeVar("T")


def open_sqlite(path: Path) -> SQLJournal:
    """Open or make the journal at `path`: WAL, every commit on disk, mode 0600 in a 0700 folder.

    A file of something else, of a newer leadgateway, damaged or read-only is a `JournalError`,
    and nothing of it is changed. A folder or a file that is there already keeps its mode.
    """
    return SQLJournal(SQLiteDatabase(path))


class SQLiteDatabase:
    """One connection; a transaction that writes locks the file against other writers at once."""

    def __init__(self, path: Path, steps: Steps = STEPS) -> None:
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise JournalError(f"SQLite {sqlite3.sqlite_version} is too old: 3.35.5 is needed.")
        self._path = path.absolute()
        self._steps = steps
        self._home = Home()
        self._lock = threading.RLock()
        with self._errors():
            self._check_header(_header_of(self._path))
            self._connection = sqlite3.connect(
                self._path, isolation_level=None, check_same_thread=False, timeout=30.0
            )
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def write(self, work: Callable[[], T], arrived: Callable[[], bool] | None = None) -> T:
        """Run `work` as one transaction that is on disk on return, or has changed nothing."""
        return self._transaction("BEGIN IMMEDIATE", work)

    def read(self, work: Callable[[], T]) -> T:
        """Run `work` on one state of the data; keeps no writer waiting."""
        return self._transaction("BEGIN", work)

    def run(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        return self._connection.execute(_spoken(statement), values).fetchall()

    def change(self, statement: str, values: Mapping[str, Any]) -> int:
        """Run one statement; returns how many rows it changed."""
        return self._connection.execute(_spoken(statement), values).rowcount

    def run_many(self, statement: str, values: Sequence[Sequence[Any]]) -> int:
        """Run one statement for each of `values`; returns how many rows it changed."""
        return self._connection.executemany(_in_order(statement), values).rowcount if values else 0

    def scrub(self) -> None:
        """Empty the log of old pages, unless another process is reading them just now."""
        with self._lock, self._errors():
            # Tables that were altered are read anew first: a checkpoint that has to do so fails.
            self.run("PRAGMA user_version", {})
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the file, unless it is another process that has it open."""
        # sqlite.org/howtocorrupt.html, 2.6: not even closing is safe after a fork.
        if self._home.is_here:
            with self._lock:
                self._connection.close()

    def _transaction(self, begin: str, work: Callable[[], T]) -> T:
        self._home.check()
        with self._lock, self._errors():
            self._connection.execute(begin)
            try:
                result = work()
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            return result

    def _check_header(self, header: bytes) -> None:
        """Refuse what is no journal of ours before SQLite touches it; an empty file is new."""
        if not header:
            return
        ours = APPLICATION_ID.to_bytes(4, "big")
        if header[:16] != b"SQLite format 3\0" or header[68:72] != ours:
            raise JournalError(f"{self._path} holds something else: name another file.")
        self._check_version(int.from_bytes(header[60:64], "big"))

    def _check_version(self, version: int) -> None:
        if version > len(self._steps):
            raise JournalError(
                f"{self._path} was written by a newer leadgateway (schema {version}, this one "
                f"knows {len(self._steps)}): upgrade leadgateway, or name another file."
            )

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA cache_size = -512")  # KiB: with more it is no faster
        self._connection.execute("PRAGMA secure_delete = ON")
        self._connection.execute("PRAGMA foreign_keys = ON")
        stepped = self.write(self._step)
        self._log_ahead()
        if stepped:
            self.scrub()

    def _log_ahead(self) -> None:
        """Turn the log on; SQLite itself does not wait for others who are about to do the same."""
        for left in reversed(range(_TURNS)):
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if not left:
                    raise
                time.sleep(_TURN_SECONDS)
            else:
                return

    def _step(self) -> bool:
        """Take the steps that the file has not taken; returns whether there were any."""
        [(version,)] = self.run("PRAGMA user_version", {})
        self._check_version(version)
        for step in self._steps[version:]:
            for statement in step:
                self.run(statement, {})
        if version == len(self._steps):
            return False
        self.run(f"PRAGMA application_id = {APPLICATION_ID}", {})
        self.run(f"PRAGMA user_version = {len(self._steps)}", {})
        return True

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise JournalError(f"the journal {self._path} failed: {error}.") from error
        except OSError as error:
            raise JournalError(f"the journal {self._path} failed: {error.strerror}.") from error
        except UnicodeError:
            raise JournalError("the journal was given a text that is no Unicode.") from None


def _header_of(path: Path) -> bytes:
    """Return how the file begins; a missing one is made, for its owner alone."""
    if not path.parent.is_dir():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.chmod(0o700)
    try:
        made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    except FileExistsError:
        return _read_header(path)
    os.close(made)
    path.chmod(0o600)
    return b""


def _read_header(path: Path) -> bytes:
    if not stat.S_ISREG(path.stat().st_mode):
        raise JournalError(f"{path} is no file: name another one.")
    with path.open("r+b", buffering=0) as file:
        return file.read(_HEADER_BYTES)


@cache
def _spoken(statement: str) -> str:
    """Return `statement` in this store's words."""
    return re.sub(r"\{(\w+)\}", lambda m: _WORDS[m[1]], statement)


@cache
def _in_order(statement: str) -> str:
    """Return `statement` in this store's words, its values told apart by their order."""
    return re.sub(r":\w+", "?", _spoken(statement))
