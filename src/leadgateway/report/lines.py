"""One line for each lead of a job, for programs and for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from leadgateway.exchange import dumps, loads
from leadgateway.journal import Journal, RowRecord
from leadgateway.normalize.text import display

COLUMNS: Final = ("source_id", "outcome", "target_id", "matched_by", "reason", "losses")

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def json_lines(journal: Journal, job_id: str) -> Iterator[str]:
    """Yield one JSON object a lead, each with its line end."""
    for row in journal.rows(job_id):
        yield dumps(_facts(row)).decode() + "\n"


def csv_lines(journal: Journal, job_id: str) -> Iterator[str]:
    """Yield a header and one line a lead; no cell can start a formula or move a cursor."""
    yield csv_line(COLUMNS)
    for row in journal.rows(job_id):
        facts = _facts(row)
        losses = "; ".join(f"{x['path']} {x['fidelity']} ({x['reason']})" for x in facts["losses"])
        yield csv_line((*(str(facts[name] or "") for name in COLUMNS[:-1]), losses))


def _facts(row: RowRecord) -> dict[str, Any]:
    return {
        "source_id": row.source_id,
        "outcome": row.state.value,
        "target_id": row.target_id,
        "matched_by": row.matched_by,
        "reason": row.reason,
        "losses": loads(row.losses.encode()),
    }


def csv_line(cells: tuple[str, ...]) -> str:
    """Return one line of CSV in which no cell can start a formula or move a cursor."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow([_harmless(cell) for cell in cells])
    return buffer.getvalue()


def _harmless(cell: str) -> str:
    """Return `cell` as text that no spreadsheet takes for a formula."""
    shown = display(cell)
    return f"'{shown}" if cell.startswith(_FORMULA) else shown
