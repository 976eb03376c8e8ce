"""Through a proxy: only one that was named, and nothing of ours is shown to it."""

import base64
import socket
import ssl
import threading

import pytest
from tests.drivers.wire import PEM, read, write

from leadgateway.exchange import Interrupted


def tunnelling(asked, to_port):
    """A proxy that notes what it is asked, and connects everybody to one port."""

    def script(line):
        asked.append(line.request())
        line.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", to_port)) as onward:
            back = threading.Thread(target=_pump, args=(onward, line._sock), daemon=True)
            back.start()
            _pump(line._sock, onward)
            back.join(5)

    return script


def _pump(source, target):
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # either side hung up


def secure(line):
    line.secure()
    while line.request():
        line.answer(b"in private")


def test_an_https_request_goes_through_a_tunnel_that_sees_nothing_of_it(wire, sender):
    asked = []
    server = wire(secure)
    proxy = wire(tunnelling(asked, server.port))
    trusting = ssl.create_default_context(cafile=PEM)
    driver = sender(proxy=proxy.url, tls=trusting)
    request = write(
        f"https://127.0.0.1:{server.port}/leads?q=secret", headers=(("authorization", "Bearer t"),)
    )
    for _ in range(2):
        assert driver.send(request).body == b"in private"
    assert len(asked) == 1
    assert asked[0].startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n".encode())
    for hidden in (b"Bearer", b"secret", b"/leads", b"aiohttp"):
        assert hidden not in asked[0]


@pytest.mark.parametrize("status", ["403 Forbidden", "407 Proxy Authentication Required"])
def test_a_proxy_that_refuses_has_sent_nothing(wire, sender, status):
    def script(line):
        line.request()
        line.answer(b"", status=status)

    with pytest.raises(Interrupted) as caught:
        sender(proxy=wire(script).url).send(write("https://leads.invalid/leads"))
    assert caught.value.sent is False


def test_a_proxy_that_is_not_there_has_sent_nothing(sender):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(Interrupted) as caught:
        sender(proxy=f"http://127.0.0.1:{port}").send(write("http://leads.invalid/"))
    assert caught.value.sent is False


def test_a_proxys_password_is_for_the_proxy_alone(wire, sender):
    heads = []

    def script(line):
        while got := line.request():
            heads.append(got.lower())
            line.answer(b"by proxy")

    proxy = wire(script)
    driver = sender(proxy=proxy.url.replace("//", "//user:hidden@"))
    for _ in range(2):
        assert driver.send(read("http://leads.invalid:8080/x?a=1")).body == b"by proxy"
    credential = base64.b64encode(b"user:hidden").lower()
    assert proxy.connections == 1
    for head in heads:
        assert head.startswith(b"get http://leads.invalid:8080/x?a=1 http/1.1\r\n")
        assert b"host: leads.invalid:8080\r\n" in head
        assert b"proxy-authorization: basic " + credential + b"\r\n" in head
        assert b"\r\nauthorization" not in head


def test_a_tunnels_password_is_for_the_proxy_alone(wire, sender):
    asked, seen = [], []

    def script(line):
        line.secure()
        seen.append(line.request().lower())
        line.answer(b"in private")

    server = wire(script)
    proxy = wire(tunnelling(asked, server.port))
    driver = sender(
        proxy=proxy.url.replace("//", "//user:hidden@"),
        tls=ssl.create_default_context(cafile=PEM),
    )
    assert driver.send(read(f"https://127.0.0.1:{server.port}/")).body == b"in private"
    assert b"proxy-authorization: basic " in asked[0].lower()
    assert b"proxy-authorization" not in seen[0]


def test_what_a_proxy_says_unasked_is_no_answer(wire, sender):
    served = []

    def script(line):
        while got := line.request():
            served.append(got)
            answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % len(served)
            line.send(answer + b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad")

    proxy = wire(script)
    driver = sender(proxy=proxy.url)
    assert driver.send(write("http://leads.invalid/")).body == b"1"
    assert driver.send(write("http://leads.invalid/")).body == b"2"


def test_no_password_comes_from_the_users_files(wire, sender, monkeypatch, tmp_path):
    heads = []

    def script(line):
        heads.append(line.request().lower())
        line.answer()

    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password hidden\ndefault login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    sender().send(read(wire(script).url))
    assert b"authorization" not in heads[0]
