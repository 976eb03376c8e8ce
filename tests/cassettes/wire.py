"""The drivers under a cassette: time passes, headers get lost on the way, writes are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.cassettes.clock import VirtualClock
from vcr.errors import CannotOverwriteExistingCassetteException

from leadgateway.exchange import Interrupted, Request, Response


class NotOnTheCassette(AssertionError):
    """A request that was never recorded; it went nowhere."""


class WriteRefused(AssertionError):
    """A request that would write, where only reading is allowed; it went nowhere."""


@dataclass(frozen=True)
class Road:
    """What happens to every request between leadgateway and the client library.

    `tampered` maps a header to its new value, or to `None` where it gets lost.
    """

    clock: VirtualClock
    tampered: Mapping[str, str | None] = field(default_factory=dict)
    reads_only: bool = False

    def depart(self, request: Request) -> Request:
        """Return the request as it goes on."""
        if self.reads_only and request.method not in {"GET", "HEAD"}:
            raise WriteRefused(f"{request.method} {request.url}")
        self.clock.exchange()
        kept = tuple(pair for pair in request.headers if pair[0].lower() not in self.tampered)
        new = tuple((name, value) for name, value in self.tampered.items() if value is not None)
        return request._replace(headers=kept + new)

    def explain(self, request: Request, interruption: Interrupted) -> Exception:
        """Return what `interruption` means under a cassette."""
        if CannotOverwriteExistingCassetteException.__name__ not in interruption.reason:
            return interruption
        query = "&".join("=".join(pair) for pair in request.params)
        return NotOnTheCassette(
            f"{request.method} {request.url}?{query}, or its headers or body {request.body!r}"
        )


class RoadDriver:
    """A `Driver` whose requests take the road."""

    def __init__(self, driver: Any, road: Road) -> None:
        self._driver = driver
        self._road = road

    def send(self, request: Request) -> Response:
        """Return the answer to `request`."""
        departed = self._road.depart(request)
        try:
            answer: Response = self._driver.send(departed)
        except Interrupted as interruption:
            raise self._road.explain(departed, interruption) from None
        return answer

    def close(self) -> None:
        """Close every connection."""
        self._driver.close()


class AsyncRoadDriver:
    """An `AsyncDriver` whose requests take the road."""

    def __init__(self, driver: Any, road: Road) -> None:
        self._driver = driver
        self._road = road

    async def send(self, request: Request) -> Response:
        """Return the answer to `request`."""
        departed = self._road.depart(request)
        try:
            answer: Response = await self._driver.send(departed)
        except Interrupted as interruption:
            raise self._road.explain(departed, interruption) from None
        return answer

    async def close(self) -> None:
        """Close every connection."""
        await self._driver.close()
