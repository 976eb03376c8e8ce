"""`leadgateway demo`: leads move around a ring of simulated vendors over real HTTP."""

from __future__ import annotations

import click

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.options import json_option, pass_invocation
from leadgateway.cli.render import Screen
from leadgateway.cli.running import run


@click.command(name="demo")
@click.option(
    "--leads", type=click.IntRange(1), default=500, show_default=True, help="Leads a vendor."
)
@click.option("--seed", type=int, default=7, show_default=True, help="Same seed, same leads.")
@json_option
@pass_invocation
@click.pass_context
def command(
    ctx: click.Context, invocation: Invocation, leads: int, seed: int, as_json: bool
) -> None:
    """Move leads around a ring of simulated vendors, and account for each.

    Starts the simulator of every installed vendor that brings one, on free loopback ports and
    without rate limits, each with leads of its own. At every hop it announces what will be lost,
    accepts exactly that, writes, reads the target back and compares. The exit code is 0 only if
    every lead is accounted for and nothing differs without notice. Everything it started is
    stopped at the end.

    \b
    Examples:
      leadgateway demo
      leadgateway demo --leads 50 --seed 1 --json
    """
    from leadgateway.cli.journey import demonstrate

    ctx.exit(run(demonstrate(invocation, leads, seed, Screen(as_json=as_json))))
