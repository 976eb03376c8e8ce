"""Reading on while others work: a page or two ahead, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, TypeVar

PAGES_AHEAD: Final = 2

T = TypeVar("T")


async def one_ahead(pages: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """Yield `pages`, the next of which is asked for before one is looked at.

    An error of the reading is raised only in its turn.
    """
    following = asyncio.ensure_future(anext(pages, None))
    try:
        while (page := await following) is not None:
            following = asyncio.ensure_future(anext(pages, None))
            await asyncio.sleep(0)
            yield page
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


class Ahead:
    """The pages of a source, read while those before them are written.

    An error of the reading is raised only after everything that was read before it.
    """

    def __init__(self, pages: AsyncIterator[int]) -> None:
        self._pages = pages
        self._read: asyncio.Queue[bool] = asyncio.Queue()
        self._room = asyncio.Semaphore(PAGES_AHEAD)
        self._reading = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while True:
                await self._room.acquire()
                if await anext(self._pages, None) is None:
                    return
                self._read.put_nowait(True)
        finally:
            self._read.put_nowait(False)

    async def more(self) -> bool:
        """Wait until one more page has been read; `False` after the last, as often as asked."""
        if await self._read.get():
            self._room.release()
            return True
        self._read.put_nowait(False)
        await self._reading
        return False

    async def stop(self) -> None:
        """Read no further."""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)


@asynccontextmanager
async def reading_ahead(pages: AsyncIterator[int]) -> AsyncIterator[Ahead]:
    """Read `pages` while the block runs."""
    ahead = Ahead(pages)
    try:
        yield ahead
    finally:
        await ahead.stop()
