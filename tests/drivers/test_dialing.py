"""Connections are opened to the first address that answers, and given up without a trace."""

import asyncio
import gc
import socket
import sys
from contextlib import suppress

import pytest
from tests.drivers.wire import FACES, LOOPS, Sender, read

from leadgateway.drivers import dialing
from leadgateway.drivers.dialing import dial

MOMENTS = 40


@pytest.fixture
def left_open(monkeypatch):
    """Tell of every socket that was forgotten instead of closed."""
    gc.collect()
    forgotten = []
    monkeypatch.setattr(sys, "unraisablehook", lambda what: forgotten.append(str(what.exc_value)))
    return forgotten


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0), backlog=8 * MOMENTS) as server:
        yield server.getsockname()[1]


async def given_up_at(moment, work):
    task = asyncio.ensure_future(work)
    for _ in range(moment):
        await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        found = await task
        if isinstance(found, socket.socket):
            found.close()


@pytest.mark.parametrize("loop", LOOPS)
def test_a_dial_that_is_given_up_at_any_moment_leaves_no_socket(loop, listener, left_open):
    async def main():
        for moment in range(MOMENTS):
            await given_up_at(moment, dial("127.0.0.1", listener))

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(main())
    gc.collect()
    assert left_open == []


@pytest.mark.parametrize("client", [client for client, mode in FACES if mode == "async"])
def test_a_request_that_is_given_up_at_any_moment_leaves_no_socket(client, listener, left_open):
    sender = Sender(client, "async")

    async def main():
        for moment in range(MOMENTS):
            request = read(f"http://127.0.0.1:{listener}/leads")
            await given_up_at(moment, sender.driver.send(request))

    sender._runner.run(main())
    sender.close()
    gc.collect()
    assert left_open == []


# Several addresses


@pytest.fixture
def addresses(monkeypatch):
    """Give a name to addresses, by their last numbers; some refuse, some never answer."""
    tried = []

    def name(*places, silent=()):
        async def found(_loop, _host, port, **_kind):
            return [
                (family, socket.SOCK_STREAM, 6, "", (str(number), port))
                for family, number in places
            ]

        async def connect(_loop, _sock, address):
            number = int(address[0])
            tried.append(number)
            if number in silent:
                await asyncio.sleep(60)
            if number < 0:
                raise ConnectionRefusedError(number)

        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", found)
        monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", connect)
        return tried

    return name


def dialled():
    """Dial the name; returns nothing but that it worked."""

    async def main():
        (await dial("name.test", 80)).close()

    asyncio.run(main())


V4, V6 = socket.AF_INET, socket.AF_INET6


def test_families_take_turns_until_an_address_answers(addresses):
    tried = addresses((V6, -1), (V6, -2), (V6, 5), (V4, -3), (V4, -4))
    dialled()
    assert tried == [-1, -3, -2, -4, 5]


def test_the_last_refusal_is_raised_where_no_address_answers(addresses):
    tried = addresses((V4, -1), (V4, -2))
    with pytest.raises(ConnectionRefusedError, match="-2"):
        dialled()
    assert tried == [-1, -2]


def test_a_name_without_addresses_is_an_error_that_names_it(addresses):
    addresses()
    with pytest.raises(OSError, match=r"name\.test has no address"):
        dialled()


def test_an_address_that_is_silent_is_overtaken_by_the_next(addresses, monkeypatch, left_open):
    monkeypatch.setattr(dialing, "HEAD_START", 0.001)
    tried = addresses((V6, 1), (V4, 2), (V4, 3), silent=[1])
    dialled()
    gc.collect()
    assert tried == [1, 2]
    assert left_open == []


def test_of_two_that_answer_at_once_one_is_hung_up(addresses, monkeypatch, left_open):
    monkeypatch.setattr(dialing, "HEAD_START", 0)
    tried = addresses((V4, 1), (V4, 2))
    dialled()
    gc.collect()
    assert set(tried) <= {1, 2}
    assert left_open == []
