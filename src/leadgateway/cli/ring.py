"""The demo's journey: leads from vendor to vendor and back, each hop read back and compared."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import uuid4

from leadgateway.adapter import Outcome
from leadgateway.aio import AsyncConnection
from leadgateway.cli.kit import serving
from leadgateway.config import Configuration
from leadgateway.drivers.clock import SystemClock
from leadgateway.errors import ConfigError, LeadGatewayError
from leadgateway.lead import Lead
from leadgateway.mapping import Policy
from leadgateway.opening import Opener
from leadgateway.plugins import Plugins
from leadgateway.transfer import (
    MigrationReport,
    Readback,
    Row,
    Scan,
    expected_arrival,
    migrate,
    read_back,
    scan,
)


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
    found: Scan
    report: MigrationReport
    readback: Readback
    seconds: float

    @property
    def is_sound(self) -> bool:
        """Whether every lead is accounted for, and nothing failed or differs without notice."""
        report = self.report
        return (
            report.adds_up
            and report.stopped_by is None
            and report.read == self.found.read
            and not report.counts[Outcome.UNKNOWN]
            and report.counts[Outcome.FAILED] == self.found.unmappable.counts.total()
            and self.readback.agrees
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
    *,
    limit: int,
    announce: Callable[[Scan], None],
    on_row: Callable[..., None],
) -> Hop:
    """Move `limit` leads, accepting by name exactly the losses announced, and read them back."""
    began = monotonic()
    found = await scan(source, target, limit=limit)
    announce(found)
    expected: dict[str, Lead | None] = {}

    def settled(lead: Lead, row: Row) -> None:
        on_row()
        if row.target_id is not None:
            fresh = row.outcome is Outcome.CREATED and row.target_id not in expected
            expected[row.target_id] = expected_arrival(target, lead) if fresh else None

    policy = Policy(found.lossy_paths())
    report = await migrate(source, target, policy=policy, limit=limit, found=found, on_row=settled)
    there = await read_back(target, expected)
    return Hop(source.name, target.name, found, report, there, monotonic() - began)
