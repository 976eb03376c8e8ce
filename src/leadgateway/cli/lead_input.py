"""A lead as it is given on the command line: by options, or as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from leadgateway.lead import Lead

F = TypeVar("F", bound=Callable[..., Any])

_TEXTS = {
    "name": "The full name.",
    "email": "The primary e-mail address.",
    "phone": "The primary phone number; national ones need --region.",
    "company": "The organization's name.",
    "status": "A canonical status, like new or qualified.",
    "source": "A canonical source, like referral or website.",
    "capture": "How it was captured, like form or phone_call.",
    "intent": "What the lead wants.",
    "notes": "Anything else.",
    "line": "buyer or seller.",
}


def lead_options(command: F) -> F:
    """Add the options that make up a lead, and FILE for one in JSON."""
    for name, about in reversed(_TEXTS.items()):
        command = click.option(f"--{name}", metavar="TEXT", help=about)(command)
    command = click.option("--tag", "tags", multiple=True, help="A tag; may be repeated.")(command)
    command = click.option(
        "--custom", multiple=True, metavar="KEY=VALUE", help="A custom field; may be repeated."
    )(command)
    command = click.option(
        "--region", metavar="CC", help="Read national phone numbers as of this country."
    )(command)
    return click.argument("file", type=click.File("rb"), required=False)(command)


def given_lead(file: IO[bytes] | None, options: dict[str, Any]) -> Lead:
    """Return the lead that FILE or the options describe; what is wrong is a usage error."""
    from pydantic import ValidationError

    from leadgateway.lead import Lead

    fields = {name: options[name] for name in _TEXTS if options[name] is not None}
    if options["tags"]:
        fields["tags"] = options["tags"]
    if options["custom"]:
        fields["custom"] = dict(map(_pair, options["custom"]))
    if (file is None) == (not fields):
        raise click.UsageError("Describe the lead by options, or name a FILE (- is stdin).")
    try:
        return Lead(**fields) if file is None else Lead.model_validate_json(file.read())
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'JSON'}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        )
        raise click.UsageError(f"That is no lead: {faults}") from None


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise click.UsageError("--custom: write KEY=VALUE.")
    return key, value
