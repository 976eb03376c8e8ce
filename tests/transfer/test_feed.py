"""Workers are fed: while one brings more, the others take what is there."""

from __future__ import annotations

import asyncio

from leadgateway.journal import Intent
from leadgateway.transfer.feed import Feed


def request(number: int) -> Intent:
    return Intent("create", None, b"{}", (), id=number)


def test_nobody_waits_for_more_while_something_is_there() -> None:
    brought = asyncio.Event()
    more = [[request(9)], []]

    async def refill() -> list[Intent]:
        await brought.wait()
        return more.pop(0)

    async def work() -> None:
        feed = Feed([request(1), request(2)], refill, enough=3)
        bringing = asyncio.create_task(feed.take())
        await asyncio.sleep(0)
        taken = [await asyncio.wait_for(feed.take(), timeout=10) for _ in range(2)]
        assert [each and each.id for each in taken] == [1, 2]
        brought.set()
        last = await bringing
        assert last is not None
        assert last.id == 9
        assert await feed.take() is None

    asyncio.run(work())
