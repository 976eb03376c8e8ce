"""Drivers that a fork does not share: two processes on one connection would mix up its answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from leadgateway.drivers.port import AsyncDriver, Driver
from leadgateway.exchange import Request, Response

D = TypeVar("D")


class _Own(Generic[D]):
    """One driver for each process, made by `make`."""

    def __init__(self, make: Callable[[], D]) -> None:
        self._make = make
        self._owned = os.getpid(), make()
        self._inherited: list[D] = []

    def _own(self) -> D:
        """Return the driver of this process.

        One that came along with a fork is kept as it is: to close what it holds, as happens to
        what nobody keeps, could end its connections for the process that uses them.
        """
        process, driver = self._owned
        if process != os.getpid():
            self._inherited.append(driver)
            driver = self._make()
            self._owned = os.getpid(), driver
        return driver


class OwnDriver(_Own[Driver]):
    """A `Driver`: one of its own for each process."""

    def send(self, request: Request) -> Response:
        """Send through the driver of this process."""
        return self._own().send(request)

    def close(self) -> None:
        """Close the driver of this process."""
        self._own().close()


class OwnAsyncDriver(_Own[AsyncDriver]):
    """An `AsyncDriver`: one of its own for each process."""

    def send(self, request: Request) -> Coroutine[Any, Any, Response]:
        """Send through the driver of this process."""
        return self._own().send(request)

    async def close(self) -> None:
        """Close the driver of this process."""
        await self._own().close()
