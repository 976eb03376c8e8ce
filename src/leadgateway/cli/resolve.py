"""`leadgateway resolve`: say what became of a lead in doubt."""

from __future__ import annotations

import click

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.journals import journal_option, opened
from leadgateway.cli.options import json_option, pass_invocation
from leadgateway.cli.render import Screen


@click.command(name="resolve")
@click.argument("row", type=click.IntRange(1))
@click.option("--created", metavar="ID", help="It arrived: as this lead of the target.")
@click.option("--resend", is_flag=True, help="It did not arrive: the next run sends it.")
@journal_option
@json_option
@pass_invocation
def command(
    invocation: Invocation,
    /,
    *,
    row: int,
    created: str | None,
    resend: bool,
    where: str | None,
    as_json: bool,
) -> None:
    """Settle by hand what the journal calls unknown; ROW is the number `migrate` printed.

    \b
    Examples:
      leadgateway resolve 17 --created 5b0c2f1e-6d1a-4f0e-9a55-0d6a1c7e4b21
      leadgateway resolve 17 --resend
    """
    from leadgateway.errors import ConfigError
    from leadgateway.transfer.operate import resolve_created, resolve_resend

    if (created is None) is not resend:
        raise click.UsageError("say either --created ID or --resend.")
    with opened(invocation, where) as journal:
        job = next((job for job in journal.list_jobs() if journal.row(job.id, row)), None)
        if job is None:
            raise ConfigError(f"no job of this journal has a row {row}.")
        if created is None:
            settled = resolve_resend(journal, job.id, row)
        else:
            settled = resolve_created(journal, job.id, row, created)
    screen = Screen(as_json=as_json)
    screen.line(f"Row {row} of job {job.id} is {settled.state.value} now.")
    screen.result({"job": job.id, "row": row, "state": settled.state.value})
