"""The two stores as the tests see them: opened again at will, and looked into from outside."""

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from leadgateway.journal.entries import LEASE_SECONDS
from leadgateway.journal.postgres import PostgresDatabase
from leadgateway.journal.sqlite import SQLiteDatabase
from leadgateway.journal.store import SQLJournal

TABLES = {
    "leadgateway_jobs": "id",
    "leadgateway_intents": "id",
    "leadgateway_rows": "seq",
    "leadgateway_leads": "seq",
    "leadgateway_losses": "id",
    "leadgateway_links": "source, target, source_id",
}


@dataclass
class Store:
    """One place that a journal lives in; what it opened is closed with it."""

    opened: list = field(default_factory=list, init=False)

    def open(self, lease_seconds=LEASE_SECONDS, **options):
        """Open the journal once more, as another process would."""
        return self.over(self.database(**options), lease_seconds)

    def over(self, database, lease_seconds=LEASE_SECONDS):
        """Return a journal over a database that is closed with the store."""
        journal = SQLJournal(database, lease_seconds=lease_seconds)
        self.opened.append(journal)
        return journal

    def dump(self):
        """Return everything that the journal's tables hold."""
        return {
            table: self.sql(f"SELECT * FROM {table} ORDER BY {key}")  # noqa: S608  # our tables
            for table, key in TABLES.items()
        }

    def set_clock(self, column, seconds):
        """Put a time of every job so many seconds from the journal's own now."""
        self.sql(f"UPDATE leadgateway_jobs SET {column} = {self.now} + {seconds}")  # noqa: S608  # ours

    def close(self):
        """Close whatever was opened."""
        for journal in self.opened:
            journal.close()


@dataclass
class SQLiteStore(Store):
    """A file."""

    path: Path
    now = "((julianday('now') - 2440587.5) * 86400.0)"

    def database(self, **options):
        """Return the database under a journal."""
        return SQLiteDatabase(self.path, **options)

    def sql(self, statement):
        """Run a statement from outside and return its rows as mappings."""
        connection = sqlite3.connect(self.path, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(statement).fetchall()]
        finally:
            connection.close()


@dataclass
class PostgresStore(Store):
    """A place at a server."""

    url: str
    name: str = ""
    now = "EXTRACT(EPOCH FROM clock_timestamp())::double precision"

    def database(self, **options):
        """Return the database under a journal."""
        return PostgresDatabase(self.url, **options)

    def sql(self, statement):
        """Run a statement from outside and return its rows as mappings."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            if cursor.description is None:
                return []
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
