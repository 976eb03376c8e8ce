"""`leadgateway undo`: take back what a job did, where nobody has changed it since."""

from __future__ import annotations

from pathlib import Path

import click

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.journals import job_named, journal_option, opened
from leadgateway.cli.options import json_option, pass_invocation
from leadgateway.cli.render import Screen
from leadgateway.cli.running import run


@click.command(name="undo")
@click.argument("job")
@click.option("--dry-run", is_flag=True, help="Show what it would do; change nothing.")
@click.option(
    "--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path),
    help="Write the leads that stay to this file, for work by hand.",
)  # fmt: skip
@journal_option
@json_option
@pass_invocation
@click.pass_context
def command(
    ctx: click.Context,
    invocation: Invocation,
    /,
    *,
    job: str,
    dry_run: bool,
    csv_file: Path | None,
    where: str | None,
    as_json: bool,
) -> None:
    """Delete what JOB created and restore what it changed, where the vendor has the power.

    A lead that somebody changed since is left alone. Whatever stays is listed with its reason,
    and the exit code is 0 only if nothing stays.

    \b
    Examples:
      leadgateway undo JOB --dry-run
      leadgateway undo JOB --csv left.csv
    """
    from leadgateway.cli.undoing import show_undo, undone

    screen = Screen(as_json=as_json)
    with opened(invocation, where) as journal:
        record = job_named(journal, job)
        report = run(undone(invocation, screen, journal, record, dry_run=dry_run))
    show_undo(screen, report, csv_file)
    ctx.exit(0 if report.complete else 3)
