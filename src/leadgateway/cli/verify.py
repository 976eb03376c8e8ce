"""`leadgateway verify`: read a target back and compare it with what a job wrote."""

from __future__ import annotations

import click

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.journals import job_named, journal_option, opened
from leadgateway.cli.options import json_option, pass_invocation
from leadgateway.cli.render import Screen
from leadgateway.cli.running import run


@click.command(name="verify")
@click.argument("job")
@journal_option
@json_option
@pass_invocation
@click.pass_context
def command(
    ctx: click.Context, invocation: Invocation, job: str, where: str | None, as_json: bool
) -> None:
    """Read the target of JOB back and compare every lead, field by field, through the rules.

    The exit code is 0 if everything is there and differs only as announced, else 1.

    \b
    Examples:
      leadgateway verify JOB
      leadgateway verify JOB --json
    """
    from leadgateway.cli.proving import proved
    from leadgateway.cli.showing import show_verification

    screen = Screen(as_json=as_json)
    with opened(invocation, where) as journal:
        found = run(proved(invocation, screen, journal, job_named(journal, job)))
    show_verification(screen, found)
    screen.result(
        {
            "job": job,
            "holds": found.holds,
            "expected": found.expected,
            "found": found.found,
            "compared": found.compared,
            "merged": found.merged,
            "superseded": found.superseded,
            "missing": found.missing.rows(),
            "faults": found.faults.rows(),
            "agreeing": found.agreeing,
            "as_announced": found.lost,
        }
    )
    ctx.exit(0 if found.holds else 1)
