"""`leadgateway plan`: everything a move would do, found out without writing."""

from __future__ import annotations

from typing import Any

import click

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.options import json_option, loss_options, pass_invocation
from leadgateway.cli.render import Screen
from leadgateway.cli.running import run


@click.command(name="plan")
@click.option("--from", "source", required=True, metavar="CONNECTION", help="Read from here.")
@click.option("--to", "target", required=True, metavar="CONNECTION", help="It would write there.")
@click.option("--sample", type=click.IntRange(1), help="Look at the first so many leads only.")
@click.option("--limit", type=click.IntRange(1), help="Plan the move of the first so many leads.")
@click.option("--ask-vendor", is_flag=True, help="Have the target dry-run it, where it can.")
@loss_options
@json_option
@pass_invocation
def command(invocation: Invocation, /, *, as_json: bool, **options: Any) -> None:
    """Show what a move would keep, change or drop, how long it takes, what is risky.

    Reads the source and writes nothing, ever.

    \b
    Examples:
      leadgateway plan --from CONNECTION --to CONNECTION
      leadgateway plan --from leads.csv --to CONNECTION --sample 200 --ask-vendor
    """
    from leadgateway.cli.planning import show_plan

    run(show_plan(invocation, Screen(as_json=as_json), **options))
