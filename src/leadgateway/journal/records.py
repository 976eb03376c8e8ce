"""Between the journal's records and the rows of a database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from leadgateway.journal.entries import (
    CLOCK_STEP_SECONDS,
    LEASE_SECONDS,
    Holder,
    IntendedRow,
    Intent,
    JobRecord,
    JobState,
    RowRecord,
    RowState,
    Settlement,
    Staged,
)
from leadgateway.journal.framing import whole_body
from leadgateway.journal.statements import UNCHANGED

NOTHING_LOST: Final = "[]"


class Link(NamedTuple):
    """A lead of a source; `digest` and `target_id` are of its twin at the target, if any."""

    id: int
    digest: str | None
    target_id: str | None


def job_record(row: tuple[Any, ...]) -> JobRecord:
    """Return a job from its columns."""
    (
        job_id, source, target, config, config_hash, state, cursor, reading_done, paused_until,
        *moments_and_proof, pid, host, seconds,
    ) = row  # fmt: skip
    held = seconds is not None and 0 <= seconds <= CLOCK_STEP_SECONDS + LEASE_SECONDS
    return JobRecord(
        job_id, source, target, config, config_hash, JobState(state), cursor, bool(reading_done),
        paused_until, *(*moments_and_proof, Holder(pid, host) if held else None),
    )  # fmt: skip


def row_record(row: tuple[Any, ...]) -> RowRecord:
    """Return a row of a job from its columns."""
    seq, source_id, digest, payload, state, *rest = row
    return RowRecord(seq, source_id, digest, payload, RowState(state), *rest)


def open_intent(row: tuple[Any, ...], intended: Sequence[IntendedRow]) -> Intent:
    """Return a committed request from its columns and its rows."""
    intent_id, operation, key, kept, framed, target_id, at, sends, whole = row
    body = whole_body(kept, intended) if framed else kept.encode()
    rows = tuple(intended)
    return Intent(operation, key, body, rows, target_id, intent_id, at, sends, bool(whole))


def staged_rows(
    job: str, rows: Sequence[Staged], links: Mapping[str, Link]
) -> list[tuple[Any, ...]]:
    """Return a page as parameters."""
    return [_staged_row(job, row, links[row.source_id]) for row in rows]


def _staged_row(job: str, row: Staged, link: Link) -> tuple[Any, ...]:
    same = link.digest == row.digest
    if same or row.payload is None:
        state, reason = RowState.SKIPPED, UNCHANGED
    else:
        state, reason = row.state, row.reason
    found = link.target_id if same else None
    return (
        job, link.id, row.digest, str(state), link.target_id, found, reason, row.error,
        losses_id(row.losses),
    )  # fmt: skip


def staged_leads(
    rows: Sequence[Staged], links: Mapping[str, Link], seqs: Mapping[int, int]
) -> list[tuple[Any, ...]]:
    """Return the leads of a page that are new and were read as parameters.

    `seqs` are the numbers of new rows by link; of two with one id, the first is the new one.
    """
    first = {links[row.source_id].id: row for row in reversed(rows)}
    new = [(seq, first[link]) for link, seq in seqs.items()]
    return [(seq, lead.fields, lead.payload) for seq, lead in new if lead.payload is not None]


def settled_rows(job: str, settlements: Sequence[Settlement]) -> list[tuple[Any, ...]]:
    """Return how rows ended as parameters."""
    return [
        (
            str(row.state), row.target_id, row.matched_by, row.reason, row.error,
            int(row.losses is None), losses_id(row.losses or NOTHING_LOST), job, row.seq,
        )
        for row in settlements
    ]  # fmt: skip


def kept_losses(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Return losses as parameters, each once; always in one order, so that nobody deadlocks."""
    ids = {losses_id(text): text for text in set(texts)}
    return sorted((key, text) for key, text in ids.items() if key is not None)


@lru_cache(maxsize=4096)
def losses_id(text: str) -> str | None:
    """Return the name under which losses are kept once for all leads; `None` for no loss."""
    if text == NOTHING_LOST:
        return None
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def id_list(ids: Sequence[str] | Sequence[int]) -> str:
    """Return ids as the one parameter that `{among_ids}` or `{among_seqs}` unfolds."""
    return json.dumps(list(ids))
