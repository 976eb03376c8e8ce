"""How an error ends the program: one line about it, one about what to do, and an exit code."""

from __future__ import annotations

from typing import IO, Any

import click

from leadgateway import errors
from leadgateway.cli import render

_REMEDIES: tuple[tuple[type[errors.LeadGatewayError], str], ...] = (
    (errors.AuthError, "Check the token and the tenant: leadgateway connections check CONNECTION"),
    (errors.FidelityError, "Nothing was sent. Accept these losses with --accept, or --lenient."),
    (errors.NotFound, "Check the id: leadgateway leads list CONNECTION"),
    (errors.OutcomeUnknown, "Look whether it happened before you repeat it."),
    (errors.RateLimited, "Try again later."),
    (errors.Unavailable, "Nothing was changed. Try again later."),
    (errors.BadResponse, "Is base_url the vendor's? If it is, report this to the adapter's home."),
    (errors.Unsupported, "See what it can do: leadgateway vendors show VENDOR"),
    (errors.PluginError, "See the installed plugins: leadgateway vendors"),
    (errors.JobLocked, "Wait for it, or stop it: leadgateway jobs"),
    (errors.JournalError, "Nothing more was sent. Mend the journal, or name another: --journal."),
    (errors.ConfigError, "See how to configure: leadgateway --help"),
)


class Failure(click.ClickException):
    """A LeadGatewayError on its way out, with its own exit code."""

    def __init__(
        self, error: errors.LeadGatewayError | str, remedy: str = "", exit_code: int = 1
    ) -> None:
        super().__init__(str(error))
        if isinstance(error, errors.LeadGatewayError):
            remedy, exit_code = remedy or _remedy(error), error.exit_code
        self.remedy = remedy
        self.exit_code = exit_code  # type: ignore[misc]  # click asks the instance

    def show(self, file: IO[Any] | None = None) -> None:
        render.failure(self.message, self.remedy)


def _remedy(error: errors.LeadGatewayError) -> str:
    return next((text for kind, text in _REMEDIES if isinstance(error, kind)), "")
