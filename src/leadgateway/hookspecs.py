"""Every hook a plugin may implement; mark yours with `leadgateway.hookimpl`.

Three kinds. *Offered* hooks return what a plugin brings: order never matters, and two plugins that
bring the same thing are an error. *Decided* hooks answer a question: the first answer that is not
`None` counts, lead by lead where several are asked about. *Announced* hooks are told what happened:
their results are ignored, and one that fails neither stops the work nor keeps another from hearing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pluggy

from leadgateway.adapter import Adapter
from leadgateway.events import ExchangeFinished, JobFinished, JobStarted, LeadsSettled
from leadgateway.lead import Lead
from leadgateway.mapping import Rule
from leadgateway.taxonomy import LeadSource, LeadStatus

if TYPE_CHECKING:
    import click

    from leadgateway.journal import Journal

GROUP = "leadgateway"

hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


class Clean(Protocol):
    """Returns a lead made tidier; it must neither invent nor lose a value."""

    def __call__(self, lead: Lead) -> Lead: ...


@dataclass(frozen=True, slots=True)
class Normalizer:
    """A cleaning step for leads that were read; steps run by `order`, then by `name`."""

    order: int
    name: str
    clean: Clean


@hookspec
def leadgateway_adapters() -> Mapping[str, type[Adapter[Any]] | str]:  # type: ignore[empty-body]  # a specification has no body
    """Offered: vendor name to adapter class, or to its import path `"module:Class"`."""


@hookspec
def leadgateway_simulators() -> Mapping[str, type[Any] | str]:  # type: ignore[empty-body]  # a specification has no body
    """Offered: vendor name to simulator class, or to its import path `"module:Class"`."""


@hookspec
def leadgateway_journals() -> Mapping[str, Callable[[str], Journal] | str]:  # type: ignore[empty-body]  # a specification has no body
    """Offered: URL scheme to what opens a journal at such a URL, or to its import path."""


@hookspec
def leadgateway_rules(vendor: str) -> Iterable[Rule]:  # type: ignore[empty-body]  # a specification has no body
    """Offered: field rules for `vendor`, more of them or in place of the adapter's own."""


@hookspec
def leadgateway_normalizers() -> Iterable[Normalizer]:  # type: ignore[empty-body]  # a specification has no body
    """Offered: cleaning steps for every lead that is listed or got, before anybody sees it."""


@hookspec
def leadgateway_commands(app: click.Group) -> None:
    """Offered: add commands to the command line; called when no built-in has the name."""


@hookspec(firstresult=True)
def leadgateway_source(vendor: str, native: str) -> LeadSource | None:
    """Decided: what a vendor's word for a source means, where the connection does not say."""


@hookspec(firstresult=True)
def leadgateway_status(vendor: str, native: str) -> LeadStatus | None:
    """Decided: what a vendor's word for a status means, where the connection does not say."""


@hookspec
def leadgateway_skip(leads: Sequence[Lead], job: JobStarted) -> Mapping[int, str] | None:
    """Decided: which leads of a page a migration leaves out: their places in it, and why."""


@hookspec
def leadgateway_exchange_finished(event: ExchangeFinished) -> None:
    """Announced: one request was answered, or was not."""


@hookspec
def leadgateway_leads_settled(event: LeadsSettled) -> None:
    """Announced: the writes of some leads ended."""


@hookspec
def leadgateway_job_started(event: JobStarted) -> None:
    """Announced: a migration began."""


@hookspec
def leadgateway_job_finished(event: JobFinished) -> None:
    """Announced: a migration ended."""
