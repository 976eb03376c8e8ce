"""`leadgateway jobs`: what the journal knows of."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.journals import journal_option, opened
from leadgateway.cli.options import json_option, pass_invocation
from leadgateway.cli.render import Screen


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
    with opened(invocation, where) as journal:
        rows = [
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
    screen.table(
        ("job", "from", "to", "state", "begun", "leads"),
        [
            (r["job"], r["source"], r["target"], r["state"], r["begun"], _leads(r["leads"]))
            for r in rows
        ],
    )
    screen.result(rows)


def _leads(counts: object) -> str:
    return ", ".join(f"{n} {state}" for state, n in counts.items()) if counts else "none"  # type: ignore[attr-defined]  # a dict, made above
