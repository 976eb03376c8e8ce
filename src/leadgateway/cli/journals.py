"""Which journal and which job a command is about."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def opened(invocation: Invocation, where: str | None) -> Iterator[Journal]:
    """Open the journal for as long as the block runs."""
    from leadgateway.journal.opening import journal_location, open_journal

    journal = open_journal(journal_location(where, os.environ), invocation.plugins.journals())
    try:
        yield journal
    finally:
        journal.close()


def job_named(journal: Journal, job_id: str) -> JobRecord:
    """Return the job, or say which jobs there are."""
    from leadgateway.errors import ConfigError

    found = journal.find_job(job_id)
    if found is None:
        known = ", ".join(job.id for job in journal.list_jobs()) or "none"
        raise ConfigError(f"there is no job {job_id!r} in this journal. Jobs: {known}.")
    return found
