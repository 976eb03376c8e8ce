"""Between the journal's records and the rows of a database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from leadgateway.journal.entries import (
    IntendedRow,
    Intent,
    JobRecord,
    JobState,
    RowRecord,
    RowState,
    Settlement,
)


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


def settlement_values(job: str, row: Settlement) -> dict[str, Any]:
    """Return how a row ended as parameters."""
    return {
        "job": job, "seq": row.seq, "state": row.state.value, "target_id": row.target_id,
        "matched_by": row.matched_by, "reason": row.reason, "error": row.error,
        "losses": row.losses, "before": row.before,
    }  # fmt: skip


def id_list(ids: Sequence[str]) -> str:
    """Return ids as the one parameter that `{ids}` unfolds."""
    return json.dumps(list(ids))
