"""A transport for each request in flight: a pool of connections slows down as it grows."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

from leadgateway.drivers.guards import IDLE_SECONDS


class Lanes:
    """Transports of one connection each, made as they are needed, `most` of them at once.

    The one that rested least is taken first, so that the others can be closed for their age.
    """

    def __init__(self, make: Callable[[], Any], *, most: int, patience: float) -> None:
        self._make = make
        self._patience = patience
        self._places = asyncio.Semaphore(most)
        self._resting: deque[tuple[float, Any]] = deque()

    @asynccontextmanager
    async def lane(self) -> AsyncGenerator[Any]:
        """Hold a transport; who waits for one too long gets a `TimeoutError`."""
        if self._places.locked():
            async with asyncio.timeout(self._patience):
                await self._places.acquire()
        else:
            await self._places.acquire()
        transport = self._resting.pop()[1] if self._resting else self._make()
        try:
            yield transport
        finally:
            now = monotonic()
            self._resting.append((now, transport))
            self._places.release()
            while self._resting[0][0] < now - IDLE_SECONDS:
                await self._resting.popleft()[1].aclose()

    async def close(self) -> None:
        """Close every transport that rests."""
        while self._resting:
            await self._resting.pop()[1].aclose()
