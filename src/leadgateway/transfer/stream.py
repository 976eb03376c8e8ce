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
    """Yield what `source` yields while the next chunk is being read; at most one waits."""
    queue: asyncio.Queue[list[Lead] | None] = asyncio.Queue(maxsize=1)

    async def read() -> None:
        async for chunk in source:
            await queue.put(chunk)
        await queue.put(None)

    reader = asyncio.create_task(read())
    try:
        while (chunk := await _next(queue, reader)) is not None:
            yield chunk
    finally:
        reader.cancel()
        await asyncio.wait([reader])


async def _next(
    queue: asyncio.Queue[list[Lead] | None], reader: asyncio.Task[None]
) -> list[Lead] | None:
    """Return the next chunk, or raise what ended the reader before the end of the list."""
    waiting = asyncio.create_task(queue.get())
    await asyncio.wait([waiting, reader], return_when=asyncio.FIRST_COMPLETED)
    if not waiting.done() and queue.empty():
        waiting.cancel()
        reader.result()
    return await waiting
