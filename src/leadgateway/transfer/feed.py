"""Committed requests that wait for a worker, and more of them before they run out."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

from leadgateway.errors import JournalError, LeadGatewayError
from leadgateway.journal import Intent

Refill = Callable[[], Awaitable[Iterable[Intent]]]
"""Brings more requests; none means that there are no more."""


class Feed:
    """What workers take requests from; fewer than `enough` are refilled as long as there are more.

    An error of `refill` is kept as `failure`, and what was brought before is still handed out; only
    that of a journal, which must not be written any more, is raised at once.
    """

    def __init__(
        self, waiting: Iterable[Intent] = (), refill: Refill | None = None, enough: int = 1
    ) -> None:
        self.waiting = deque(waiting)
        self.failure: LeadGatewayError | None = None
        self._refill = refill
        self._enough = enough
        self._refilling = asyncio.Lock()

    async def take(self) -> Intent | None:
        """Return the next request; `None` when all are taken, and there will be no more.

        While one who asks brings more, the others take what is there.
        """
        while self._refill is not None and len(self.waiting) < self._enough:
            if self.waiting and self._refilling.locked():
                break
            async with self._refilling:
                if self._refill is not None and len(self.waiting) < self._enough:
                    await self._bring(self._refill)
        return self.waiting.popleft() if self.waiting else None

    async def _bring(self, refill: Refill) -> None:
        try:
            more = list(await refill())
        except JournalError:
            raise
        except LeadGatewayError as error:
            self.failure, more = error, []
        self.waiting.extend(more)
        if not more:
            self._refill = None
