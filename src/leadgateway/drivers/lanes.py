"""A transport for each request in flight: a pool of connections slows down as it grows."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from time import monotonic
from typing import Any

from leadgateway.drivers.guards import IDLE_SECONDS


class _Resting:
    """Transports that nobody uses; the one that rested least is taken first, the others age."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._transports: deque[tuple[float, Any]] = deque()

    def take(self) -> Any:
        """Return a transport for one request."""
        try:
            return self._transports.pop()[1]
        except IndexError:
            return self._make()

    def put(self, transport: Any) -> None:
        """Take a transport back."""
        self._transports.append((monotonic(), transport))

    def aged(self, seconds: float) -> Generator[Any]:
        """Give out for good whatever rested longer than that."""
        while True:
            try:
                since, transport = self._transports.popleft()
            except IndexError:
                return
            if monotonic() - since < seconds:
                self._transports.appendleft((since, transport))
                return
            yield transport


class Lanes:
    """Transports of one connection each, `most` of them at once, for any number of threads."""

    def __init__(self, make: Callable[[], Any], *, most: int, patience: float) -> None:
        self._resting = _Resting(make)
        self._places = threading.Semaphore(most)
        self._patience = patience

    @contextmanager
    def lane(self) -> Generator[Any]:
        """Hold a transport; who waits too long for one gets a `TimeoutError`."""
        if not self._places.acquire(timeout=self._patience):
            raise TimeoutError
        try:
            transport = self._resting.take()
            try:
                yield transport
            finally:
                if has_surplus(transport):
                    transport.close()
                self._resting.put(transport)
        finally:
            self._places.release()
        for old in self._resting.aged(IDLE_SECONDS):
            old.close()

    def close(self) -> None:
        """Close every transport that rests."""
        for transport in self._resting.aged(0.0):
            transport.close()


class AsyncLanes:
    """Does as `Lanes`, for the tasks of one event loop."""

    def __init__(self, make: Callable[[], Any], *, most: int, patience: float) -> None:
        self._resting = _Resting(make)
        self._places = asyncio.Semaphore(most)
        self._patience = patience

    @asynccontextmanager
    async def lane(self) -> AsyncGenerator[Any]:
        """Hold a transport; who waits too long for one gets a `TimeoutError`."""
        if self._places.locked():
            async with asyncio.timeout(self._patience):
                await self._places.acquire()
        else:
            await self._places.acquire()
        try:
            transport = self._resting.take()
            try:
                yield transport
            finally:
                if has_surplus(transport):
                    await transport.aclose()
                self._resting.put(transport)
        finally:
            self._places.release()
        for old in self._resting.aged(IDLE_SECONDS):
            await old.aclose()

    async def close(self) -> None:
        """Close every transport that rests."""
        for transport in self._resting.aged(0.0):
            await transport.aclose()


def has_surplus(transport: Any) -> bool:
    """Tell whether more came than was asked for, which would pass for the next answer."""
    for outer in transport._pool.connections:  # noqa: SLF001 - the transport tells nothing of its connection
        inner = outer
        while inner is not None:
            parser = getattr(inner, "_h11_state", None)
            if parser is not None and parser.trailing_data[0]:
                return True
            inner = getattr(inner, "_connection", None)  # a proxy's connection holds another
    return False
