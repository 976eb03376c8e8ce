"""Whether a job may begin or go on: if it is time, and nothing is other than it was."""

from __future__ import annotations

from typing import Final

from leadgateway.errors import ConfigError, Paused
from leadgateway.journal import JobRecord, JobState, Journal
from leadgateway.transfer.book import Book
from leadgateway.transfer.job_config import differences
from leadgateway.transfer.lookup import since_epoch

_VENDORS: Final = frozenset({"source.vendor", "target.vendor"})


def admit(book: Book, asked: JobRecord, accounts: frozenset[str], *, new_config: bool) -> None:
    """Let the job go on as `asked`, or raise `Paused` or `ConfigError`.

    `accounts` are the settings that say where its connections lead. A changed configuration is
    the job's own from now on if that is wanted.
    """
    record = book.record()
    _check_time(record, book.journal.now())
    _check_config(record, asked, book, new_config=new_config)
    if not new_config:
        _check_accounts(asked, book.journal, accounts)


def _check_time(record: JobRecord, now: float) -> None:
    if record.state is JobState.PAUSED and record.paused_until and now < record.paused_until:
        raise Paused(since_epoch(record.paused_until))


def _check_config(record: JobRecord, asked: JobRecord, book: Book, *, new_config: bool) -> None:
    if (record.source, record.target) != (asked.source, asked.target):
        raise ConfigError(
            f"job {record.id!r} moves leads from {record.source} to {record.target}: begin another "
            "job with --job NAME."
        )
    if record.config_hash == asked.config_hash:
        return
    changed = differences(record.config, asked.config)
    if not _VENDORS.isdisjoint(changed):
        raise ConfigError(
            f"job {record.id!r} began between other vendors, although the connections are named "
            "alike: begin another job with --job NAME."
        )
    if not new_config:
        raise ConfigError(
            f"job {record.id!r} began under another configuration (changed: {', '.join(changed)}): "
            "go on with --new-config, or begin another job with --job NAME."
        )
    book.journal.reconfigure(book.lease, asked.config, asked.config_hash)


def _check_accounts(asked: JobRecord, journal: Journal, named: frozenset[str]) -> None:
    """Refuse a first run where the connections led elsewhere in the job before.

    What is known of leads that were moved is known by the names of the connections.
    """
    if any(journal.counts(asked.id).values()):
        return
    for earlier in journal.list_jobs():
        same = (earlier.source, earlier.target) == (asked.source, asked.target)
        if not same or not any(journal.counts(earlier.id).values()):
            continue
        if changed := named.intersection(differences(earlier.config, asked.config)):
            raise ConfigError(
                f"the connections led elsewhere in job {earlier.id!r} (changed: "
                f"{', '.join(sorted(changed))}), and the ids that it kept are of there: give what "
                "is another account a name of its own, or say --new-config if it is the same."
            )
        return
