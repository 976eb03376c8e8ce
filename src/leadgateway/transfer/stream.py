"""The leads of a source as a stream: each once, in chunks, one chunk read ahead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from leadgateway.aio import AsyncConnection
from leadgateway.lead import Lead


async def first(source: AsyncConnection, limit: int | None) -> AsyncIterator[Lead]:
    """Yield the leads of `source`, at most `limit` of them, each id once."""
    seen: set[str] = set()
    count = 0
    if limit == 0:
        return
    async for lead in source.list_leads():
        if lead.ref is not None:
            if lead.ref.id in seen:
                continue
            seen.add(lead.ref.id)
        yield lead
        count += 1
        if count == limit:
            return


async def chunks(leads: AsyncIterator[Lead], size: int) -> AsyncIterator[list[Lead]]:
    """Yield `leads` in lists of `size`, the last one shorter."""
    chunk: list[Lead] = []
    async for lead in leads:
        chunk.append(lead)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def one_ahead(source: AsyncIterator[list[Lead]]) -> AsyncGenerator[list[Lead], None]:
    """Yield what `source` yields while the next chunk is being read.

    An error of the reading is raised only after every chunk that was read before it.
    """
    reading = asyncio.create_task(following(source))
    try:
        while (chunk := await reading) is not None:
            reading = asyncio.create_task(following(source))
            yield chunk
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def following(source: AsyncIterator[list[Lead]]) -> list[Lead] | None:
    """Return the next chunk, or `None` after the last."""
    return await anext(source, None)
