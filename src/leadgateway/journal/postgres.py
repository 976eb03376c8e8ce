"""The store for many machines: PostgreSQL through psycopg 3 (extra `postgres`)."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from leadgateway.errors import JournalError
from leadgateway.journal import statements as sql
from leadgateway.journal.store import SQLJournal

_WORDS = {
    "now": "EXTRACT(EPOCH FROM clock_timestamp())::double precision",
    "serial": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
}
_SCHEMA_LOCK = 0x4C454144


def open_postgres(url: str) -> SQLJournal:
    """Open the journal in the database at `url`, making its tables where there are none.

    Tables of a newer leadgateway are a `JournalError`, and nothing of them is changed.
    """
    return SQLJournal(PostgresDatabase(url))


class PostgresDatabase:
    """One connection, made anew when the server went away between two transactions."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.RLock()
        self._connection = self._connect()
        self._bring_up_to_date()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what happens inside durably, or nothing of it."""
        with self._lock:
            if self._connection.closed or self._connection.broken:
                self._connection = self._connect()
            try:
                with self._connection.transaction():
                    self._connection.execute("SET LOCAL synchronous_commit = on")
                    yield
            except psycopg.Error as error:
                raise JournalError(f"the journal in PostgreSQL failed: {_plain(error)}.") from None

    def run(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        cursor = self._connection.execute(_spoken(statement), values)
        return cursor.fetchall() if cursor.description is not None else []

    def run_many(self, statement: str, values: Sequence[Mapping[str, Any]]) -> int:
        """Run one statement for each of `values`; returns how many rows it changed."""
        if not values:
            return 0
        with self._connection.cursor() as cursor:
            cursor.executemany(_spoken(statement), values)
            return cursor.rowcount

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        try:
            return psycopg.connect(self._url, autocommit=True, connect_timeout=10)
        except psycopg.Error as error:
            raise JournalError(f"PostgreSQL cannot be reached: {_plain(error)}.") from None

    def _bring_up_to_date(self) -> None:
        with self.transaction():
            self.run("SELECT pg_advisory_xact_lock(:lock)", {"lock": _SCHEMA_LOCK})
            known = self.run("SELECT to_regclass('leadgateway_meta')::text", {})
            if known[0][0] is None:
                for statement in sql.SCHEMA:
                    self.run(statement, {})
                values = {"version": sql.SCHEMA_VERSION}
                self.run("INSERT INTO leadgateway_meta (version) VALUES (:version)", values)
                return
            [(version,)] = self.run("SELECT version FROM leadgateway_meta", {})
            if version > sql.SCHEMA_VERSION:
                raise JournalError(
                    f"the journal was written by a newer leadgateway (schema {version}, this one "
                    f"knows {sql.SCHEMA_VERSION}): upgrade leadgateway, or name another database."
                )


def _plain(error: psycopg.Error) -> str:
    """Return what the server said, without the address and without any value."""
    said = error.diag.message_primary
    return said or type(error).__name__


_SPOKEN: dict[str, bytes] = {}


def _spoken(statement: str) -> bytes:
    """Return `statement` in this store's words."""
    if statement not in _SPOKEN:
        worded = re.sub(r"\{(\w+)\}", lambda m: _WORDS[m[1]], statement.replace("%", "%%"))
        _SPOKEN[statement] = re.sub(r"(?<!:):(\w+)", r"%(\1)s", worded).encode()
    return _SPOKEN[statement]
