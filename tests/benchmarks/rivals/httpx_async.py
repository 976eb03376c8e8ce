"""A bare loop over httpx, asynchronous: JSON in, JSON out, no model, no journal, c workers."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
from fields import MAPPED
from stopwatch import moving
from vendors import BATCH, PAGE, check_batch, headers, source_url, target_url

Asked = Mapping[str, Any]


async def read(client: httpx.AsyncClient, asked: Asked) -> AsyncIterator[list[dict[str, Any]]]:
    params: dict[str, Any] = {"limit": PAGE}
    while True:
        answer = await client.get(source_url(asked["source"]), params=params)
        answer.raise_for_status()
        page = answer.json()
        yield page["data"]
        if not page["hasMore"]:
            return
        params["cursor"] = page["nextCursor"]


async def send(client: httpx.AsyncClient, url: str, queue: asyncio.Queue[Any]) -> int:
    sent = 0
    while (body := await queue.get()) is not None:
        answer = await client.post(url, json=body)
        answer.raise_for_status()
        sent += check_batch(answer.json()) if "leads" in body else 1
    return sent


async def fill(client: httpx.AsyncClient, asked: Asked, queue: asyncio.Queue[Any]) -> None:
    mapped, rows = MAPPED[asked["work"]], []
    async for page in read(client, asked):
        if asked["work"] == "single":
            for lead in page:
                await queue.put(mapped(lead))
            continue
        rows += map(mapped, page)
        while len(rows) >= BATCH:
            await queue.put({"leads": rows[:BATCH]})
            del rows[:BATCH]
    if rows:
        await queue.put({"leads": rows})


async def move(asked: Asked) -> int:
    url, width = target_url(asked["target"], asked["work"]), asked["concurrency"]
    queue: asyncio.Queue[Any] = asyncio.Queue(2 * width)
    async with (
        httpx.AsyncClient(headers=headers(asked["source"]), timeout=60) as source,
        httpx.AsyncClient(
            headers=headers(asked["target"]),
            timeout=60,
            limits=httpx.Limits(max_connections=width, max_keepalive_connections=width),
        ) as target,
        asyncio.TaskGroup() as group,
    ):
        workers = [group.create_task(send(target, url, queue)) for _ in range(width)]
        await fill(source, asked, queue)
        for _ in workers:
            await queue.put(None)
    return sum(worker.result() for worker in workers)


if __name__ == "__main__":
    with moving() as told:
        told["leads"] = asyncio.run(move(json.loads(sys.argv[1])))
