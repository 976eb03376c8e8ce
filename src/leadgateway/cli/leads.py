"""`leadgateway leads`: list, get, create and preview leads of one connection."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import IO, TYPE_CHECKING, Any

import click

from leadgateway.cli.failure import Failure
from leadgateway.cli.invocation import Invocation
from leadgateway.cli.lead_input import given_lead, lead_options
from leadgateway.cli.options import instant, json_option, loss_options, pass_invocation
from leadgateway.cli.render import Screen

if TYPE_CHECKING:
    from leadgateway.adapter import Receipt
    from leadgateway.lead import Lead
    from leadgateway.values import Loss

_COLUMNS = ("id", "name", "email", "phone", "company", "status", "source", "created")


@click.group(name="leads")
def command() -> None:
    """List, get, create and preview leads.

    \b
    Examples:
      leadgateway leads list CONNECTION --limit 20
      leadgateway leads get CONNECTION ID
      leadgateway leads create CONNECTION --name "Ana Souza" --email ana@example.com
      leadgateway leads preview CONNECTION --name "Ana Souza" --email ana@example.com
    """


@command.command("list")
@click.argument("connection")
@click.option("--status", help="A canonical status, or the vendor's own word.")
@click.option("--stage", help="The vendor's own stage.")
@click.option("--source", help="A canonical source, or the vendor's own word.")
@click.option("--owner", help="The vendor's id of the owner.")
@click.option("--pipeline", help="The vendor's id of the pipeline.")
@click.option("--line", help="buyer or seller.")
@click.option("--search", help="A text to look for.")
@click.option(
    "--created-since", metavar="TIME", callback=instant, help="Created at this time or later."
)
@click.option(
    "--created-until", metavar="TIME", callback=instant, help="Created at this time or earlier."
)
@click.option(
    "--updated-since", metavar="TIME", callback=instant, help="Changed at this time or later."
)
@click.option("--sort-by", help="One of the vendor's sorts.")
@click.option("--descending", is_flag=True, default=None, help="The last of the sort first.")
@click.option("--page-size", type=int, help="Leads per request; the vendor's most by default.")
@click.option("--limit", type=click.IntRange(0), help="Stop after so many leads.")
@json_option
@pass_invocation
def list_(
    invocation: Invocation,
    /,
    *,
    connection: str,
    limit: int | None,
    as_json: bool,
    **filters: Any,
) -> None:
    """List leads; with --json one Lead a line, as it can be read again.

    A filter that the vendor does not document is refused before anything is sent.

    \b
    Examples:
      leadgateway leads list CONNECTION --status qualified --limit 20
      leadgateway leads list CONNECTION --created-since 2026-01-31T09:00:00Z --json
    """
    asked = {name: value for name, value in filters.items() if value is not None}
    screen = Screen(as_json=as_json)
    left = limit
    with invocation.gateway().connect(connection) as opened:
        for page in opened.list_leads(**asked).pages() if limit != 0 else ():
            leads = page.leads[:left]
            for lead in leads:
                screen.raw(lead.model_dump_json())
            screen.table(_COLUMNS, [_row(lead) for lead in leads])
            left = None if left is None else left - len(leads)
            if left == 0:
                break


@command.command("get")
@click.argument("connection")
@click.argument("lead_id", metavar="ID")
@json_option
@pass_invocation
def get(invocation: Invocation, connection: str, lead_id: str, as_json: bool) -> None:
    """Show one lead by the vendor's id.

    \b
    Examples:
      leadgateway leads get CONNECTION ID
      leadgateway leads get CONNECTION ID --json | leadgateway leads create CONNECTION -
    """
    with invocation.gateway().connect(connection) as opened:
        lead = opened.get_lead(lead_id)
    screen = Screen(as_json=as_json)
    screen.raw(lead.model_dump_json())
    known = lead.model_dump(mode="json", exclude={"raw"}, exclude_none=True)
    screen.facts(dict(_flat(known)))


@command.command("create")
@click.argument("connection")
@lead_options
@loss_options
@click.option("--key", help="An idempotency key of your own, where the vendor takes keys.")
@json_option
@pass_invocation
def create(
    invocation: Invocation,
    /,
    *,
    connection: str,
    file: IO[bytes] | None,
    region: str | None,
    accept: tuple[str, ...],
    lenient: bool,
    key: str | None,
    as_json: bool,
    **fields: Any,
) -> None:
    """Create one lead, given by options or as the JSON of a Lead in FILE (- is stdin).

    Nothing is sent while a value would be lost that you did not accept.

    \b
    Examples:
      leadgateway leads create CONNECTION --name "Ana Souza" --phone "(11) 96123-4567" --region BR
      leadgateway leads create CONNECTION - --accept company,tags < lead.json
    """
    lead = given_lead(file, fields)
    with invocation.gateway().connect(connection) as opened:
        try:
            receipt = opened.create_lead(
                lead, key=key, region=region, accept=accept, lenient=lenient
            )
        except KeyboardInterrupt:
            again = f"Look before you repeat it: {invocation.command('leads', 'list', connection)}"
            raise Failure(
                "interrupted: the lead may have been created or not", again, 130
            ) from None
    _show_receipt(Screen(as_json=as_json), receipt)


@command.command("preview")
@click.argument("connection")
@lead_options
@loss_options
@json_option
@pass_invocation
def preview(
    invocation: Invocation,
    /,
    *,
    connection: str,
    file: IO[bytes] | None,
    region: str | None,
    accept: tuple[str, ...],
    lenient: bool,
    as_json: bool,
    **fields: Any,
) -> None:
    """Show the exact request that `leads create` would send, and its losses; no network.

    \b
    Examples:
      leadgateway leads preview CONNECTION --name "Ana Souza" --email ANA@Example.com
      leadgateway leads preview CONNECTION - --json < lead.json
    """
    lead = given_lead(file, fields)
    with invocation.gateway().connect(connection) as opened:
        found = opened.preview(lead, region=region, accept=accept, lenient=lenient)
    refused = sorted({loss.path for loss in found.refused})
    screen = Screen(as_json=as_json)
    screen.line(f"{found.method} {found.url}")
    for name, value in found.headers.items():
        screen.line(f"{name}: {value}")
    screen.line()
    screen.document(found.body)
    _show_losses(screen, found.losses)
    if refused:
        screen.heading(f"Refused until accepted: --accept {','.join(refused)}")
    screen.result(
        {
            "method": found.method,
            "url": found.url,
            "headers": dict(found.headers),
            "body": found.body,
            "losses": [loss.model_dump(mode="json") for loss in found.losses],
            "refused": refused,
        }
    )


def _show_receipt(screen: Screen, receipt: Receipt) -> None:
    matched = f", found by its {receipt.matched_by}" if receipt.matched_by else ""
    doubt = f" ({receipt.doubt})" if receipt.doubt else ""
    screen.line(f"{receipt.outcome}{doubt}: {receipt.external_id}{matched}")
    _show_losses(screen, receipt.losses)
    screen.result(
        {
            "outcome": str(receipt.outcome),
            "id": receipt.external_id,
            "matched_by": receipt.matched_by,
            "doubt": receipt.doubt,
            "losses": [loss.model_dump(mode="json") for loss in receipt.losses],
            "lead": receipt.lead and receipt.lead.model_dump(mode="json"),
        }
    )


def _row(lead: Lead) -> tuple[object, ...]:
    return (
        lead.ref and lead.ref.id,
        lead.name and lead.name.full,
        lead.email and (lead.email.address or lead.email.raw),
        lead.phone and (lead.phone.e164 or lead.phone.raw),
        lead.company and lead.company.name,
        lead.status and (lead.status.native or lead.status.value),
        lead.source and (lead.source.native or lead.source.value),
        lead.created_at and f"{lead.created_at:%Y-%m-%d %H:%M:%SZ}",
    )


def _flat(value: object, path: str = "") -> Iterable[tuple[str, object]]:
    """Yield dotted paths and values of a JSON value; lists of texts stay one."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for index, item in enumerate(value):
            yield from _flat(item, f"{path}.{index}")
    else:
        yield path, json.dumps(value) if isinstance(value, list) else value


def _show_losses(screen: Screen, losses: Iterable[Loss]) -> None:
    rows = [(loss.path, loss.fidelity, loss.reason, loss.detail) for loss in losses]
    if rows:
        screen.line()
        screen.table(("field", "fidelity", "reason", "detail"), rows)
