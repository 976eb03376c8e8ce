"""`leadgateway fidelity`: what a move would do to each field, from the declarations alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.options import json_option, pass_invocation
from leadgateway.cli.render import Screen

if TYPE_CHECKING:
    from leadgateway.mapping import FieldFidelity


@click.command(name="fidelity")
@click.argument("source")
@click.argument("target")
@json_option
@pass_invocation
def command(invocation: Invocation, source: str, target: str, as_json: bool) -> None:
    """Show field by field what a move from SOURCE to TARGET would keep, change or drop.

    Both are vendors or connections; nothing is sent and no credentials are needed. For what your
    own leads would lose, see `leadgateway migrate --dry-run`.

    \b
    Examples:
      leadgateway fidelity VENDOR VENDOR
      leadgateway fidelity CONNECTION CONNECTION --json
    """
    from leadgateway.taxonomy import Fidelity

    report = invocation.gateway().fidelity(source, target)
    screen = Screen(as_json=as_json)
    screen.table(
        ("field", "fidelity", f"key in {source}", f"key in {target}", "notes"),
        [
            (
                row.path,
                row.fidelity,
                ", ".join(row.source_keys),
                ", ".join(row.target_keys),
                "; ".join(row.notes),
            )
            for row in report.fields
        ],
    )
    counts = {str(each): len(report.of(each)) for each in Fidelity}
    screen.line(", ".join(f"{count} {name}" for name, count in counts.items()))
    fields = list(map(_json, report.fields))
    screen.result({"source": source, "target": target, "counts": counts, "fields": fields})


def _json(row: FieldFidelity) -> dict[str, Any]:
    return {
        "path": row.path,
        "fidelity": str(row.fidelity),
        "source_keys": list(row.source_keys),
        "target_keys": list(row.target_keys),
        "notes": list(row.notes),
    }
