"""What `leadgateway undo` does and shows."""

from __future__ import annotations

import asyncio
from itertools import chain
from pathlib import Path

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.render import Screen
from leadgateway.cli.writing import write_text
from leadgateway.journal import JobRecord, Journal
from leadgateway.report.lines import csv_line
from leadgateway.transfer.tally import Tally
from leadgateway.transfer.undo import CSV_HEADER, UndoReport, undo, undo_limits


async def undone(
    invocation: Invocation, screen: Screen, journal: Journal, job: JobRecord, *, dry_run: bool
) -> UndoReport:
    """Undo `job`, or look at what that would come to."""
    gateway = invocation.async_gateway(asyncio.sleep)
    async with gateway.connect(job.target) as target:
        for said in undo_limits(target.capabilities):
            screen.note(said)
        return await undo(target, journal, job.id, look_only=dry_run)


def show_undo(screen: Screen, report: UndoReport, csv_file: Path | None) -> None:
    """Show what became of each lead, and write those that stay to a file."""
    would = "would be " if report.looked_only else ""
    for fate, leads in sorted(report.fates.items()):
        screen.line(f"{leads} {would}{fate.value}")
    reasons = Tally()
    for row in report.left:
        reasons.add(row.reason, row.target_id or row.source_id)
    if report.left:
        screen.heading("What stays:")
        rows = [(reason, leads, ", ".join(ids)) for reason, leads, ids in reasons.rows()]
        screen.table(("reason", "leads", "for example"), rows)
    if csv_file is not None:
        lines = (csv_line(row.cells) for row in report.left)
        write_text(csv_file, chain([csv_line(CSV_HEADER)], lines))
        screen.note(f"{len(report.left)} leads written to {csv_file}.")
    screen.result(
        {
            "job": report.job,
            "dry_run": report.looked_only,
            "fates": {fate.value: leads for fate, leads in report.fates.items()},
            "left": [dict(zip(CSV_HEADER, row.cells, strict=True)) for row in report.left],
        }
    )
