"""The total deadline below a synchronous client, without a network."""

import socket

import pytest

from leadgateway.drivers import deadline as module
from leadgateway.drivers.deadline import Deadline, DeadlineBackend


class Time:
    def __init__(self, monkeypatch):
        self.at = 100.0
        self.slept = []
        monkeypatch.setattr(module.time, "monotonic", lambda: self.at)
        monkeypatch.setattr(module.time, "sleep", self.slept.append)


@pytest.fixture
def time(monkeypatch):
    return Time(monkeypatch)


class Inner:
    """A backend and a stream that note the time they are given; some addresses do not answer."""

    def __init__(self, time, dead=(), takes=0.0):
        self.time = time
        self.dead = dead
        self.takes = takes
        self.calls = []

    def _note(self, what, timeout):
        self.calls.append((what, timeout))
        self.time.at += self.takes

    def connect_tcp(self, host, port, timeout, local_address, socket_options):
        self._note(host, timeout)
        if host in self.dead:
            raise ConnectionRefusedError(host)
        return self

    def start_tls(self, context, hostname, timeout):
        self._note("tls", timeout)
        return self

    def read(self, most, timeout):
        self._note("read", timeout)
        return b"x"

    def write(self, data, timeout):
        self._note(len(data), timeout)

    def close(self):
        self.calls.append("closed")

    def get_extra_info(self, info):
        return info


def named(monkeypatch, *addresses):
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 80)) for each in addresses]
    monkeypatch.setattr(module.socket, "getaddrinfo", lambda *args, **kwargs: rows)


def test_outside_an_exchange_there_is_no_limit(time):
    deadline = Deadline()
    assert deadline.left() is None
    assert deadline.left(5) == 5


def test_what_is_left_shrinks_to_nothing(time):
    deadline = Deadline()
    with deadline.within(10):
        assert deadline.left(5) == 5
        time.at += 7
        assert deadline.left(5) == 3
        time.at += 3
        with pytest.raises(TimeoutError):
            deadline.left(5)
    assert deadline.left() is None


def test_every_operation_gets_only_what_is_left(time):
    deadline = Deadline()
    inner = Inner(time, takes=2.0)
    backend = DeadlineBackend(inner, deadline)
    with deadline.within(9):
        stream = backend.connect_tcp("127.0.0.1", 80, timeout=5)
        stream = stream.start_tls(None, "vendor.example", timeout=5)
        stream.write(bytes(40_000), timeout=60)
        assert stream.get_extra_info("socket") == "socket"
        with pytest.raises(TimeoutError):
            stream.read(10, timeout=60)
        stream.close()
    assert inner.calls == [
        ("127.0.0.1", 5),
        ("tls", 5),
        (16384, 5),
        (16384, 3),
        (7232, 1),
        "closed",
    ]


def test_each_address_of_a_name_is_tried_in_turn(time, monkeypatch):
    named(monkeypatch, "192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3")
    inner = Inner(time, dead={"192.0.2.1"}, takes=2.0)
    deadline = Deadline()
    with deadline.within(10):
        DeadlineBackend(inner, deadline).connect_tcp("vendor.example", 80, timeout=60)
    assert inner.calls == [("192.0.2.1", 10), ("192.0.2.2", 8)]


def test_the_last_refusal_is_the_one_that_is_told(time, monkeypatch):
    named(monkeypatch, "192.0.2.1", "192.0.2.2")
    inner = Inner(time, dead={"192.0.2.1", "192.0.2.2"})
    with pytest.raises(ConnectionRefusedError, match=r"192\.0\.2\.2"):
        DeadlineBackend(inner, Deadline()).connect_tcp("vendor.example", 80)


def test_a_name_without_addresses_is_no_connection(time, monkeypatch):
    named(monkeypatch)
    with pytest.raises(ConnectionError):
        DeadlineBackend(Inner(time), Deadline()).connect_tcp("vendor.example", 80)


def test_sleeping_ends_with_the_deadline(time):
    deadline = Deadline()
    backend = DeadlineBackend(Inner(time), deadline)
    with deadline.within(3):
        backend.sleep(10)
        backend.sleep(1)
    assert time.slept == [3, 1]
