"""Reading on while others work: some rows ahead, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from typing import TypeVar

T = TypeVar("T")


class _Mark(Enum):
    """What no page is."""

    END = "end"


async def one_ahead(pages: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """Yield `pages`, the next of which is asked for before one is looked at.

    An error of the reading is raised only in its turn.
    """
    following = asyncio.ensure_future(anext(pages, _Mark.END))
    try:
        while (page := await following) is not _Mark.END:
            following = asyncio.ensure_future(anext(pages, _Mark.END))
            await asyncio.sleep(0)
            yield page
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


class Ahead:
    """The pages of a source, read while rows of those before them are written.

    Reading rests while `most` rows, or more, have been read and not been taken. An error of it is
    raised only after everything that was read before it.
    """

    def __init__(self, pages: AsyncIterator[int], most: int) -> None:
        self._pages = pages
        self._most = most
        self._untaken = 0
        self._is_news = False
        self._ended = False
        self._told = asyncio.Event()
        self._room = asyncio.Event()
        self._reading = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while (rows := await anext(self._pages, None)) is not None:
                self._untaken += rows
                self._is_news = True
                self._told.set()
                self._room.clear()
                await asyncio.sleep(0)  # whoever waits for the page has its turn
                if self._untaken >= self._most:
                    await self._room.wait()
        finally:
            self._ended = True
            self._told.set()

    def took(self, rows: int) -> None:
        """Let so many rows more be read."""
        self._untaken = max(0, self._untaken - rows)
        if self._untaken < self._most:
            self._room.set()

    async def more(self) -> bool:
        """Wait until more has been read; `False` after the last page, as often as asked.

        Whoever asks has taken all rows that there were.
        """
        self.took(self._untaken)
        if not self._is_news and not self._ended:
            self._told.clear()
            await self._told.wait()
        if self._is_news:
            self._is_news = False
            return True
        await self._reading
        return False

    async def stop(self) -> None:
        """Read no further."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)


@asynccontextmanager
async def reading_ahead(pages: AsyncIterator[int], most: int) -> AsyncIterator[Ahead]:
    """Read `pages` while the block runs."""
    ahead = Ahead(pages, most)
    try:
        yield ahead
    finally:
        await ahead.stop()
