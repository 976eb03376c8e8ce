"""The stream of leads: each once, in chunks, one chunk ahead, errors in their turn."""

import asyncio
from contextlib import aclosing

import pytest

from leadgateway.lead import Lead
from leadgateway.transfer.stream import chunks, first, following, one_ahead


class Source:
    """Lists leads with these ids; `None` is a lead without one."""

    def __init__(self, *ids):
        self.ids = ids
        self.given = 0

    async def list_leads(self):
        for lead_id in self.ids:
            self.given += 1
            if isinstance(lead_id, Exception):
                raise lead_id
            ref = lead_id and {"vendor": "v", "connection": "c", "id": lead_id}
            yield Lead(ref=ref, name="Ana")


class Connection:
    def __init__(self, source):
        self.list_leads = source.list_leads


async def ids_of(stream):
    return [lead.ref and lead.ref.id async for lead in stream]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (None, ["a", "b", None, None, "c"]),
        (3, ["a", "b", None]),
        (1, ["a"]),
        (0, []),
        (99, ["a", "b", None, None, "c"]),
    ],
)
def test_each_id_comes_once_and_leads_without_one_all_come(limit, expected):
    source = Source("a", "b", "a", None, None, "b", "c")
    assert asyncio.run(ids_of(first(Connection(source), limit))) == expected


def test_no_more_is_asked_for_than_the_limit():
    source = Source("a", "b", "c", "d")
    asyncio.run(ids_of(first(Connection(source), 2)))
    assert source.given == 2
    nothing = Source("a")
    asyncio.run(ids_of(first(Connection(nothing), 0)))
    assert nothing.given == 0


async def numbers(count, fault=None):
    for number in range(count):
        yield number
    if fault is not None:
        raise fault


@pytest.mark.parametrize(
    ("count", "expected"), [(0, []), (4, [[0, 1], [2, 3]]), (3, [[0, 1], [2]])]
)
def test_chunks_are_full_but_the_last(count, expected):
    async def main():
        return [chunk async for chunk in chunks(numbers(count), 2)]

    assert asyncio.run(main()) == expected


def test_the_next_chunk_is_read_while_one_is_worked_on():
    read = []

    async def source():
        for number in range(3):
            read.append(number)
            yield [number]

    async def main():
        seen = []
        async with aclosing(one_ahead(source())) as stream:
            async for chunk in stream:
                await asyncio.sleep(0)
                seen.append((chunk, list(read)))
        return seen

    assert asyncio.run(main()) == [([0], [0, 1]), ([1], [0, 1, 2]), ([2], [0, 1, 2])]


def test_an_error_comes_after_everything_that_was_read_before_it():
    seen = []

    async def work():
        async for chunk in one_ahead(chunks(numbers(5, ValueError("broken")), 2)):
            await asyncio.sleep(0)
            seen.append(chunk)

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(work())
    assert seen == [[0, 1], [2, 3]]


def test_who_stops_early_leaves_no_reader_behind_even_if_it_had_failed():
    async def main():
        stream = one_ahead(chunks(numbers(1, ValueError("broken")), 1))
        assert await following(stream) == [0]
        await asyncio.sleep(0)
        await stream.aclose()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())
