"""What only the driver over aiohttp has: the releases it knows, its connections, its origins."""

import asyncio
import importlib
import logging
import select
import sys
from types import SimpleNamespace

import pytest
from tests.drivers.wire import read, write

from leadgateway.drivers import aiohttp as module
from leadgateway.drivers import lanes
from leadgateway.drivers.aiohttp import AiohttpDriver, usable
from leadgateway.drivers.guards import IDLE_SECONDS
from leadgateway.errors import ConfigError
from leadgateway.exchange import Interrupted


@pytest.fixture
def face():
    return "aiohttp", "async"


def answering(line):
    while line.request():
        line.answer()


@pytest.mark.parametrize(
    ("version", "fits"),
    [("3.14.0", True), ("3.99.1rc2", True), ("3.13.5", False), ("3.9", False), ("4.0.0a1", False)],
)
def test_only_the_releases_it_was_made_for_are_used(monkeypatch, version, fits):
    monkeypatch.setattr("aiohttp.__version__", version)
    assert usable() is fits
    if not fits:
        with pytest.raises(ConfigError, match=r"pip install 'leadgateway\[fast\]'"):
            AiohttpDriver()


def test_where_it_is_missing_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    assert not usable()
    with pytest.raises(ConfigError, match=r"pip install 'leadgateway\[fast\]'"):
        AiohttpDriver()


def test_a_proxy_that_is_no_address_is_refused_and_not_quoted():
    with pytest.raises(ConfigError, match="proxy") as caught:
        AiohttpDriver(proxy="socks5://user:hidden@127.0.0.1")
    assert "hidden" not in str(caught.value)


def test_a_driver_that_sent_nothing_can_be_closed():
    asyncio.run(AiohttpDriver().close())


def test_a_closed_driver_sends_nothing(wire, sender):
    server = wire(answering)
    driver = sender()
    driver.send(read(server.url))
    driver._runner.run(driver.driver.close())
    with pytest.raises(Interrupted) as caught:
        driver.send(write(server.url))
    assert caught.value.sent is False


def test_a_host_the_client_cannot_write_is_a_setting_to_mend(sender, monkeypatch):
    def refuses(*_):
        raise ValueError("canary")

    monkeypatch.setattr(module, "_Origin", refuses)
    with pytest.raises(ConfigError, match=r"cannot be written \(ValueError\)"):
        sender().send(write("http://127.0.0.1:1/"))


def test_a_connection_that_closes_before_the_first_byte_has_sent_nothing(wire, sender, monkeypatch):
    server = wire(answering)
    real = AiohttpDriver._connect

    async def connect(driver, origin):
        connection = await real(driver, origin)
        connection.transport.close()
        return connection

    monkeypatch.setattr(AiohttpDriver, "_connect", connect)
    with pytest.raises(Interrupted) as caught:
        sender().send(write(server.url))
    assert caught.value.sent is False


def test_a_kept_connection_that_is_gone_is_taken_for_no_other(wire, sender):
    """What befalls it while the loop is running is told by aiohttp, else by the socket."""
    server = wire(answering)
    driver = sender()
    driver.send(write(server.url))
    (origin,) = driver.driver._origins.values()
    kept = origin.resting.take()
    kept.protocol.feed_data(("an answer that nobody asked for", None))
    origin.resting.put(kept)
    assert driver.send(write(server.url)).status == 200
    assert server.connections == 2


def test_a_connection_that_rested_long_is_closed_and_not_written_on(wire, sender, monkeypatch):
    server = wire(answering)
    driver = sender()
    driver.send(write(server.url))
    now = lanes.monotonic
    monkeypatch.setattr(lanes, "monotonic", lambda: now() + IDLE_SECONDS)
    assert driver.send(write(server.url)).status == 200
    driver._runner.run(driver.driver.close())
    assert server.connections == 2


def test_as_many_at_once_as_there_are_places_and_the_others_wait(wire):
    server = wire(answering)

    async def main():
        driver = AiohttpDriver(connections=2)
        answers = await asyncio.gather(*[driver.send(write(server.url)) for _ in range(6)])
        await driver.close()
        return answers

    assert [each.status for each in asyncio.run(main())] == [200] * 6
    assert server.connections == 2


def test_without_poll_the_socket_is_asked_by_select(wire, sender, monkeypatch):
    monkeypatch.delattr(select, "poll")
    server = wire(answering)
    driver = sender()
    for _ in range(3):
        driver.send(write(server.url))
    assert server.connections == 1


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://Vendor.Example/", "vendor.example"),
        ("http://vendor.example:80/", "vendor.example"),
        ("https://vendor.example:443/", "vendor.example"),
        ("https://vendor.example:80/", "vendor.example:80"),
        ("http://[::1]:8080/", "[::1]:8080"),
    ],
)
def test_the_host_is_named_as_others_name_it(url, host):
    async def lines():
        driver = AiohttpDriver()
        return driver._origin(url).lines("GET", url)

    assert asyncio.run(lines())[1] == f"host: {host}"


def test_a_parser_that_speaks_of_headers_means_their_number():
    passage = module._Passage(read("http://a/"), "http://a/", ())
    assert passage.refuses_headers(SimpleNamespace()) is False
    assert passage.refuses_headers(ValueError("Too many headers received")) is True


@pytest.mark.parametrize(
    ("head", "empty", "lost", "whole"),
    [
        ({}, False, "ClientOSError", False),
        ({}, False, "ServerDisconnectedError", True),
        ({}, True, "ClientOSError", True),
        ({"content-length": "2"}, False, "ClientOSError", True),
    ],
)
def test_only_an_end_of_its_own_outlives_a_lost_connection(head, empty, lost, whole):
    library = importlib.import_module("aiohttp")
    message = SimpleNamespace(chunked=False, headers=head)
    payload = library.EMPTY_PAYLOAD if empty else object()
    assert AiohttpDriver()._is_whole(message, payload, getattr(library, lost)()) is whole


def test_what_goes_wrong_is_told_to_the_caller_and_not_to_the_loop(wire, sender, caplog):
    caplog.set_level(logging.WARNING)

    def cut(line):
        line.request()
        line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")

    def garbled(line):
        line.request()
        line.send(b"\x00\x01\r\n\r\n")

    def hanging(line):
        line.request()
        line.hang()

    driver = sender(deadline=0.3)
    for script in (cut, garbled, hanging, lambda line: line.hang()):
        with pytest.raises(Interrupted):
            driver.send(write(wire(script).url))
    driver._runner.run(driver.driver.close())
    assert caplog.records == []
