"""`leadgateway migrate`: plan, refuse or write, prove, and account for every lead."""

from __future__ import annotations

from typing import Any

import click

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.journals import journal_option, shelf
from leadgateway.cli.options import json_option, loss_options, pass_invocation
from leadgateway.cli.render import Screen
from leadgateway.cli.running import run


@click.command(name="migrate")
@click.option("--from", "source", required=True, metavar="CONNECTION", help="Read from here.")
@click.option("--to", "target", required=True, metavar="CONNECTION", help="Write there.")
@click.option("--job", metavar="NAME", help="The job's name; by default made of both names.")
@click.option("--dry-run", is_flag=True, help="Show what would be lost; write nothing.")
@click.option("--sample", type=click.IntRange(1), help="Move so many leads, then stop to look.")
@click.option("--limit", type=click.IntRange(1), help="Move the first so many leads.")
@loss_options
@click.option(
    "--concurrency", type=click.IntRange(1, 64), default=8, show_default=True,
    help="Requests at a time.",
)  # fmt: skip
@click.option("--delta", is_flag=True, help="Move what is new or changed since the last time.")
@click.option("--new-config", is_flag=True, help="Go on although the configuration has changed.")
@click.option("--allow-merge", is_flag=True, help="Let the target merge leads that may differ.")
@click.option("--no-verify", is_flag=True, help="Do not read the target back at the end.")
@journal_option
@json_option
@pass_invocation
@click.pass_context
def command(
    ctx: click.Context,
    invocation: Invocation,
    /,
    *,
    where: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Move the leads of one connection to another.

    Every lead is first read once to find what would be lost, also those beyond a sample. While
    something would be narrowed or dropped that you did not accept, nothing is written. Then every
    write is in the journal before it leaves: the command can be killed anywhere, and the same
    command goes on where it was. At the end the target is read back, and every lead that was read
    is created, merged, updated, skipped, failed or unknown.

    \b
    Examples:
      leadgateway migrate --from CONNECTION --to CONNECTION --dry-run
      leadgateway migrate --from CONNECTION --to CONNECTION --accept company,tags --sample 50
      leadgateway migrate --from @one.json --to @other.json --lenient --json
    """
    from leadgateway.cli.asked import Asked
    from leadgateway.cli.moving import Move

    with shelf(invocation, where) as place:
        move = Move(invocation, Asked(journal=where, **options), Screen(as_json=as_json), place)
        ctx.exit(run(move.run()))
