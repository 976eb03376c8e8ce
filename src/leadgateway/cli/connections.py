"""`leadgateway connections`: what is configured, and whether it works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.options import json_option, pass_invocation
from leadgateway.cli.render import Screen
from leadgateway.errors import ConfigError, LeadGatewayError

if TYPE_CHECKING:
    from leadgateway.gateway import Gateway

_FROM_BEST_TO_WORST = (0, 75, 3, 4, 1, 2)


@click.group(name="connections")
def command() -> None:
    """List the configured connections, and check that they work.

    \b
    Examples:
      leadgateway connections list
      leadgateway connections check CONNECTION
      leadgateway connections check @saved.json
    """


@command.command("list")
@json_option
@pass_invocation
def list_(invocation: Invocation, as_json: bool) -> None:
    """List the configured connections; values of settings are never shown.

    \b
    Examples:
      leadgateway connections list
      leadgateway --config FILE connections list --json
    """
    gateway = invocation.gateway()
    found = [_described(gateway, name) for name in _names(gateway)]
    screen = Screen(as_json=as_json)
    if not found:
        screen.line("No connection is configured. See how: leadgateway --help")
    screen.table(
        ("connection", "vendor", "configured in", "settings", "problem"),
        [
            (
                row["name"],
                row["vendor"],
                ", ".join(row["configured_in"]),
                ", ".join(row["settings"]),
                row["problem"],
            )
            for row in found
        ],
    )
    screen.result(found)


@command.command("check")
@click.argument("names", nargs=-1, metavar="[CONNECTION]...")
@json_option
@pass_invocation
@click.pass_context
def check(
    ctx: click.Context, invocation: Invocation, names: tuple[str, ...], as_json: bool
) -> None:
    """Ask each vendor whether the connection works, without writing; by default all of them.

    The exit code is that of the worst.

    \b
    Examples:
      leadgateway connections check
      leadgateway connections check CONNECTION @saved.json --json
    """
    gateway = invocation.gateway()
    chosen = names or _names(gateway)
    if not chosen:
        raise ConfigError("no connection is configured: there is nothing to check.")
    found = [_checked(gateway, name) for name in chosen]
    screen = Screen(as_json=as_json)
    screen.table(
        ("connection", "works", "what it says"),
        [(row["name"], "yes" if row["ok"] else "no", row["error"] or _said(row)) for row in found],
    )
    screen.result(found)
    ctx.exit(max((row["exit_code"] for row in found), key=_FROM_BEST_TO_WORST.index))


def _names(gateway: Gateway) -> tuple[str, ...]:
    return gateway.configuration.names(gateway.plugins.vendors())


def _described(gateway: Gateway, name: str) -> dict[str, Any]:
    from leadgateway.opening import adapter_named

    row: dict[str, Any] = {
        "name": name, "vendor": None, "configured_in": [], "settings": [], "problem": None,
    }  # fmt: skip
    try:
        row["vendor"] = gateway.configuration.vendor(name)
        known = adapter_named(row["vendor"], gateway.plugins).settings_type.model_fields
        origins = gateway.configuration.origins(name, known)
        row.update(configured_in=sorted({*origins.values()}), settings=sorted(origins))
        gateway.connect(name).close()
    except LeadGatewayError as error:
        row["problem"] = str(error)
    return row


def _checked(gateway: Gateway, name: str) -> dict[str, Any]:
    try:
        with gateway.connect(name) as connection:
            said = connection.check()
    except LeadGatewayError as error:
        return {
            "name": name, "ok": False, "said": {}, "error": str(error),
            "exit_code": error.exit_code,
        }  # fmt: skip
    return {"name": name, "ok": True, "said": dict(said), "error": None, "exit_code": 0}


def _said(row: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in row["said"].items() if value is not None)
