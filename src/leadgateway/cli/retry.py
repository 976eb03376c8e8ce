"""`leadgateway retry`: make failed leads pending again."""

from __future__ import annotations

import click

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.journals import job_named, journal_option, shelf
from leadgateway.cli.options import json_option, pass_invocation
from leadgateway.cli.render import Screen
from leadgateway.cli.running import run


@click.command(name="retry")
@click.argument("job")
@click.option("--reason", help="Only those whose reason contains this, or whose error is this.")
@click.option("--allow-merge", is_flag=True, help="Let the target merge leads that may differ.")
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
    reason: str | None,
    allow_merge: bool,
    where: str | None,
    as_json: bool,
) -> None:
    """Send the failed leads of JOB again, and what else of it is waiting; read no further ones.

    Mend the cause first: an edited configuration is taken over. What is sent is what was read:
    a lead that was mended at the source, as in a row of a file, is read again by `migrate --delta`.

    \b
    Examples:
      leadgateway retry JOB
      leadgateway retry JOB --reason FidelityError
    """
    from leadgateway.cli.moving import again
    from leadgateway.transfer.operate import retry

    screen = Screen(as_json=as_json)
    with shelf(invocation, where) as place:
        journal = place.known()
        record = job_named(journal, job)
        screen.note(f"{retry(journal, record.id, reason)} failed leads are tried again.")
        ctx.exit(run(again(invocation, screen, place, record, allow_merge=allow_merge)))
