"""`leadgateway jobs`: what the journal knows of."""

from __future__ import annotations

from collections.abc import Mapping
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
            (r["job"], r["source"], r["target"], r["state"], r["begun"], _leads(r["leads"]))
            for r in rows
        ],
    )
    screen.result(rows)


def _rows(journal: Journal | None) -> list[dict[str, Any]]:
    if journal is None:
        return []
    return [
        {
            "job": job.id,
            "source": job.source,
            "target": job.target,
            "state": job.state.value,
            "begun": f"{datetime.fromtimestamp(job.created_at, UTC):%Y-%m-%d %H:%M:%S}Z",
            "leads": {state.value: n for state, n in journal.counts(job.id).items()},
        }
        for job in journal.list_jobs()
    ]


def _leads(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {state}" for state, n in counts.items()) or "none"
