"""What a cassette holds: one call on a connection, what surrounds it, and how it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from leadgateway.exchange import Flow
from leadgateway.session import Session

SEED = 7
"""Every simulator's, so that a scenario may name what it holds."""

Connected = Any
"""A Connection or an AsyncConnection: both take the same calls."""


@dataclass(frozen=True)
class Scenario:
    """One cassette: `call` is what is called on the connection, `ends` how that must end.

    `operation` is the power it shows, `shows` the documented errors. `leads` is what the simulator
    holds; `simulator` are its further options, `before` changes it ahead of the first exchange, at
    whose time; `settings` replaces some of those it hands out; `tampered` changes headers on the
    way; `faults` are asked of its fault switch. `live` says that the call also makes sense on a
    vendor's own account, and whether it writes there.
    """

    vendor: str
    name: str
    operation: str
    call: Callable[[Connected], Any]
    ends: str
    shows: tuple[str, ...] = ()
    leads: int = 3
    simulator: Mapping[str, Any] = field(default_factory=dict)
    before: Callable[[Any, datetime], None] | None = None
    settings: Callable[[Any], Mapping[str, Any]] | None = None
    tampered: Mapping[str, str | None] = field(default_factory=dict)
    faults: tuple[Mapping[str, Any], ...] = ()
    live: Literal["read", "write"] | None = None

    @property
    def path(self) -> str:
        """The cassette's path below `cassettes`."""
        return f"{self.vendor}/{self.name}.yaml"


@dataclass(frozen=True)
class Walk:
    """A listing; its filters can be asked for."""

    filters: Mapping[str, Any]

    def __call__(self, connected: Connected) -> Any:
        return connected.list_leads(**self.filters)


def walk(**filters: Any) -> Walk:
    """List leads; two pages are read at most."""
    return Walk(filters)


def run(flow: Callable[[Session], Flow[Any]]) -> Callable[[Connected], Any]:
    """Run a flow of several steps, which both faces drive alike."""
    return lambda connected: connected.run(flow(connected.opened.session))


def fault(status: int, body: str, *, times: int | None = 1, **more: Any) -> Mapping[str, Any]:
    """Answer so instead of executing, the next time or so many times (`None`: always)."""
    return {"status": status, "body": body, "times": times, **more}


def spent(bucket: str, earlier: float = 0.0) -> Callable[[Any, datetime], None]:
    """Use a bucket's allowance up, so many seconds before the first exchange."""

    def spend(simulator: Any, at: datetime) -> None:
        key = simulator.rate_key(simulator.keys[simulator.settings["token"]])
        moment = at.timestamp() - earlier
        while simulator.meter.charge(bucket, key, moment).allowed:
            pass

    return spend
