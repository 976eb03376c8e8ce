"""`leadgateway migrate`: look at every lead, refuse or write, and account for each."""

from __future__ import annotations

from typing import Any

import click

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.options import json_option, loss_options, pass_invocation
from leadgateway.cli.render import Screen


@click.command(name="migrate")
@click.option("--from", "source", required=True, metavar="CONNECTION", help="Read from here.")
@click.option("--to", "target", required=True, metavar="CONNECTION", help="Write there.")
@click.option("--dry-run", is_flag=True, help="Show what would be lost; write nothing.")
@click.option("--limit", type=click.IntRange(0), help="Move the first so many leads.")
@loss_options
@click.option(
    "--concurrency", type=click.IntRange(1, 64), default=8, show_default=True,
    help="Requests at a time.",
)  # fmt: skip
@json_option
@pass_invocation
@click.pass_context
def command(
    ctx: click.Context, invocation: Invocation, /, *, as_json: bool, **options: Any
) -> None:
    """Move the leads of one connection to another.

    Every lead is read once to find what would be lost. While something would be narrowed or
    dropped that you did not accept, nothing is written. The end is an account: every lead that
    was read is created, merged, updated, skipped, failed or unknown.

    A run that is interrupted cannot be resumed: Ctrl-C lets the writes in flight end for up to
    10 seconds and prints the account so far.

    \b
    Examples:
      leadgateway migrate --from CONNECTION --to CONNECTION --dry-run
      leadgateway migrate --from CONNECTION --to CONNECTION --accept company,tags --limit 100
      leadgateway migrate --from @one.json --to @other.json --lenient --json
    """
    import asyncio

    from leadgateway.cli.moving import Asked, Move

    move = Move(invocation, Asked(**options), Screen(as_json=as_json))
    ctx.exit(asyncio.run(move.run()))
