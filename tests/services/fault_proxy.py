"""A proxy on loopback that spoils chosen exchanges on the wire, and remembers what passed.

It sits between an adapter and a simulator as real TCP. Each rule takes hold of some requests and
says what becomes of them: of the request on its way there, and of the answer on its way back.
"""

import dataclasses
import os
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

_PATIENCE = 30.0
_REASONS = {200: "OK", 207: "Multi-Status", 429: "Too Many Requests", 503: "Service Unavailable"}


@dataclass(frozen=True)
class Passed:
    """One request that reached the proxy: when, what was done to it, and the status it got."""

    at: float
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    fault: str
    status: int | None


@dataclass
class Answer:
    """An answer of the upstream, or one made up in its place; after the last one is silence."""

    status: int
    headers: dict[str, str]
    body: bytes
    last: bool = False

    def wire(self, *, length: bool = True) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {_REASONS.get(self.status, 'Status')}"]
        kept = {k: v for k, v in self.headers.items() if k not in _FRAMING}
        if length:
            kept["content-length"] = str(len(self.body))
        if self.last:
            kept["connection"] = "close"
        lines += [f"{name}: {value}" for name, value in kept.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + self.body


_FRAMING = frozenset({"content-length", "transfer-encoding", "connection"})


class Exchange:
    """One request under way: a fault decides when it goes on and what goes back."""

    def __init__(
        self, proxy: "FaultProxy", client: socket.socket, request: bytes, passed: Passed
    ) -> None:
        self.proxy = proxy
        self.client = client
        self.request = request
        self.passed = passed
        self._noted = False

    def forward(self) -> Answer:
        """Let the upstream execute the request."""
        with socket.create_connection(self.proxy.upstream, timeout=_PATIENCE) as upstream:
            upstream.sendall(self.request)
            head, body = _message(upstream)
        first, headers = _head(head)
        return Answer(int(first.split()[1]), headers, body)

    def note(self, status: int | None) -> None:
        """Enter the exchange into the trace, once; before its client can know of the answer."""
        with self.proxy._guard:
            if not self._noted:
                self.proxy.trace.append(dataclasses.replace(self.passed, status=status))
            self._noted = True

    def reply(self, data: bytes, status: int) -> None:
        self.note(status)
        self.client.sendall(data)

    def answer(self, answer: Answer) -> None:
        self.reply(answer.wire(), answer.status)


Fault = Callable[[Exchange], bool]
"""Handles one exchange; returns whether the connection to the client stays open."""


def honest(exchange: Exchange) -> bool:
    """Nothing goes wrong."""
    exchange.answer(exchange.forward())
    return True


def refuse_from_now_on(exchange: Exchange) -> bool:
    """This one is answered, and then nobody listens any more."""
    real = exchange.forward()
    exchange.proxy.refuse(but=exchange.client)  # first: who hears the answer may call at once
    exchange.answer(dataclasses.replace(real, last=True))
    return False


def lose_response(exchange: Exchange) -> bool:
    """The upstream executes, and the answer never arrives."""
    exchange.forward()
    return False


def reset(exchange: Exchange) -> bool:
    """The connection breaks before the upstream sees anything."""
    linger = struct.pack("ii", 1, 0)
    exchange.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    return False


def status_before(status: int, body: bytes = b"{}", **headers: str) -> Fault:
    """Somebody in between answers, and the upstream sees nothing."""

    def fault(exchange: Exchange) -> bool:
        exchange.answer(Answer(status, _named(headers), body))
        return True

    return fault


def status_after(status: int, body: bytes | None = None, **headers: str) -> Fault:
    """The upstream executes, and its answer arrives as another one."""

    def fault(exchange: Exchange) -> bool:
        real = exchange.forward()
        said = real.body if body is None else body
        exchange.answer(Answer(status, {**real.headers, **_named(headers)}, said))
        return True

    return fault


def replace(body: bytes, **headers: str) -> Fault:
    """The upstream executes, and its body arrives as another one."""

    def fault(exchange: Exchange) -> bool:
        real = exchange.forward()
        exchange.answer(Answer(real.status, {**real.headers, **_named(headers)}, body))
        return True

    return fault


def edit(change: Callable[[bytes], bytes]) -> Fault:
    """The upstream executes, and its body arrives edited."""

    def fault(exchange: Exchange) -> bool:
        real = exchange.forward()
        exchange.answer(Answer(real.status, real.headers, change(real.body)))
        return True

    return fault


def hang_after(exchange: Exchange) -> bool:
    """The upstream executes, and nothing comes back."""
    exchange.forward()
    exchange.proxy.stopped.wait(_PATIENCE)
    return False


def truncate(*, length: bool = True) -> Fault:
    """Half of the body arrives, with the length it should have had, or with none at all."""

    def fault(exchange: Exchange) -> bool:
        real = exchange.forward()
        whole = real.wire(length=length)
        exchange.reply(whole[: len(whole) - len(real.body) // 2 - 1], real.status)
        return False

    return fault


def drip(exchange: Exchange) -> bool:
    """The upstream executes, and its answer comes a byte every 50 ms."""
    real = exchange.forward()
    for byte in real.wire():
        if exchange.proxy.stopped.wait(0.05):
            break
        exchange.reply(bytes([byte]), real.status)
    return False


def twice(exchange: Exchange) -> bool:
    """The network delivers the request twice; the first answer goes back."""
    first = exchange.forward()
    exchange.forward()
    exchange.answer(first)
    return True


def kill_after(pid: Callable[[], int], *, before: bool = False) -> Fault:
    """The process `pid` is killed once the upstream executed, or before it sees anything."""

    def fault(exchange: Exchange) -> bool:
        if not before:
            exchange.forward()
        os.kill(pid(), signal.SIGKILL)
        return False

    return fault


@dataclass
class Rule:
    """Which requests a fault takes hold of: from the `nth` on, each `every`th, `times` of them."""

    fault: Fault
    method: str | None
    path: str
    nth: int
    every: int
    times: int | None
    seen: int = 0
    hits: int = 0

    def takes(self, method: str, path: str) -> bool:
        if self.method not in {None, method} or self.path not in path:
            return False
        self.seen += 1
        if self.times is not None and self.hits >= self.times:
            return False
        if self.seen < self.nth or (self.seen - self.nth) % self.every:
            return False
        self.hits += 1
        return True


@dataclass
class FaultProxy:
    """Listens on a free port of loopback from `start` to `close`; use it in a `with` block."""

    upstream_url: str
    clock: Callable[[], float] = time.monotonic
    trace: list[Passed] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)

    def __post_init__(self) -> None:
        parts = urlsplit(self.upstream_url)
        assert parts.hostname is not None
        self.upstream = (parts.hostname, parts.port or 80)
        self.stopped = threading.Event()
        self._guard = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._clients: set[socket.socket] = set()

    def on(
        self,
        fault: Fault,
        method: str | None = "POST",
        path: str = "",
        *,
        nth: int = 1,
        every: int = 1,
        times: int | None = 1,
    ) -> Rule:
        """Spoil some requests of `method` whose path holds `path`; the first rule wins."""
        rule = Rule(fault, method, path, nth, every, times)
        with self._guard:
            self.rules.append(rule)
        return rule

    def calm(self) -> None:
        """From now on nothing goes wrong."""
        with self._guard:
            self.rules.clear()

    def refuse(self, but: socket.socket | None = None) -> None:
        """From now on nobody listens, and every connection there was is broken `but` that one."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._acceptor.join(5)
        self._listening.close()
        with self._guard:
            for client in self._clients:
                if client is not but:
                    _shut(client)

    def passed(self, method: str = "POST") -> list[Passed]:
        """Return the requests of `method` that came by so far."""
        with self._guard:
            return [each for each in self.trace if each.method == method]

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        host, port = self._listening.getsockname()
        self.address = (host, port)
        path = urlsplit(self.upstream_url).path
        self.url = f"http://{host}:{port}{path}"
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        if self._acceptor.is_alive():
            self.refuse()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            with self._guard:
                self._clients.add(client)
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        try:
            while not self.stopped.is_set():
                head, body = _message(client)
                if not head or not self._handle(client, head, body):
                    return
        except OSError:
            pass  # a side hung up, which many faults provoke
        finally:
            with self._guard:
                self._clients.discard(client)
            client.close()

    def _handle(self, client: socket.socket, head: bytes, body: bytes) -> bool:
        first, headers = _head(head)
        method, path, _ = first.split(" ", 2)
        with self._guard:
            rule = next((each for each in self.rules if each.takes(method, path)), None)
        fault = honest if rule is None else rule.fault
        lines = [first, *(f"{k}: {v}" for k, v in headers.items() if k != "connection")]
        lines.append("connection: close")
        whole = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body
        name = "" if rule is None else getattr(fault, "__qualname__", "").split(".")[0]
        passed = Passed(self.clock(), method, path, headers, body, name, None)
        exchange = Exchange(self, client, whole, passed)
        try:
            return fault(exchange)
        finally:
            exchange.note(None)


def _message(sock: socket.socket) -> tuple[bytes, bytes]:
    """Read one message, head and body; two empty ones when the other side hangs up."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = sock.recv(65536)
        if not piece:
            return b"", b""
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    length = _head(head)[1].get("content-length")
    while length is None or len(body) < int(length):
        piece = sock.recv(65536) if length is not None or not _is_request(head) else b""
        if not piece:
            break
        body += piece
    return head, body


def _is_request(head: bytes) -> bool:
    return not head.startswith(b"HTTP/")


def _head(head: bytes) -> tuple[str, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return first, {name.strip().lower(): value.strip() for name, _, value in pairs}


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):  # the other side may have been quicker
        sock.shutdown(socket.SHUT_RDWR)
