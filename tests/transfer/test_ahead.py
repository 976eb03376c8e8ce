"""The next page is on its way while one is looked at; errors and ends come in their turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from leadgateway.transfer.ahead import one_ahead


async def pages(told: list[str], count: int, fault: Exception | None = None) -> AsyncIterator[int]:
    try:
        for number in range(1, count + 1):
            told.append(f"asked for {number}")
            await asyncio.sleep(0)
            yield number
        if fault is not None:
            raise fault
    finally:
        told.append("closed")


def deal_with(number: int, told: list[str]) -> None:
    told.append(f"dealt with {number}")


def test_a_page_is_asked_for_before_the_one_before_it_is_dealt_with() -> None:
    told: list[str] = []

    async def walk() -> None:
        async for number in one_ahead(pages(told, 3)):
            deal_with(number, told)

    asyncio.run(walk())
    assert told == [
        *("asked for 1", "asked for 2", "dealt with 1", "asked for 3", "dealt with 2"),
        *("closed", "dealt with 3"),
    ]


def test_an_error_waits_for_the_pages_before_it() -> None:
    told: list[str] = []

    async def walk() -> None:
        async for number in one_ahead(pages(told, 2, ConnectionError("gone"))):
            deal_with(number, told)

    with pytest.raises(ConnectionError, match="gone"):
        asyncio.run(walk())
    assert told[-1] == "dealt with 2"


def test_whoever_stops_leaves_nothing_running() -> None:
    told: list[str] = []

    async def walk() -> int:
        reading = one_ahead(pages(told, 9))
        assert await anext(reading) == 1
        await reading.aclose()
        return {task.get_name() for task in asyncio.all_tasks()} - {
            asyncio.current_task().get_name()
        }

    assert asyncio.run(walk()) == set()
    assert told == ["asked for 1", "asked for 2", "closed"]
