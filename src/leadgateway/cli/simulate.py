"""`leadgateway simulate`: a vendor's API over real HTTP on loopback."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.kit import serving
from leadgateway.cli.options import pass_invocation
from leadgateway.errors import ConfigError

if TYPE_CHECKING:
    from leadgateway.simulator.serve import Running


@click.command(name="simulate")
@click.argument("vendor")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0, the default: any free.")
@click.option(
    "--leads",
    type=click.IntRange(0),
    default=100,
    show_default=True,
    help="How many it starts with.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same leads.")
@click.option("--no-rate-limits", is_flag=True, help="Answer as fast as it can.")
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the settings in this new file while it runs.",
)
@pass_invocation
def command(
    invocation: Invocation,
    /,
    *,
    vendor: str,
    port: int,
    leads: int,
    seed: int,
    no_rate_limits: bool,
    save: Path | None,
) -> None:
    """Serve the simulator of VENDOR on 127.0.0.1 until Ctrl-C or SIGTERM.

    The first line on stdout is `listening on URL`, the second the settings to connect with as one
    JSON object. Paste that line into a file, or let --save write it once the simulator listens (a
    new file, mode 0600, removed at the end); every CONNECTION may be such a file, as @FILE.

    \b
    Examples:
      leadgateway simulate VENDOR --port 8701 --leads 1000 --seed 7 --save one.json
      leadgateway simulate VENDOR --no-rate-limits --save other.json
      leadgateway migrate --from @one.json --to @other.json --dry-run
    """
    serve = serving()
    simulators = invocation.plugins.simulators()
    if vendor not in simulators:
        raise ConfigError(
            f"no plugin brings a simulator of {vendor!r}; there are {', '.join(simulators)}."
        )
    simulator = simulators[vendor](leads=leads, seed=seed, rate_limits=not no_rate_limits)
    saved: list[Path] = []

    def keep(running: Running) -> None:
        if save is not None:
            _write(save, running.line)
            saved.append(save)

    try:
        serve.serve(simulator, port, listening=keep)
    except OSError as error:
        raise ConfigError(f"port {port} cannot be used: {error.strerror}.") from None
    finally:
        for file in saved:
            file.unlink(missing_ok=True)


def _write(file: Path, line: str) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigError(f"--save: {file} cannot be made: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(f"{line}\n")
