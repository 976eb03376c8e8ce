"""Transports one by one: taken last in first out, never more than allowed, closed for their age."""

import asyncio
import threading
from types import SimpleNamespace

import pytest

from leadgateway.drivers import lanes as module
from leadgateway.drivers.lanes import AsyncLanes, Lanes, has_surplus


class Transport:
    def __init__(self, surplus=b""):
        self.closed = False
        parser = SimpleNamespace(trailing_data=(surplus, False))
        self._pool = SimpleNamespace(connections=[SimpleNamespace(_h11_state=parser)])

    def close(self):
        self.closed = True

    async def aclose(self):
        self.closed = True


class Clock:
    def __init__(self, monkeypatch):
        self.at = 100.0
        monkeypatch.setattr(module, "monotonic", lambda: self.at)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture(params=["sync", "async"])
def made(request):
    """Make lanes of either side that are used in one way, and note every transport they make."""
    runner = asyncio.Runner()
    transports = []

    def make(most=2, patience=0.05, surplus=b""):
        def transport():
            transports.append(Transport(surplus))
            return transports[-1]

        if request.param == "sync":
            return Lanes(transport, most=most, patience=patience)
        return Awaited(AsyncLanes(transport, most=most, patience=patience), runner)

    make.transports = transports
    yield make
    runner.close()


class Awaited:
    def __init__(self, lanes, runner):
        self._lanes, self._runner = lanes, runner

    def lane(self):
        return AwaitedLane(self._lanes.lane(), self._runner)

    def close(self):
        self._runner.run(self._lanes.close())


class AwaitedLane:
    def __init__(self, lane, runner):
        self._lane, self._runner = lane, runner

    def __enter__(self):
        async def enter():
            return await self._lane.__aenter__()

        return self._runner.run(enter())

    def __exit__(self, *trouble):
        async def leave():
            return await self._lane.__aexit__(*trouble)

        return self._runner.run(leave())


def test_the_transport_that_rested_least_is_taken(made):
    lanes = made()
    with lanes.lane() as first, lanes.lane() as second:
        assert first is not second
    for _ in range(3):
        with lanes.lane() as again:
            assert again is first
    assert len(made.transports) == 2


def test_who_waits_too_long_is_told_and_takes_no_place(made):
    lanes = made(most=1)
    with lanes.lane():
        for _ in range(2):
            with pytest.raises(TimeoutError), lanes.lane():
                pytest.fail("there was no place")
    with lanes.lane() as free:
        assert free is made.transports[0]


def test_an_error_gives_the_place_back(made):
    lanes = made(most=1)
    with pytest.raises(KeyError), lanes.lane():
        raise KeyError
    with lanes.lane() as again:
        assert again is made.transports[0]


def test_what_rested_too_long_is_closed_by_the_next(made, clock):
    lanes = made(most=3)
    with lanes.lane(), lanes.lane(), lanes.lane():
        pass
    third, second, first = made.transports[::-1]
    for _ in range(4):
        clock.at += 1
        with lanes.lane() as busy:
            assert busy is first
    assert [each.closed for each in (first, second, third)] == [False, True, True]


def test_closing_closes_whatever_rests(made):
    lanes = made()
    with lanes.lane(), lanes.lane():
        pass
    lanes.close()
    assert [each.closed for each in made.transports] == [True, True]


def test_a_transport_with_more_than_was_asked_for_is_closed_before_it_rests(made):
    lanes = made(surplus=b"HTTP/1.1 200 OK")
    with lanes.lane() as transport:
        assert not transport.closed
    assert transport.closed


def test_surplus_is_seen_through_a_proxys_connection_too():
    transport = Transport(b"more")
    (inner,) = transport._pool.connections
    transport._pool.connections = [SimpleNamespace(_connection=SimpleNamespace(_connection=inner))]
    assert has_surplus(transport)
    transport._pool.connections = [SimpleNamespace(_connection=None)]
    assert not has_surplus(transport)


def test_a_waiting_task_gets_the_place_that_becomes_free():
    async def main():
        lanes = AsyncLanes(Transport, most=1, patience=5)
        inside, most = 0, 0

        async def use():
            nonlocal inside, most
            async with lanes.lane():
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1

        await asyncio.gather(*[use() for _ in range(20)])
        return most

    assert asyncio.run(main()) == 1


def test_a_waiting_thread_gets_the_place_that_becomes_free():
    lanes = Lanes(Transport, most=1, patience=10)
    waiting = threading.Event()
    got = []

    def use():
        waiting.set()
        with lanes.lane() as transport:
            got.append(transport)

    thread = threading.Thread(target=use)
    with lanes.lane() as mine:
        thread.start()
        assert waiting.wait(5)
        assert got == []
    thread.join(5)
    assert got == [mine]


def test_a_cancelled_wait_takes_no_place():
    async def main():
        lanes = AsyncLanes(Transport, most=1, patience=5)

        async def use():
            async with lanes.lane():
                pass

        async with lanes.lane():
            waiting = asyncio.create_task(use())
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        async with asyncio.timeout(5):
            await use()

    asyncio.run(main())
