"""`leadgateway journal`: what the journal itself can be told."""

from __future__ import annotations

import click

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.journals import job_named, journal_option, opened
from leadgateway.cli.options import json_option, pass_invocation
from leadgateway.cli.render import Screen


@click.group(name="journal")
def command() -> None:
    """Look after the journal.

    \b
    Examples:
      leadgateway journal purge JOB
    """


@command.command("purge")
@click.argument("job")
@journal_option
@json_option
@pass_invocation
def purge(invocation: Invocation, job: str, where: str | None, as_json: bool) -> None:
    """Remove the leads' data of JOB from the journal; ids, digests and outcomes stay.

    \b
    Examples:
      leadgateway journal purge JOB
    """
    screen = Screen(as_json=as_json)
    with opened(invocation, where) as journal:
        rows = journal.purge(job_named(journal, job).id)
    screen.line(f"The data of {rows} leads of job {job} is gone; its report still stands.")
    screen.result({"job": job, "purged": rows})
