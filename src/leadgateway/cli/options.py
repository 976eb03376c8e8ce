"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click

from leadgateway.cli.invocation import Invocation

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
pass_invocation = click.make_pass_decorator(Invocation, ensure=True)


def names(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Return names that were separated by commas."""
    return tuple(name.strip() for name in (value or "").split(",") if name.strip())


def instant(_ctx: click.Context, _param: click.Parameter, value: str | None) -> datetime | None:
    """Return a moment that was given with its zone."""
    from leadgateway import normalize
    from leadgateway.errors import NormalizationError

    try:
        return None if value is None else normalize.instant(value)
    except NormalizationError:
        raise click.BadParameter("give a time with its zone, like 2026-01-31T09:00:00Z") from None


def loss_options(command: F) -> F:
    """Add `--accept` and `--lenient`."""
    accept = click.option(
        "--accept",
        metavar="FIELD,...",
        callback=names,
        help="Let these fields lose what they must.",
    )
    lenient = click.option("--lenient", is_flag=True, help="Let every field lose what it must.")
    return accept(lenient(command))
