"""What an operator does to a job by hand: look at its doubts, settle them, try rows again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from leadgateway.errors import ConfigError
from leadgateway.journal import (
    Intent,
    JobRecord,
    JobState,
    Journal,
    Lease,
    RowRecord,
    RowState,
    Settlement,
)
from leadgateway.transfer.book import claim
from leadgateway.transfer.lookup import since_epoch
from leadgateway.transfer.run import end_of

_UNSETTLED: Final = (RowState.PENDING, RowState.INTENT, RowState.UNKNOWN)

_PAGE: Final = 100
_ROWS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class UnknownRow:
    """A lead of which nobody knows whether it arrived, with what an operator needs to find out.

    `sent_at` is when its request was first about to leave, `sends` how often it left; the request
    is told apart by `key`, and by size and hash of its body, of which `rows` leads were part.
    """

    seq: int
    source_id: str
    why: str
    operation: str = ""
    target_id: str | None = None
    sent_at: datetime | None = None
    sends: int = 0
    key: str | None = None
    body_bytes: int = 0
    body_sha256: str = ""
    rows: int = 0


def unknown_rows(journal: Journal, job_id: str) -> Iterator[UnknownRow]:
    """Yield the rows of a job that stay unknown until somebody says what became of them."""
    intents = _open_intents(journal, job_id)
    for row in journal.rows(job_id, [RowState.UNKNOWN]):
        intent = intents.get(row.intent_id or 0)
        if intent is None:
            yield UnknownRow(row.seq, row.source_id, row.reason, target_id=row.target_id)
            continue
        yield UnknownRow(
            row.seq, row.source_id, row.reason, intent.operation, row.target_id,
            since_epoch(intent.at), intent.sends, intent.key,
            len(intent.body), hashlib.sha256(intent.body).hexdigest(), len(intent.rows),
        )  # fmt: skip


def resolve_created(journal: Journal, job_id: str, seq: int, target_id: str) -> RowRecord:
    """Record that a row in doubt did arrive, as the lead `target_id`; returns the row.

    Of a change in doubt that is the lead which was to be changed. `ConfigError` if the row is not
    in doubt, or if that lead belongs to another row.
    """
    with _holding(journal, job_id) as lease:
        row = _in_doubt(journal, job_id, seq)
        if not target_id.strip():
            raise ConfigError("name the lead's id at the target.")
        intent = _open_intents(journal, job_id).get(row.intent_id or 0)
        is_change = intent is not None and intent.target_id == target_id
        if not is_change and journal.linked(job_id, [target_id]):
            raise ConfigError(f"the lead {target_id} of the target belongs to another row.")
        state = RowState.UPDATED if is_change else RowState.CREATED
        settled = Settlement(seq, state, target_id, reason="settled by hand")
        others = [each.seq for each in intent.rows if each.seq != seq] if intent else []
        done = intent is not None and not any(_is_open(journal, job_id, each) for each in others)
        journal.settle(lease, [settled], [intent.id] if intent and done else [])
        _end_if_settled(journal, lease)
        return _row(journal, job_id, seq)


def resolve_resend(journal: Journal, job_id: str, seq: int) -> RowRecord:
    """Record that a row in doubt did not arrive: the next run sends it; returns the row."""
    with _holding(journal, job_id) as lease:
        _in_doubt(journal, job_id, seq)
        journal.requeue(lease, [seq])
        _pause(journal, lease)
        return _row(journal, job_id, seq)


def retry(journal: Journal, job_id: str, reason: str | None = None) -> int:
    """Make failed rows pending again, so that the next run sends them; returns how many.

    `reason` picks those whose reason contains it, or whose error is named so. Rows whose payload
    was purged cannot be sent any more: they stay as they are.
    """
    with _holding(journal, job_id) as lease:
        chosen = [
            row.seq
            for row in journal.rows(job_id, [RowState.FAILED])
            if row.payload is not None and (reason is None or _is_for(row, reason))
        ]
        for start in range(0, len(chosen), _ROWS_AT_ONCE):
            journal.requeue(lease, chosen[start : start + _ROWS_AT_ONCE])
        if chosen:
            _pause(journal, lease)
        return len(chosen)


def _pause(journal: Journal, lease: Lease) -> None:
    """Let the job go on with its next run, but not before the time that a vendor named."""
    journal.mark(lease, JobState.PAUSED, _job(journal, lease.job).paused_until)


def _end_if_settled(journal: Journal, lease: Lease) -> None:
    """End the job if that was all there is to do; else it stands as it stood."""
    job, counts = _job(journal, lease.job), journal.counts(lease.job)
    ended = job.reading_done or job.state is JobState.NEEDS_OPERATOR
    if ended and not any(counts[state] for state in _UNSETTLED):
        journal.mark(lease, end_of(counts))
    else:
        journal.mark(lease, job.state, job.paused_until)


@contextmanager
def _holding(journal: Journal, job_id: str) -> Iterator[Lease]:
    _job(journal, job_id)
    lease = claim(journal, job_id)
    try:
        yield lease
    finally:
        journal.release(lease)


def _job(journal: Journal, job_id: str) -> JobRecord:
    job = journal.find_job(job_id)
    if job is None:
        raise ConfigError(f"there is no job {job_id!r} in this journal.")
    return job


def _open_intents(journal: Journal, job_id: str) -> dict[int, Intent]:
    found: dict[int, Intent] = {}
    after = 0
    while page := journal.open_intents(job_id, _PAGE, after):
        found.update({intent.id: intent for intent in page})
        after = page[-1].id
    return found


def _row(journal: Journal, job_id: str, seq: int) -> RowRecord:
    row = journal.row(job_id, seq)
    if row is None:
        raise ConfigError(f"job {job_id!r} has no row {seq}.")
    return row


def _in_doubt(journal: Journal, job_id: str, seq: int) -> RowRecord:
    row = _row(journal, job_id, seq)
    if row.state is not RowState.UNKNOWN:
        raise ConfigError(f"row {seq} is {row.state}, not unknown: there is nothing to resolve.")
    return row


def _is_open(journal: Journal, job_id: str, seq: int) -> bool:
    return _row(journal, job_id, seq).state in {RowState.INTENT, RowState.UNKNOWN}


def _is_for(row: RowRecord, reason: str) -> bool:
    return reason in row.reason or reason == row.error
