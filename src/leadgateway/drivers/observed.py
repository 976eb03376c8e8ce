"""Drivers that tell how each exchange ended, around any other driver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from leadgateway.conduct import Clock
from leadgateway.drivers.port import AsyncDriver, Driver
from leadgateway.errors import LeadGatewayError
from leadgateway.events import ExchangeFinished
from leadgateway.exchange import Interrupted, Request, Response


@dataclass(frozen=True, slots=True)
class Observer:
    """Who is told, and on whose behalf the requests are sent."""

    vendor: str
    connection: str
    clock: Clock
    tell: Callable[[ExchangeFinished], None]

    def finished(self, request: Request, began: float, end: Response | Exception) -> None:
        """Tell that `request` ended."""
        status = end.status if isinstance(end, Response) else None
        failure = None if isinstance(end, Response) else type(end).__name__
        path = urlsplit(request.url).path
        seconds = self.clock.monotonic() - began
        self.tell(
            ExchangeFinished(
                self.vendor, self.connection, request.method, path, status, failure, seconds
            )
        )


@dataclass(frozen=True, slots=True)
class ObservedDriver:
    """A `Driver` that is watched."""

    driver: Driver
    observer: Observer

    def send(self, request: Request) -> Response:
        """Send through the other driver and tell the end."""
        began = self.observer.clock.monotonic()
        try:
            response = self.driver.send(request)
        except (Interrupted, LeadGatewayError) as error:
            self.observer.finished(request, began, error)
            raise
        self.observer.finished(request, began, response)
        return response

    def close(self) -> None:
        """Close the other driver."""
        self.driver.close()


@dataclass(frozen=True, slots=True)
class ObservedAsyncDriver:
    """An `AsyncDriver` that is watched."""

    driver: AsyncDriver
    observer: Observer

    async def send(self, request: Request) -> Response:
        """Send through the other driver and tell the end."""
        began = self.observer.clock.monotonic()
        try:
            response = await self.driver.send(request)
        except (Interrupted, LeadGatewayError) as error:
            self.observer.finished(request, began, error)
            raise
        self.observer.finished(request, began, response)
        return response

    async def close(self) -> None:
        """Close the other driver."""
        await self.driver.close()
