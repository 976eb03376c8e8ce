"""Between the journal's records and the rows of a database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from leadgateway.journal.entries import (
    IntendedRow,
    Intent,
    JobRecord,
    JobState,
    RowRecord,
    RowState,
    Settlement,
    Staged,
)
from leadgateway.journal.statements import UNCHANGED

NOTHING_LOST: Final = "[]"

_UNLINKED: Final = (None, None)


def job_record(row: tuple[Any, ...]) -> JobRecord:
    """Return a job from its columns."""
    (
        job_id, source, target, config, config_hash, state, cursor, reading_done, paused_until,
        *moments_and_proof,
    ) = row  # fmt: skip
    return JobRecord(
        job_id, source, target, config, config_hash, JobState(state), cursor, bool(reading_done),
        paused_until, *moments_and_proof,
    )  # fmt: skip


def row_record(row: tuple[Any, ...]) -> RowRecord:
    """Return a row of a job from its columns."""
    seq, source_id, digest, payload, state, *rest = row
    return RowRecord(seq, source_id, digest, payload, RowState(state), *rest)


def open_intent(row: tuple[Any, ...], intended: Sequence[IntendedRow]) -> Intent:
    """Return a committed request from its columns and its rows."""
    intent_id, operation, key, body, target_id, at, sends = row
    return Intent(operation, key, body.encode(), tuple(intended), target_id, intent_id, at, sends)


def staged_rows(
    job: str, rows: Sequence[Staged], links: Mapping[str, Sequence[str]]
) -> list[tuple[Any, ...]]:
    """Return a page as parameters; `links` are the digest and the twin of what was moved."""
    return [_staged_row(job, row, *links.get(row.source_id, _UNLINKED)) for row in rows]


def _staged_row(job: str, row: Staged, digest: str | None, twin: str | None) -> tuple[Any, ...]:
    same = digest == row.digest
    if same or row.payload is None:
        state, reason = RowState.SKIPPED, UNCHANGED
    else:
        state, reason = row.state, row.reason
    found = twin if same else None
    return (
        job, row.source_id, row.digest, str(state), twin, found, reason, row.error,
        losses_id(row.losses),
    )  # fmt: skip


def staged_leads(rows: Sequence[Staged], seqs: Mapping[str, int]) -> list[tuple[Any, ...]]:
    """Return the leads of a page that are new as parameters; of two with one id, the first."""
    leads = {row.source_id: row for row in reversed(rows)}
    new = [(seq, leads[source_id]) for source_id, seq in seqs.items()]
    return [(seq, lead.fields, lead.payload) for seq, lead in new]


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
    """Return ids as the one parameter that `{ids}` or `{seqs}` unfolds."""
    return json.dumps(list(ids))
