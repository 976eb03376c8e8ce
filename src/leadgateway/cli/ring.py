"""The demo's journey: leads from vendor to vendor and back, each hop read back and compared."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import uuid4

from leadgateway.aio import AsyncConnection
from leadgateway.cli.kit import serving
from leadgateway.config import Configuration
from leadgateway.drivers.clock import SystemClock
from leadgateway.errors import ConfigError, LeadGatewayError
from leadgateway.journal import Journal, RowState
from leadgateway.mapping import Policy
from leadgateway.opening import Opener
from leadgateway.plugins import Plugins
from leadgateway.transfer.certificate import Certificate, certify
from leadgateway.transfer.plan import Plan, plan
from leadgateway.transfer.run import JobOptions, run_job
from leadgateway.transfer.verification import Verification
from leadgateway.transfer.verify import verify


@dataclass(frozen=True)
class Station:
    """A vendor on the ring: its simulator's URL, what its tenant asks for, and a connection."""

    vendor: str
    url: str
    terms: Mapping[str, Any]
    connection: AsyncConnection


@dataclass(frozen=True)
class Hop:
    """One stretch of the way: what was announced, what was done, and what was found there."""

    source: str
    target: str
    found: Plan
    certificate: Certificate
    seconds: float

    @property
    def verification(self) -> Verification:
        """What reading back found; every hop is read back."""
        found = self.certificate.verification
        assert found is not None  # noqa: S101  # `travel` verifies
        return found

    @property
    def is_sound(self) -> bool:
        """Whether every lead is accounted for, and nothing failed or differs without notice."""
        ended = self.certificate.outcomes
        refused = self.found.unmappable.counts.total() + self.found.collisions.leads
        return (
            self.certificate.leads == self.found.extent.looked_at
            and not ended[RowState.PENDING] + ended[RowState.INTENT] + ended[RowState.UNKNOWN]
            and ended[RowState.FAILED] <= refused
            and self.verification.holds
        )


@contextmanager
def stations(
    plugins: Plugins, *, leads: int, seed: int, warn: Callable[[str], None]
) -> Iterator[Sequence[Station]]:
    """Start the simulator of every vendor that has one, and connect; all end with the block."""
    serve = serving()
    opener = Opener(
        plugins, Configuration({}, {}), SystemClock(), random.random, lambda: str(uuid4())
    )
    with ExitStack() as stack:
        begun: list[tuple[str, Mapping[str, Any], Any]] = []
        for vendor, terms in _willing(plugins, warn).items():
            one = serve.start(vendor, leads=leads, seed=seed + len(begun), rate_limits=False)
            begun.append((vendor, terms, stack.enter_context(one)))
        found = []
        for vendor, terms, process in begun:
            try:
                running = serve.announced(process)
            except RuntimeError as error:
                raise LeadGatewayError(f"{vendor}: {error}") from None
            settings = {**terms, **running.settings, "vendor": vendor}
            connection = AsyncConnection(opener.open(vendor, settings))
            found.append(Station(vendor, running.url, terms, connection))
        yield found


def _willing(plugins: Plugins, warn: Callable[[str], None]) -> dict[str, Mapping[str, Any]]:
    """Return the vendors with an adapter and a simulator that load, and their terms."""
    simulators, found = plugins.simulators(), {}
    for vendor in plugins.vendors():
        try:
            plugins.adapter(vendor)
            if vendor in simulators:
                found[vendor] = simulators[vendor].demo_terms
        except LeadGatewayError as error:
            warn(str(error))
    if len(found) < 2:
        raise ConfigError("a ring takes two vendors that bring a simulator at least.")
    return found


async def travel(
    source: AsyncConnection,
    target: AsyncConnection,
    journal: Journal,
    *,
    limit: int,
    announce: Callable[[Plan], None],
    progress: Callable[[int], None],
) -> Hop:
    """Move `limit` leads, accepting by name exactly the losses announced, and read them back."""
    began = monotonic()
    found = await plan(source, target, limit=limit)
    announce(found)
    job = f"{source.name}-to-{target.name}"
    policy = Policy(found.to_accept())
    options = JobOptions(policy=policy, limit=limit, progress=progress)
    await run_job(source, target, journal, job, options)
    await verify(target, journal, job)
    return Hop(source.name, target.name, found, certify(journal, job), monotonic() - began)
