"""A total deadline under a synchronous client, whose own timeouts begin anew with every byte."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from ipaddress import ip_address
from math import inf
from queue import Empty, SimpleQueue
from typing import Any

_PIECE = 16 * 1024
"""What one send hands over whole: a larger one could be drained byte by byte without end."""


class Deadline(threading.local):
    """When the exchange that this thread is in must be over."""

    _ends = inf

    @contextmanager
    def within(self, seconds: float) -> Generator[None]:
        """Give everything in the block `seconds` in all."""
        self._ends = time.monotonic() + seconds
        try:
            yield
        finally:
            self._ends = inf

    def left(self, most: float | None = None) -> float | None:
        """Return the seconds left, or `most` if that is less; `TimeoutError` when none are."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if most is not None:
            left = min(left, most)
        return None if left == inf else left


class DeadlineStream:
    """A connection on which no operation outlasts the exchange it belongs to."""

    def __init__(self, inner: Any, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there, waiting no longer than the deadline."""
        received: bytes = self._inner.read(max_bytes, self._deadline.left(timeout))
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of `buffer`, in pieces, within the deadline."""
        for start in range(0, len(buffer), _PIECE):
            piece = buffer[start : start + _PIECE]
            self._inner.write(piece, self._deadline.left(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: Any,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> DeadlineStream:
        """Return the connection under TLS, its handshake within the deadline."""
        secured = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return DeadlineStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return what the inner stream knows."""
        return self._inner.get_extra_info(info)


class DeadlineBackend:
    """A network backend whose connections keep the deadline, name look-up included."""

    def __init__(self, inner: Any, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> DeadlineStream:
        """Connect to the first of the host's addresses that answers."""
        failure: Exception = ConnectionError()
        for address in _addresses(host, port, self._deadline.left(timeout)):
            seconds = self._deadline.left(timeout)
            try:
                stream = self._inner.connect_tcp(
                    address, port, seconds, local_address, socket_options
                )
            except Exception as error:  # noqa: BLE001 - the next address is tried; the last error is raised
                failure = error
            else:
                return DeadlineStream(stream, self._deadline)
        raise failure

    def sleep(self, seconds: float) -> None:
        """Sleep no longer than the deadline."""
        time.sleep(self._deadline.left(seconds) or 0.0)


def _addresses(host: str, port: int, seconds: float | None) -> list[str]:
    """Look `host` up in a thread of its own: the system's resolver knows no deadline."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass
    found: SimpleQueue[list[str] | Exception] = SimpleQueue()

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put(list(dict.fromkeys(str(row[4][0]) for row in rows)))
        except (OSError, UnicodeError) as error:
            found.put(error)

    threading.Thread(target=look_up, name="leadgateway-look-up", daemon=True).start()
    try:
        answer = found.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer
