"""`leadgateway report`: the account of a job, from its journal alone."""

from __future__ import annotations

from pathlib import Path

import click

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.journals import job_named, journal_option, opened
from leadgateway.cli.options import pass_invocation


@click.command(name="report")
@click.argument("job")
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "jsonl", "csv", "html"]),
    default="table", show_default=True, help="json is the certificate; jsonl and csv are leads.",
)  # fmt: skip
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file."
)
@click.option("--verify", is_flag=True, help="Read the target back first.")
@journal_option
@pass_invocation
@click.pass_context
def command(
    ctx: click.Context,
    invocation: Invocation,
    /,
    *,
    job: str,
    form: str,
    output: Path | None,
    verify: bool,
    where: str | None,
) -> None:
    """Show what became of every lead of JOB.

    The certificate says how the counts add up, why a lead did not arrive, what was lost, and a
    digest over all of it: anyone who has the journal gets the same one. With --verify the exit
    code is that of `verify`: 1 if the target is not as the journal says.

    \b
    Examples:
      leadgateway report JOB
      leadgateway report JOB --format html --output report.html --verify
      leadgateway report JOB --format jsonl
    """
    from leadgateway.cli.reporting import write_report

    with opened(invocation, where) as journal:
        record = job_named(journal, job)
        code = write_report(invocation, journal, record, form, output, verify=verify)
    ctx.exit(code)
