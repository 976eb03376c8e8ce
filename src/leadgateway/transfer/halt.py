"""Stopping a migration on the way without losing the account of it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from leadgateway.errors import LeadGatewayError

T = TypeVar("T")


class Halted(LeadGatewayError):
    """The caller wished to stop; nothing was sent for what this befell."""


class Halt:
    """A wish to stop: nothing new begins, and what is in flight has `patience` seconds to end."""

    def __init__(self, patience: float = 10.0) -> None:
        self.patience = patience
        self._wish = asyncio.Event()

    @property
    def wished(self) -> bool:
        """Whether stopping was wished for."""
        return self._wish.is_set()

    def wish(self) -> None:
        """Wish to stop; from the event loop's own thread."""
        self._wish.set()

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass, or raise `Halted` as soon as stopping is wished for.

        Give it to a gateway as its `sleep`, so that no worker waits for a quota any longer.
        """
        try:
            async with asyncio.timeout(seconds):
                await self._wish.wait()
        except TimeoutError:
            return
        raise Halted("stopped while waiting")

    async def unless(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` returns; once stopping is wished for, cancel it and raise `Halted`."""
        task = asyncio.create_task(work)
        await self._race([task])
        if task.cancelled():
            raise Halted("stopped while reading")
        return task.result()

    async def bear(self, tasks: Iterable[asyncio.Task[None]]) -> None:
        """Wait for all `tasks`; once stopping is wished for, cancel those that outlast patience."""
        kept = list(tasks)
        await self._race(kept, self.patience)
        for task in kept:
            if not task.cancelled():
                task.result()

    async def _race(self, tasks: list[asyncio.Task[Any]], patience: float = 0.0) -> None:
        """Wait until all tasks are done, or cancel what outlasts the wish by `patience`."""
        wish: asyncio.Task[Any] = asyncio.create_task(self._wish.wait())
        running = asyncio.gather(*tasks, return_exceptions=True)
        try:
            await asyncio.wait([running, wish], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait([running], timeout=patience)
        finally:
            wish.cancel()
            for task in tasks:
                task.cancel()
            await asyncio.wait([wish, *tasks])
