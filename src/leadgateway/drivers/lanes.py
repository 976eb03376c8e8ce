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


class Resting:
    """What nobody uses at the moment; what rested least is taken first, the others age."""

    def __init__(self) -> None:
        self._kept: deque[tuple[float, Any]] = deque()

    def take(self) -> Any:
        """Return one for the next request; `None` where none rests."""
        try:
            return self._kept.pop()[1]
        except IndexError:
            return None

    def put(self, used: Any) -> None:
        """Take one back."""
        self._kept.append((monotonic(), used))

    def aged(self, seconds: float) -> Generator[Any]:
        """Give out for good whatever rested longer than that."""
        while True:
            try:
                since, kept = self._kept.popleft()
            except IndexError:
                return
            if monotonic() - since < seconds:
                self._kept.appendleft((since, kept))
                return
            yield kept


class Places(asyncio.Semaphore):
    """So many at once; who waits too long for a place gets a `TimeoutError`."""

    def __init__(self, most: int, patience: float) -> None:
        super().__init__(most)
        self._patience = patience

    async def __aenter__(self) -> None:
        if self.locked():
            async with asyncio.timeout(self._patience):
                await self.acquire()
        else:
            await self.acquire()


class Lanes:
    """Transports of one connection each, `most` of them at once, for any number of threads."""

    def __init__(self, make: Callable[[], Any], *, most: int, patience: float) -> None:
        self._make = make
        self._resting = Resting()
        self._places = threading.Semaphore(most)
        self._patience = patience

    @contextmanager
    def lane(self) -> Generator[Any]:
        """Hold a transport; who waits too long for one gets a `TimeoutError`."""
        if not self._places.acquire(timeout=self._patience):
            raise TimeoutError
        try:
            transport = self._resting.take() or self._make()
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
        self._make = make
        self._resting = Resting()
        self._places = Places(most, patience)

    @asynccontextmanager
    async def lane(self) -> AsyncGenerator[Any]:
        """Hold a transport; who waits too long for one gets a `TimeoutError`."""
        async with self._places:
            transport = self._resting.take() or self._make()
            try:
                yield transport
            finally:
                if has_surplus(transport):
                    await transport.aclose()
                self._resting.put(transport)
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
