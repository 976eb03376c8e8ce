"""The next page is on its way while one is looked at; errors and ends come in their turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from leadgateway.transfer.ahead import one_ahead, reading_ahead


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


def test_nothing_that_is_yielded_is_taken_for_the_end() -> None:
    async def odd() -> AsyncIterator[int | None]:
        for each in (1, None, 0, 2):
            yield each

    async def walk() -> list[int | None]:
        return [each async for each in one_ahead(odd())]

    assert asyncio.run(walk()) == [1, None, 0, 2]


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


async def read(told: list[str], sizes: Sequence[int], fault: Exception | None = None) -> Any:
    for size in sizes:
        told.append(f"read {size}")
        yield size
    if fault is not None:
        raise fault


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_reading_rests_while_enough_rows_wait_and_goes_on_when_some_are_taken() -> None:
    told: list[str] = []

    async def work() -> None:
        async with reading_ahead(read(told, [4, 4, 4, 4, 4]), most=8) as ahead:
            await turns()
            assert told == ["read 4"] * 2
            ahead.took(1)
            await turns()
            assert told == ["read 4"] * 3
            ahead.took(3)
            await turns()
            assert told == ["read 4"] * 3
            assert await ahead.more()
            await turns()
            assert told == ["read 4"] * 5

    asyncio.run(work())


def test_whoever_has_taken_everything_waits_for_the_next_page_to_the_end() -> None:
    told: list[str] = []

    async def work() -> list[bool]:
        async with reading_ahead(read(told, [4, 0, 4]), most=1) as ahead:
            return [await ahead.more() for _ in range(5)]

    assert asyncio.run(work()) == [True, True, True, False, False]


def test_an_error_of_the_reading_is_raised_after_what_was_read_before_it() -> None:
    async def work() -> None:
        async with reading_ahead(read([], [4], ConnectionError("gone")), most=1) as ahead:
            assert await ahead.more()
            with pytest.raises(ConnectionError, match="gone"):
                await ahead.more()

    asyncio.run(work())
