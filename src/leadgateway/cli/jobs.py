"""`leadgateway jobs`: what the journal knows of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.journals import journal_option, shelf
from leadgateway.cli.options import json_option, pass_invocation
from leadgateway.cli.render import Screen

if TYPE_CHECKING:
    from leadgateway.journal import Journal


@click.command(name="jobs")
@journal_option
@json_option
@pass_invocation
def command(invocation: Invocation, where: str | None, as_json: bool) -> None:
    """List the jobs of the journal, the newest first.

    A job that is not done and on which nobody works is stopped: the command that began it goes on
    where it was. One on which somebody works is shown with that process and its host.

    \b
    Examples:
      leadgateway jobs
      leadgateway jobs --journal postgresql://localhost/leads --json
    """
    screen = Screen(as_json=as_json)
    with shelf(invocation, where) as place:
        rows = _rows(place.find())
    screen.table(
        ("job", "from", "to", "state", "begun", "leads"),
        [
            (r["job"], r["source"], r["target"], _state(r), r["begun"], _leads(r["leads"]))
            for r in rows
        ],
    )
    if any(row["state"] == "stopped" for row in rows):
        screen.line("Nobody works on what is stopped: the command that began it goes on with it.")
    screen.result(rows)


def _rows(journal: Journal | None) -> list[dict[str, Any]]:
    from leadgateway.cli.showing import standing
    from leadgateway.transfer.book import worker_on

    if journal is None:
        return []
    return [
        {
            "job": job.id,
            "source": job.source,
            "target": job.target,
            "state": standing(job),
            "held_by": asdict(holder) if (holder := worker_on(job)) else None,
            "begun": f"{datetime.fromtimestamp(job.created_at, UTC):%Y-%m-%d %H:%M:%S}Z",
            "leads": {state.value: n for state, n in journal.counts(job.id).items()},
        }
        for job in journal.list_jobs()
    ]


def _state(row: Mapping[str, Any]) -> str:
    held = row["held_by"]
    return f"{row['state']} in process {held['pid']} on {held['host']}" if held else row["state"]


def _leads(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {state}" for state, n in counts.items()) or "none"
