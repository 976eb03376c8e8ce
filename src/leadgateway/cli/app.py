"""The root of the command line: it knows every command by name and imports the one that runs."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from leadgateway import __version__
from leadgateway.cli.failure import Failure
from leadgateway.cli.invocation import Invocation
from leadgateway.errors import LeadGatewayError

BUILT_IN = {
    "connections": "List the configured connections, and check that they work.",
    "demo": "Move leads around a ring of simulated vendors, and account for each.",
    "fidelity": "Show field by field what a move from SOURCE to TARGET would keep, change or drop.",
    "jobs": "List the jobs of the journal.",
    "journal": "Look after the journal.",
    "leads": "List, get, create and preview leads.",
    "migrate": "Move the leads of one connection to another.",
    "plan": "Show what a move would keep, change or drop.",
    "report": "Show what became of every lead of JOB.",
    "resolve": "Settle by hand what the journal calls unknown.",
    "retry": "Send the failed leads of JOB again.",
    "simulate": "Serve the simulator of VENDOR on 127.0.0.1 until Ctrl-C or SIGTERM.",
    "undo": "Delete what JOB created and restore what it changed.",
    "vendors": "Show what each vendor can do.",
    "verify": "Read the target of JOB back and compare every lead, field by field.",
}
"""Command to one line about it; each is the `command` in the module of its name."""

_PAGE_WIDTH = 78


class App(click.Group):
    """Commands of our own, imported when they run; every other name is offered to the plugins."""

    def __init__(self, **kwargs: Any) -> None:
        # Names to list and to suggest; what they do is imported by `get_command`.
        names = {name: click.Command(name, short_help=about) for name, about in BUILT_IN.items()}
        super().__init__(commands=names, **kwargs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in BUILT_IN:
            found: click.Command = import_module(f"leadgateway.cli.{cmd_name}").command
            return found
        offered = click.Group()
        ctx.ensure_object(Invocation).plugins.add_commands(offered)
        return offered.get_command(ctx, cmd_name)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # As wide as the page that is printed without click, wherever that fits.
        formatter.width = min(formatter.width, _PAGE_WIDTH)
        super().format_help(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(BUILT_IN.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LeadGatewayError as error:
            raise Failure(error) from error
        except KeyboardInterrupt:
            raise Failure("interrupted", exit_code=130) from None

    def main(self, *args: Any, **kwargs: Any) -> Any:
        for stream in (sys.stdout, sys.stderr):
            # What a terminal's encoding cannot hold is shown escaped, not refused half-way.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        return super().main(*args, **kwargs)


@click.group(
    cls=App,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Installed plugins may add commands of their own.",
)
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Read connections from this file instead of ./leadgateway.toml.",
)
@click.version_option(__version__, prog_name="leadgateway", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """One Lead, any CRM: read, write and move leads, with every loss named before it happens.

    A CONNECTION is the name of a table [connections.NAME] in leadgateway.toml or of variables
    LEADGATEWAY_NAME_..., a vendor's own name, or @FILE: a file with the settings as one JSON
    object, as `leadgateway simulate` prints and saves it.

    \b
    Exit codes: 0 all settled; 1 a vendor or a program is at fault; 2 usage, configuration or
    credentials; 3 some leads failed; 4 some are unknown; 5 another process works on the job;
    6 the journal failed; 75 paused, try again later; 130 Ctrl-C; 143 terminated.

    \b
    Examples:
      leadgateway demo
      leadgateway vendors
      leadgateway fidelity VENDOR VENDOR
      leadgateway migrate --from CONNECTION --to CONNECTION --dry-run
    """
    ctx.ensure_object(Invocation).config = config
