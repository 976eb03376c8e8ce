"""What the network can do to an exchange, byte by byte: tables T and J of the fault catalogue."""

import gzip
import socket
import ssl
import threading
import tracemalloc
import zlib

import pytest
from tests.drivers.wire import PEM, read, write

from leadgateway.errors import BadResponse, OutcomeUnknown
from leadgateway.exchange import Effect, Interrupted

BOTH = [pytest.param(read, BadResponse, id="read"), pytest.param(write, OutcomeUnknown, id="write")]


def serving(*headers, body=b"{}", status="200 OK"):
    def script(line):
        while line.request():
            line.answer(body, *headers, status=status)

    return script


def raw(data):
    def script(line):
        line.request()
        line.send(data)

    return script


def test_an_answer_arrives_whole(wire, sender):
    server = wire(serving("X-Request-Id: r-1", body=b'{"id":1}'))
    request = read(f"{server.url}/leads")
    response = sender().send(request)
    assert response.status == 200
    assert response.body == b'{"id":1}'
    assert response.header("X-Request-ID") == "r-1"
    assert response.request is request


def test_the_request_leaves_byte_for_byte(wire, sender):
    lines = []

    def script(line):
        lines.append(line.request())
        line.answer()

    server = wire(script)
    path = "/leads/..%2F..%2Fadmin/a%2Fb%3Fc%23d"
    params = (("cursor", "../&limit=0\n"), ("q", "é b"))
    sender().send(write(server.url + path, params=params, headers=(("authorization", "Bearer t"),)))
    head, body = lines[0].split(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    assert first == f"POST {path}?cursor=..%2F%26limit%3D0%0A&q=%C3%A9%20b HTTP/1.1".encode()
    assert body == b'{"name":"Ana"}'
    names = sorted(header.split(b":")[0].lower() for header in headers)
    assert names == [
        b"accept",
        b"accept-encoding",
        b"authorization",
        b"content-length",
        b"host",
        b"user-agent",
    ]
    assert b"accept-encoding: gzip, deflate" in headers


def test_a_connection_is_kept_and_cookies_are_not(wire, sender):
    seen = []

    def script(line):
        while got := line.request():
            seen.append(got)
            line.answer(b"{}", "Set-Cookie: session=abc; Path=/")

    server = wire(script)
    driver = sender()
    driver.send(read(server.url))
    driver.send(read(server.url))
    assert server.connections == 1
    assert b"cookie" not in seen[1].lower()


def test_nothing_is_sent_where_nobody_listens(sender):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Interrupted) as caught:
        sender().send(write(f"http://127.0.0.1:{port}/leads"))
    assert caught.value.sent is False


def test_a_name_that_does_not_resolve_is_not_sent(sender, monkeypatch):
    def fails(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    with pytest.raises(Interrupted) as caught:
        sender().send(write("http://leads.invalid/leads"))
    assert caught.value.sent is False


def test_a_look_up_that_hangs_ends_at_the_deadline(sender, monkeypatch):
    release = threading.Event()

    def hangs(*args, **kwargs):
        release.wait(30)
        raise socket.gaierror(socket.EAI_AGAIN, "too late")

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    try:
        with pytest.raises(Interrupted, match="no connection in time") as caught:
            sender(deadline=0.3).send(write("http://leads.invalid/leads"))
    finally:
        release.set()
    assert caught.value.sent is False


def test_every_address_of_a_name_is_tried(wire, sender, monkeypatch):
    server = wire(serving())
    rows = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.3", server.port)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: rows)
    assert sender().send(read(f"http://leads.invalid:{server.port}/")).status == 200


def test_an_answer_that_never_comes_ends_at_the_deadline(wire, sender):
    def script(line):
        line.request()
        line.hang()

    with pytest.raises(Interrupted, match=r"within 0\.3 seconds") as caught:
        sender(deadline=0.3).send(write(wire(script).url))
    assert caught.value.sent is True


@pytest.mark.parametrize(
    ("start", "piece", "end"),
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nX: ", b"a", b"\r\n\r\n", id="one header byte by byte"),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n", b"\r\n", id="header after header"),
        pytest.param(b"", b"HTTP/1.1 102 Processing\r\n\r\n", b"", id="progress without end"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n", b" ", b"", id="body"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"1\r\n \r\n",
            b"0\r\n\r\n",
            id="chunks",
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
            b"a\r\n" + gzip.compress(b"")[:10] + b"\r\n",
            b"5\r\n\x00\x00\x00\xff\xff\r\n",
            b"0\r\n\r\n",
            id="stored blocks that hold nothing",
        ),
    ],
)
def test_a_dripping_answer_ends_at_the_total_deadline(wire, sender, start, piece, end):
    def script(line):
        line.request()
        line.send(start)
        line.drip(piece)
        line.send(end)

    with pytest.raises(Interrupted, match=r"within 0\.4 seconds") as caught:
        sender(deadline=0.4).send(write(wire(script).url))
    assert caught.value.sent is True


def test_a_server_that_reads_nothing_ends_at_the_deadline(wire, sender):
    with pytest.raises(Interrupted, match=r"within 0\.4 seconds") as caught:
        sender(deadline=0.4).send(write(wire(lambda line: line.hang()).url, body=bytes(20_000_000)))
    assert caught.value.sent is True


def test_a_handshake_that_never_ends_is_not_sent(wire, sender):
    server = wire(lambda line: line.hang())
    with pytest.raises(Interrupted, match="no connection in time") as caught:
        sender(deadline=0.3).send(write(f"https://127.0.0.1:{server.port}/"))
    assert caught.value.sent is False


def test_waiting_for_a_free_connection_is_not_sent(wire, sender):
    def script(line):
        line.request()
        line.hang()

    request = write(wire(script).url)
    results = sender(deadline=0.4, connections=1).send_both(request, request)
    assert sorted(result.sent for result in results) == [False, True]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.1 200 O", id="cut status line"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}", id="cut body"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}", id="cut chunk"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", id="no last chunk"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
            id="two lengths",
        ),
        pytest.param(b"\x00\x01\x02\x03\r\n\r\n", id="no HTTP"),
    ],
)
def test_a_broken_answer_leaves_a_sent_request(wire, sender, data):
    with pytest.raises(Interrupted) as caught:
        sender().send(write(wire(raw(data)).url))
    assert caught.value.sent is True


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"X-A: a\x00b\r\nContent-Length: 2", id="a value with NUL"),
        pytest.param(b"X-A: a\rb\r\nContent-Length: 2", id="a value with CR"),
        pytest.param(b"X A: 1\r\nContent-Length: 2", id="a name with a space"),
        pytest.param(b": 1\r\nContent-Length: 2", id="no name"),
        pytest.param(b"XA\r\nContent-Length: 2", id="no colon"),
        pytest.param(b"Content-Length: -2", id="a negative length"),
        pytest.param(b"Content-Length: +2", id="a length with a sign"),
        pytest.param(b"Content-Length: 2, 3", id="two lengths in one"),
        pytest.param(b"Transfer-Encoding: gzip", id="another frame"),
        pytest.param(b"Transfer-Encoding: chunked, gzip", id="two frames"),
        pytest.param(b"Transfer-Encoding: gzip, chunked", id="two frames the other way"),
        pytest.param(b"Transfer-Encoding: xchunked", id="an unknown frame"),
    ],
)
def test_a_head_that_two_readers_would_read_differently_settles_nothing(wire, sender, head):
    data = b"HTTP/1.1 201 Created\r\n" + head + b"\r\n\r\n{}"
    with pytest.raises((Interrupted, OutcomeUnknown)) as caught:
        sender().send(write(wire(raw(data)).url))
    assert getattr(caught.value, "sent", True) is True


def test_a_body_without_a_length_is_handed_over_as_it_came(wire, sender):
    server = wire(raw(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"leads":['))
    response = sender().send(read(server.url))
    assert response.body == b'{"leads":['
    with pytest.raises(BadResponse, match="application/json, 10 bytes"):
        response.document()


@pytest.mark.parametrize(("ask", "error"), BOTH)
def test_a_bomb_is_never_unpacked(wire, sender, ask, error):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1024 * 1024)
    bomb = b"".join(packer.compress(zeros) for _ in range(200)) + packer.flush()
    server = wire(serving("Content-Encoding: gzip", body=bomb))
    driver = sender()
    tracemalloc.start()
    try:
        with pytest.raises(error, match="16777216 bytes once decoded"):
            driver.send(ask(server.url))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * 1024 * 1024


@pytest.mark.parametrize(("ask", "error"), BOTH)
def test_an_endless_body_ends_at_the_cap(wire, sender, ask, error):
    def script(line):
        line.request()
        line.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            line.send(b"400\r\n" + b" " * 1024 + b"\r\n")

    with pytest.raises(error, match="more than 65536 bytes"):
        sender(max_body=65536).send(ask(wire(script).url))


@pytest.mark.parametrize(("ask", "error"), BOTH)
@pytest.mark.parametrize("count", [300, 200_000])
def test_too_many_headers_are_refused(wire, sender, ask, error, count):
    with pytest.raises(error, match="headers"):
        sender().send(ask(wire(serving(*["X-A: 1"] * count)).url))


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        pytest.param("gzip", gzip.compress(b'{"leads":[]}' * 99)[:-9], id="gzip cut short"),
        pytest.param("gzip", gzip.compress(b"{}")[:5], id="gzip cut in its head"),
        pytest.param("gzip", b"{}" * 9, id="no gzip at all"),
        pytest.param("gzip", gzip.compress(b"{}") + b"junk", id="bytes after gzip"),
        pytest.param("deflate", zlib.compress(b"{}" * 99)[:-5], id="deflate cut short"),
        pytest.param("deflate", zlib.compress(b"{}") + b"junk", id="bytes after deflate"),
        pytest.param("br", b"\x0b\x01\x80{}\x03", id="br"),
        pytest.param("foo", b"{}", id="foo"),
        pytest.param("gzip, gzip", gzip.compress(gzip.compress(b"{}")), id="twice"),
    ],
)
def test_a_coding_that_cannot_be_trusted_is_refused(wire, sender, coding, body):
    server = wire(serving(f"Content-Encoding: {coding}", body=body))
    for ask, error in ((read, BadResponse), (write, OutcomeUnknown)):
        with pytest.raises(error, match=r"answered 200: cannot read the answer: .*(coding|data)"):
            sender().send(ask(server.url))


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b'{"leads":[]}')),
        ("X-GZIP", gzip.compress(b'{"leads":[]}')),
        ("gzip", gzip.compress(b'{"leads"') + gzip.compress(b":[]}")),
        ("deflate", zlib.compress(b'{"leads":[]}')),
        ("deflate", zlib.compress(b'{"leads":[]}', wbits=-15)),
        ("identity", b'{"leads":[]}'),
    ],
    ids=["gzip", "x-gzip", "two gzip members", "deflate", "raw deflate", "identity"],
)
def test_the_codings_we_ask_for_are_read(wire, sender, coding, body):
    server = wire(serving(f"Content-Encoding: {coding}", body=body))
    assert sender().send(read(server.url)).body == b'{"leads":[]}'


def test_a_keyed_write_outside_the_guards_is_unknown(wire, sender):
    server = wire(serving("Content-Encoding: br"))
    with pytest.raises(OutcomeUnknown):
        sender().send(write(server.url, Effect.KEYED))


def test_a_certificate_nobody_vouches_for_is_refused_before_anything_is_sent(wire, sender):
    def script(line):
        line.secure()
        line.request()
        line.answer()

    server = wire(script)
    url = f"https://127.0.0.1:{server.port}/"
    with pytest.raises(Interrupted, match="certificate does not verify") as caught:
        sender().send(write(url))
    assert caught.value.sent is False
    trusting = ssl.create_default_context(cafile=PEM)
    assert sender(tls=trusting).send(write(url)).status == 200
