"""Which journal and which job a command is about."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from leadgateway.cli.invocation import Invocation

if TYPE_CHECKING:
    from leadgateway.journal import JobRecord, Journal

F = TypeVar("F", bound=Callable[..., Any])


def journal_option(command: F) -> F:
    """Add `--journal`."""
    return click.option(
        "--journal",
        "where",
        metavar="PATH|URL",
        help="The journal: a file, or postgresql://... By default LEADGATEWAY_JOURNAL, or "
        ".leadgateway/journal.db here.",
    )(command)


@dataclass
class Shelf:
    """Where a journal is, or will be: it is made no earlier than somebody has to write to it.

    `given` is what the command line said of it, if anything.
    """

    invocation: Invocation
    given: str | None
    where: str
    _opened: Journal | None = None

    def find(self) -> Journal | None:
        """Return the journal, or `None` while there is none."""
        from leadgateway.journal.opening import is_unmade

        return None if self._opened is None and is_unmade(self.where) else self.open()

    def open(self) -> Journal:
        """Return the journal; one is made if there is none."""
        from leadgateway.journal.opening import open_journal

        if self._opened is None:
            self._opened = open_journal(self.where, self.invocation.plugins.journals())
        return self._opened

    def known(self) -> Journal:
        """Return the journal, which must be there."""
        from leadgateway.errors import ConfigError

        found = self.find()
        if found is None:
            raise ConfigError(f"there is no journal at {self.where}: name another with --journal.")
        return found

    def close(self) -> None:
        """Close the journal, if it was opened."""
        if self._opened is not None:
            self._opened.close()


@contextmanager
def shelf(invocation: Invocation, where: str | None) -> Iterator[Shelf]:
    """Go to where the journal is, for as long as the block runs."""
    from leadgateway.journal.opening import journal_location

    found = Shelf(invocation, where, journal_location(where, os.environ))
    try:
        yield found
    finally:
        found.close()


@contextmanager
def opened(invocation: Invocation, where: str | None) -> Iterator[Journal]:
    """Open the journal that is there for as long as the block runs."""
    with shelf(invocation, where) as found:
        yield found.known()


def job_named(journal: Journal, job_id: str) -> JobRecord:
    """Return the job, or say which jobs there are."""
    from leadgateway.errors import ConfigError

    found = journal.find_job(job_id)
    if found is None:
        known = ", ".join(job.id for job in journal.list_jobs()) or "none"
        raise ConfigError(f"there is no job {job_id!r} in this journal. Jobs: {known}.")
    return found
