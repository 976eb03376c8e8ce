"""A request's body as the journal keeps it: what stands around the fields of its leads.

These are kept with the leads already, and are most of a body. The brace that they end with is part
of the frame, since a request may add members before it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from leadgateway.errors import JournalError
from leadgateway.journal.entries import IntendedRow, Intent

_BEGINNING: Final = 24


def kept_body(intent: Intent) -> tuple[str, int]:
    """Return what is kept of the body, and whether (1 or 0) that is a frame."""
    frame = _frame(intent.body, intent.rows)
    return (intent.body.decode(), 0) if frame is None else (frame, 1)


def _frame(body: bytes, rows: Sequence[IntendedRow]) -> str | None:
    """Return the pieces before, between and behind the fields, as JSON; `None` without such."""
    pieces, end, last = [], 0, 0
    for row in rows:
        fields = row.fields.encode()[:-1]
        # Looking for all of it would take much longer; where this misleads, no frame is kept.
        start = body.find(fields[:_BEGINNING], end)
        if not body.startswith(fields, max(start, 0)) or row.seq <= last:
            return None
        pieces.append(body[end:start].decode())
        end, last = start + len(fields), row.seq
    return json.dumps([*pieces, body[end:].decode()])


def whole_body(frame: str, rows: Sequence[IntendedRow]) -> bytes:
    """Return the body that was framed; `JournalError` unless these are all of its leads."""
    first, *others = json.loads(frame)
    if len(others) != len(rows):
        raise JournalError("the journal was edited: a request no longer knows its leads.")
    around = [row.fields[:-1] + piece for row, piece in zip(rows, others, strict=True)]
    return "".join([first, *around]).encode()
