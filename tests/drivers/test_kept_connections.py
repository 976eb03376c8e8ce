"""A connection that is kept between requests: what may befall it, and what must not follow."""

import threading
import time

import pytest
from tests.drivers.wire import read, write

from leadgateway.exchange import Effect, Interrupted, Request


class Meanwhile:
    """What a server does between two requests, when no event loop of ours is running."""

    def __init__(self):
        self._now, self._done = threading.Event(), threading.Event()

    def do(self, line, what):
        """Wait for the time, and do it."""
        while not self._now.wait(0.02):
            if line.stopped:
                return
        self._now.clear()
        what()
        self._done.set()

    def happens(self):
        """Let it be done, and arrive on our side."""
        self._now.set()
        assert self._done.wait(5)
        self._done.clear()
        time.sleep(0.05)  # it is on its way through the kernel


def numbered(server_line, served):
    """Answer the next request with its number among all requests."""
    got = server_line.request()
    if not got:
        return False
    served.append(got)
    server_line.answer(str(len(served)).encode())
    return True


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET"])
@pytest.mark.parametrize("effect", list(Effect))
def test_a_request_is_never_sent_twice_by_itself(wire, sender, method, effect):
    served = []

    def script(line):
        numbered(line, served)
        served.append(line.request())  # and hang up

    server = wire(script)
    driver = sender()
    request = Request(method, server.url, body=b"{}" if method != "GET" else None, effect=effect)
    assert driver.send(request).body == b"1"
    with pytest.raises(Interrupted) as caught:
        driver.send(request)
    assert caught.value.sent is True
    assert len(served) == 2
    assert server.connections == 1


def test_a_connection_that_the_server_closed_meanwhile_is_not_written_on(wire, sender):
    served, meanwhile = [], Meanwhile()

    def script(line):
        numbered(line, served)
        meanwhile.do(line, line.close)

    server = wire(script)
    driver = sender()
    for number in (b"1", b"2", b"3"):
        assert driver.send(write(server.url)).body == number
        meanwhile.happens()
    assert server.connections == 3


def test_a_connection_that_was_broken_off_meanwhile_is_not_written_on(wire, sender):
    served, meanwhile = [], Meanwhile()

    def script(line):
        numbered(line, served)
        meanwhile.do(line, line.reset)

    server = wire(script)
    driver = sender()
    assert driver.send(write(server.url)).body == b"1"
    meanwhile.happens()
    assert driver.send(write(server.url)).body == b"2"


def test_what_a_server_says_unasked_is_no_answer(wire, sender):
    served, meanwhile = [], Meanwhile()

    def script(line):
        while numbered(line, served):
            meanwhile.do(line, lambda: line.answer(b"unasked", status="408 Request Timeout"))

    server = wire(script)
    driver = sender()
    assert driver.send(write(server.url)).body == b"1"
    meanwhile.happens()
    assert driver.send(write(server.url)).body == b"2"
    assert server.connections == 2


def test_two_answers_at_once_are_one_answer_and_the_connection_is_not_used_again(wire, sender):
    served = []

    def script(line):
        while got := line.request():
            served.append(got)
            answer = f"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{len(served)}"
            line.send(answer.encode() + b"HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nbad")

    server = wire(script)
    driver = sender()
    assert driver.send(write(server.url)).body == b"1"
    assert driver.send(write(server.url)).body == b"2"
    assert server.connections == 2


def test_a_server_that_asks_to_close_is_obeyed(wire, sender):
    served = []

    def script(line):
        got = line.request()
        served.append(got)
        line.answer(b"{}", "Connection: close")
        line.hang()

    server = wire(script)
    driver = sender()
    driver.send(write(server.url))
    driver.send(write(server.url))
    assert server.connections == 2


def test_an_answer_that_comes_before_the_whole_request_ends_the_connection(wire, sender):
    def script(line):
        line.answer(b"{}", status="413 Too Much")
        line.hang()

    server = wire(script)
    driver = sender(deadline=0.8)
    body = bytes(20_000_000)
    outcomes = []
    for _ in range(2):
        try:
            outcomes.append(driver.send(write(server.url, body=body)).status)
        except Interrupted as interruption:  # a client that insists on writing first
            outcomes.append(interruption.sent)
    assert set(outcomes) <= {413, True}
    assert server.connections == 2


def test_what_was_not_sent_at_the_deadline_is_never_sent(wire, sender):
    given_up, counted, sizes = threading.Event(), threading.Event(), []

    def script(line):
        given_up.wait(5)
        sizes.append(line.rest())
        counted.set()

    server = wire(script)
    driver = sender(deadline=0.4)
    with pytest.raises(Interrupted):
        driver.send(write(server.url, body=bytes(30_000_000)))
    given_up.set()
    assert counted.wait(5)
    assert sizes[0] < 30_000_000


@pytest.mark.parametrize("ask", [read, write])
def test_a_body_without_a_length_that_is_broken_off_is_no_answer(wire, sender, ask):
    sent = threading.Event()

    def script(line):
        line.request()
        line.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[]")
        sent.wait(0.2)
        line.reset()

    with pytest.raises(Interrupted) as caught:
        sender().send(ask(wire(script).url))
    assert caught.value.sent is True


def test_a_whole_body_counts_though_the_connection_is_broken_off_after_it(wire, sender):
    def script(line):
        line.request()
        line.answer(b"whole")
        line.reset()

    assert sender().send(write(wire(script).url)).body == b"whole"


def test_an_answer_without_a_body_counts_though_the_connection_is_broken_off_after_it(wire, sender):
    def script(line):
        line.request()
        line.send(b"HTTP/1.1 204 No Content\r\n\r\n")
        line.reset()

    assert sender().send(write(wire(script).url)).status == 204


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_that_has_no_body_by_its_status_is_complete(wire, sender, status):
    served = []

    def script(line):
        while got := line.request():
            served.append(got)
            line.send(f"HTTP/1.1 {status}\r\n\r\n".encode())

    server = wire(script)
    driver = sender()
    for _ in range(2):
        assert driver.send(read(server.url)).body == b""
    assert server.connections == 1


def test_the_answer_to_head_has_no_body(wire, sender):
    def script(line):
        while line.request():
            line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n")

    server = wire(script)
    driver = sender()
    for _ in range(2):
        response = driver.send(Request("HEAD", server.url))
        assert (response.body, response.header("content-length")) == (b"", "40")


def test_news_of_progress_is_not_the_answer(wire, sender):
    def script(line):
        while line.request():
            line.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
            line.answer(b"done")

    server = wire(script)
    driver = sender()
    for _ in range(2):
        assert driver.send(write(server.url)).body == b"done"


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [
        ("POST", b"{}", b"content-length: 2"),
        ("POST", None, b"content-length: 0"),
        ("POST", b"", b"content-length: 0"),
        ("PUT", None, b"content-length: 0"),
        ("PATCH", None, b"content-length: 0"),
        ("DELETE", None, None),
        ("DELETE", b"{}", b"content-length: 2"),
        ("GET", None, None),
    ],
)
def test_the_length_of_a_body_is_said_where_one_may_be(wire, sender, method, body, length):
    heads = []

    def script(line):
        heads.append(line.request().partition(b"\r\n\r\n")[0].lower())
        line.answer()

    sender().send(Request(method, wire(script).url, body=body, effect=Effect.ONCE))
    lengths = [line for line in heads[0].split(b"\r\n") if line.startswith(b"content-length")]
    assert lengths == ([] if length is None else [length])
    assert b"transfer-encoding" not in heads[0]


@pytest.mark.parametrize(
    ("rest", "target"),
    [
        ("", b"/"),
        ("/", b"/"),
        ("?a=1", b"/?a=1"),
        ("/a%2Fb/%7Ec", b"/a%2Fb/%7Ec"),
        ("/a?x=%20+y", b"/a?x=%20+y"),
        ("/a#part", b"/a"),
    ],
)
def test_the_address_is_asked_as_it_was_written(wire, sender, rest, target):
    firsts = []

    def script(line):
        firsts.append(line.request().split(b"\r\n")[0])
        line.answer()

    sender().send(read(wire(script).url + rest))
    assert firsts == [b"GET " + target + b" HTTP/1.1"]


def test_one_value_beyond_all_measure_is_refused(wire, sender):
    def script(line):
        line.request()
        line.answer(b"{}", "X-A: " + "1" * 1_000_000)

    with pytest.raises(Exception, match="its headers are too large"):
        sender().send(read(wire(script).url))
