"""Ctrl-C and SIGTERM while something is under way that wants to be brought to its end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class Heard:
    """The first signal that came, if one did."""

    number: int | None = None

    @property
    def exit_code(self) -> int | None:
        """130 after Ctrl-C, 143 after SIGTERM, `None` while nothing was heard."""
        return None if self.number is None else 128 + self.number


@contextmanager
def heeding(act: Callable[[], object]) -> Iterator[Heard]:
    """Let the first SIGINT or SIGTERM call `act` on the running event loop, not end the program."""
    loop = asyncio.get_running_loop()
    heard = Heard()

    def note(number: int, _frame: FrameType | None) -> None:
        if heard.number is None:
            heard.number = number
            loop.call_soon_threadsafe(act)

    before = {each: signal.signal(each, note) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield heard
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
