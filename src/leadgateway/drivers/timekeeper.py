"""A total deadline for every exchange of an event loop, by one timer for all of them."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any


class Timekeeper:
    """Ends what takes longer than `seconds`; all get the same, so who began first is due first."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._due: dict[asyncio.Task[Any], float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def limit(self) -> _Limit:
        """Return a block that ends within `seconds`, or in a `TimeoutError`."""
        return _Limit(self)

    def begin(self, task: asyncio.Task[Any]) -> None:
        """Let the time of `task` run."""
        loop = asyncio.get_running_loop()
        self._due[task] = due = loop.time() + self.seconds
        if self._timer is None:
            self._timer = loop.call_at(due, self._look, loop)

    def end(self, task: asyncio.Task[Any]) -> bool:
        """Stop the time of `task`; tell whether it was up before."""
        late = self._due.pop(task, None) is None
        if not self._due and self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return late

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cancel every task whose time is up, and come back for the next."""
        for task, due in list(self._due.items()):
            if due > loop.time():
                self._timer = loop.call_at(due, self._look, loop)
                return
            del self._due[task]
            task.cancel()
        self._timer = None


class _Limit:
    __slots__ = ("_cancelling", "_keeper", "_task")

    def __init__(self, keeper: Timekeeper) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - requests are sent in tasks
        self._keeper = keeper
        self._task = task
        self._cancelling = task.cancelling()

    def __enter__(self) -> None:
        self._keeper.begin(self._task)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # As asyncio.timeout does: a task that somebody else cancelled as well stays cancelled.
        if not self._keeper.end(self._task):
            return
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error
