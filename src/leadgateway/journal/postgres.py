"""The store for many machines: PostgreSQL through psycopg 3 (extra `postgres`)."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, Final, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from leadgateway.errors import ConfigError, JournalError
from leadgateway.journal.schema import STEPS, Steps
from leadgateway.journal.store import SQLJournal

_WORDS = {
    "now": "EXTRACT(EPOCH FROM clock_timestamp())::double precision",
    "ids": "SELECT json_array_elements_text(CAST(:ids AS json))",
    "seqs": "SELECT CAST(json_array_elements_text(CAST(:seqs AS json)) AS BIGINT)",
    "intents": "SELECT CAST(key AS BIGINT) AS seq, CAST(value AS BIGINT) AS intent"
    " FROM json_each_text(CAST(:intents AS json))",
    "minute": "FLOOR(at / 60)::bigint",
    "serial": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    "number": "BIGINT PRIMARY KEY",
}
_SCHEMA_LOCK = 0x4C454144
_READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# A holder that is frozen inside a transaction must not keep its successor waiting for ever.
_WRITE: Final = (
    "BEGIN; SET LOCAL synchronous_commit = on; SET LOCAL lock_timeout = '30s';"
    " SET LOCAL idle_in_transaction_session_timeout = '60s'"
)
_VACUUM: Final = "VACUUM leadgateway_rows, leadgateway_leads, leadgateway_intents"
_TRIES = 3
_PAUSES: Final = (0.0, 0.1, 0.3, 1.0, 2.0, 4.0, 8.0)
"""How long to wait before each attempt to come back to a server that went away, in seconds."""

T = TypeVar("T")


def open_postgres(url: str) -> SQLJournal:
    """Open the journal in the database at `url`, making its tables where there are none.

    Tables of a newer leadgateway are a `JournalError`, and nothing of them is changed.
    """
    return SQLJournal(PostgresDatabase(url))


class PostgresDatabase:
    """One connection, made anew when the server went away; what was under way is done again."""

    def __init__(
        self, url: str, steps: Steps = STEPS, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        try:
            told = {key: str(value) for key, value in conninfo_to_dict(url).items()}
        except psycopg.ProgrammingError:
            raise ConfigError("the journal's PostgreSQL URL cannot be read.") from None
        self._terms = {"connect_timeout": "10", **told, "client_encoding": "UTF8"}
        self._steps = steps
        self._sleep = sleep
        self._lock = threading.RLock()
        self._given_up = False
        self._connection = self._connect()
        try:
            self.write(self._step)
        except BaseException:
            self._connection.close()
            raise

    def write(self, work: Callable[[], T], arrived: Callable[[], bool] | None = None) -> T:
        """Run `work` as one transaction that is on disk on return, or has changed nothing.

        It is run again after a lost connection or a deadlock, unless its commit `arrived`.
        """
        return self._lasting(_WRITE, work, arrived)

    def read(self, work: Callable[[], T]) -> T:
        """Run `work` on one state of the data; keeps no writer waiting."""
        return self._lasting(_READ, work, None)

    def run(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        cursor = self._connection.execute(_spoken(statement), values)
        return cursor.fetchall() if cursor.description is not None else []

    def change(self, statement: str, values: Mapping[str, Any]) -> int:
        """Run one statement; returns how many rows it changed."""
        return self._connection.execute(_spoken(statement), values).rowcount

    def run_many(self, statement: str, values: Sequence[Sequence[Any]]) -> int:
        """Run one statement for each of `values`; returns how many rows it changed."""
        if not values:
            return 0
        with self._connection.cursor() as cursor:
            cursor.executemany(_in_order(statement), values)
            return cursor.rowcount

    def scrub(self) -> None:
        """Let the server reclaim old versions now instead of at some later time."""
        with self._lock, suppress(psycopg.Error):
            self._connection.execute(_VACUUM)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._given_up = True
            self._connection.close()

    def _lasting(self, begin: str, work: Callable[[], T], arrived: Callable[[], bool] | None) -> T:
        unanswered: list[T] = []
        tries = _TRIES
        with self._lock:
            while True:
                tries -= 1
                try:
                    if unanswered and arrived is not None and self._once(begin, arrived, []):
                        return unanswered[0]
                    unanswered.clear()
                    return self._once(begin, work, unanswered)
                except psycopg.Error as error:
                    if not tries or not self._may_try_again(error):
                        said = _said(error)
                        raise JournalError(f"the journal in PostgreSQL failed: {said}.") from None
                except UnicodeError:
                    raise JournalError("the journal was given a text that is no Unicode.") from None

    def _once(self, begin: str, work: Callable[[], T], unanswered: list[T]) -> T:
        """Run one transaction; its result is in `unanswered` while its commit has no answer."""
        self._connection.execute(begin, prepare=False)
        try:
            result = work()
            unanswered.append(result)
            self._connection.execute("COMMIT", prepare=False)
        except BaseException:
            if not self._connection.closed:
                self._roll_back()
            raise
        return result

    def _roll_back(self) -> None:
        """Undo the transaction; where the server is gone, it has done so."""
        with suppress(psycopg.Error):
            self._connection.execute("ROLLBACK", prepare=False)

    def _may_try_again(self, error: psycopg.Error) -> bool:
        """Come back to a server that went away; a deadlock or the like was undone by it."""
        if self._connection.closed and not self._given_up:
            self._connection.close()
            self._connection = self._connect(_PAUSES)
            return True
        return (error.sqlstate or "").startswith("40")

    def _connect(self, pauses: Sequence[float] = (0.0,)) -> psycopg.Connection[tuple[Any, ...]]:
        address = make_conninfo("", **self._terms)
        *early, last = pauses
        for pause in early:
            self._sleep(pause)
            with suppress(psycopg.Error):
                return psycopg.connect(address, autocommit=True)
        self._sleep(last)
        try:
            return psycopg.connect(address, autocommit=True)
        except psycopg.Error as error:
            said = self._masked(_said(error))
            raise JournalError(f"the journal in PostgreSQL cannot be reached: {said}.") from None

    def _masked(self, said: str) -> str:
        """Return what was said of a connection without any part of the URL, which it quotes."""
        for value in self._terms.values():
            said = said.replace(f'"{value}"', '"..."').replace(f"'{value}'", '"..."')
        return re.sub(r"\"[^\"]*\"|'[^']*'", '"..."', said)

    def _step(self) -> None:
        """Take the steps that the tables have not taken; one process at a time."""
        self.run("SELECT pg_advisory_xact_lock(:lock)", {"lock": _SCHEMA_LOCK})
        [(encoding,)] = self.run("SHOW server_encoding", {})
        if encoding != "UTF8":
            raise JournalError(f"the database is in {encoding}: make one with ENCODING 'UTF8'.")
        if self.run("SELECT to_regclass('leadgateway_meta')::text", {}) == [(None,)]:
            self.run("CREATE TABLE leadgateway_meta (version INTEGER NOT NULL)", {})
            self.run("INSERT INTO leadgateway_meta (version) VALUES (0)", {})
        [(version,)] = self.run("SELECT version FROM leadgateway_meta", {})
        if version > len(self._steps):
            raise JournalError(
                f"the journal was written by a newer leadgateway (schema {version}, this one "
                f"knows {len(self._steps)}): upgrade leadgateway, or name another database."
            )
        for statement in (each for step in self._steps[version:] for each in step):
            self.run(statement, {})
        if version < len(self._steps):
            values = {"version": len(self._steps)}
            self.run("UPDATE leadgateway_meta SET version = :version", values)


def _said(error: psycopg.Error) -> str:
    """Return what the server or the client library said in one line, without any value."""
    said = error.diag.message_primary or next(iter(str(error).splitlines()), type(error).__name__)
    return said.strip().rstrip(".")


@cache
def _spoken(statement: str) -> bytes:
    """Return `statement` in this store's words."""
    worded = re.sub(r"\{(\w+)\}", lambda m: _WORDS[m[1]], statement.replace("%", "%%"))
    return re.sub(r"(?<!:):(\w+)", r"%(\1)s", worded).encode()


@cache
def _in_order(statement: str) -> bytes:
    """Return `statement` in this store's words, its values told apart by their order."""
    return re.sub(rb"%\(\w+\)s", b"%s", _spoken(statement))
