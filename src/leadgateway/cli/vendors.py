"""`leadgateway vendors`: what the installed vendors document that they can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from leadgateway.cli import render
from leadgateway.cli.invocation import Invocation
from leadgateway.cli.options import json_option, pass_invocation
from leadgateway.cli.render import Screen

if TYPE_CHECKING:
    from leadgateway.capabilities import Capabilities


@click.group(name="vendors", invoke_without_command=True)
@json_option
@pass_invocation
@click.pass_context
def command(ctx: click.Context, invocation: Invocation, as_json: bool) -> None:
    """Show what each vendor can do.

    The vendors are those of all installed plugins; a plugin that is broken is named on stderr and
    left out.

    \b
    Examples:
      leadgateway vendors
      leadgateway vendors --json
      leadgateway vendors show VENDOR
    """
    if ctx.invoked_subcommand is not None:
        return
    from leadgateway.cli.matrix import described, matrix

    screen = Screen(as_json=as_json)
    able = {name: adapter.capabilities for name, adapter in adapters(invocation).items()}
    screen.table(*matrix(able))
    screen.line("? is not documented. More of one vendor: leadgateway vendors show VENDOR")
    screen.result(
        {
            "vendors": [described(name, c) for name, c in able.items()],
            "problems": [str(problem) for problem in invocation.plugins.problems],
        }
    )


@command.command("show")
@click.argument("vendor")
@json_option
@pass_invocation
def show(invocation: Invocation, vendor: str, as_json: bool) -> None:
    """Show everything that is declared of one vendor.

    In the table of fields, r is read, c written on create, u on update, b in a batch.

    \b
    Examples:
      leadgateway vendors show VENDOR
      leadgateway vendors show VENDOR --json
    """
    from leadgateway.cli.matrix import described, field_rows, setting_rows

    adapter = invocation.plugins.adapter(vendor)
    shown = {
        **described(vendor, adapter.capabilities),
        "needs": [str(each) for each in adapter.rules.needs],
        "settings": setting_rows(adapter.settings_type),
        "fields": field_rows(invocation.plugins.rules(adapter), adapter),
    }
    screen = Screen(as_json=as_json)
    screen.result(shown)
    screen.facts(_facts(shown, adapter.capabilities))
    screen.heading("The documents are silent on:")
    for silence in shown["silent_on"]:
        screen.line(f"- {silence}")
    if shown["not_offered"]:
        screen.heading("Documented, but not offered:")
        for left_aside in shown["not_offered"]:
            screen.line(f"- {left_aside}")
    screen.heading("Settings:")
    screen.table(
        ("setting", "type", "default"),
        [
            (row["name"], row["type"], "required" if row["required"] else row["default"])
            for row in shown["settings"]
        ],
    )
    screen.heading("Fields:")
    screen.table(
        ("field", "key", "use", "limit", "conditions", "from"), list(map(_field, shown["fields"]))
    )


def _facts(shown: Mapping[str, Any], able: Capabilities) -> dict[str, str]:
    from leadgateway.cli.matrix import quota

    paging = able.paging
    return {
        "vendor": f"{shown['vendor']}, {able.title}",
        "documents": f"{able.documents}, {able.stability}",
        "operations": ", ".join(shown["operations"]),
        "updates by": " or ".join(able.update_methods),
        "batches": f"{able.batch_size} leads" if able.batch_size else "",
        "dry run": "at the vendor" if able.dry_run else "",
        "pages": f"{paging.max_limit or '?'} leads, {paging.default_limit} unasked",
        "cursors": _cursors(able),
        "filters": ", ".join(shown["filters"]),
        "sorts": ", ".join(able.sorts),
        "a create merges": able.merge_rule if able.create_merges else "",
        "a row of a batch": able.batch_rule,
        "keyed writes": able.idempotency.header if able.idempotency else "",
        "quota": quota(able) or "not documented",
        "a create needs": "; ".join(shown["needs"]),
    }


def _field(row: Mapping[str, Any]) -> tuple[object, ...]:
    fields, keys = ", ".join(row["fields"]), ", ".join(row["keys"])
    return fields, keys, row["use"], row["limit"], "; ".join(row["conditions"]), row["origin"]


def adapters(invocation: Invocation) -> dict[str, Any]:
    """Return the adapter of each vendor; one that does not load is named on stderr and left out."""
    from leadgateway.errors import PluginError

    found = {}
    for vendor in invocation.plugins.vendors():
        try:
            found[vendor] = invocation.plugins.adapter(vendor)
        except PluginError as error:
            render.warn(str(error))
    return found


def _cursors(able: Capabilities) -> str:
    if not able.paging.durable_cursor:
        return "for one run"
    bound = ", ".join(able.paging.cursor_bound_to)
    return "may be kept" + (f", for the same {bound}" if bound else "")
