"""Connections for httpcore straight on the event loop: its own go through a second library."""

from __future__ import annotations

import asyncio
import select
from collections.abc import Awaitable, Iterable
from ssl import SSLContext
from typing import Any, TypeVar

from leadgateway.drivers.dialing import dial

T = TypeVar("T")

_HIGH_WATER = 256 * 1024


class LoopBackend:
    """A network backend of httpcore, or of httpcore2: `core` is the one whose errors it raises."""

    def __init__(self, core: Any) -> None:
        self._core = core

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> LoopStream:
        """Connect to the first of the host's addresses that answers."""
        stream = LoopStream(self._core)
        await _connecting(_opened(stream, host, port), timeout, self._core)
        return stream

    async def sleep(self, seconds: float) -> None:
        """Sleep."""
        await asyncio.sleep(seconds)


class LoopStream(asyncio.Protocol):
    """One connection; what is written leaves in one piece, when an answer is waited for."""

    def __init__(self, core: Any) -> None:
        self._core = core
        self._transport: Any = None
        self._unsent: list[bytes] = []
        self._received = bytearray()
        self._ended = False
        self._lost: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep what came; too much of it has to wait outside."""
        self._received += data
        if len(self._received) > _HIGH_WATER and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Note that nothing more comes."""
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that it is over."""
        self._ended = True
        self._lost = exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
    ) -> bytes:
        """Return what came, or wait for it; nothing is the end. The exchange has its deadline."""
        self._flush()
        while not self._received:
            if self._lost is not None:
                raise self._core.ReadError(type(self._lost).__name__)
            if self._ended:
                return b""
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        found = bytes(self._received[:max_bytes])
        del self._received[:max_bytes]
        if self._paused and not self._received:
            self._paused = False
            self._transport.resume_reading()
        return found

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
    ) -> None:
        """Take what is to be sent before the next `read`."""
        self._unsent.append(buffer)

    def _flush(self) -> None:
        if self._unsent and not self._transport.is_closing():
            self._transport.write(b"".join(self._unsent))
        self._unsent.clear()

    async def aclose(self) -> None:
        """Close at once: what has not left yet never leaves."""
        self._transport.abort()

    async def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
    ) -> LoopStream:
        """Return the connection under TLS."""
        inner = LoopStream(self._core)
        securing: Awaitable[Any] = asyncio.get_running_loop().start_tls(
            self._transport, inner, ssl_context, server_hostname=server_hostname
        )
        try:
            secured = await _connecting(securing, timeout, self._core)
            inner.connection_made(secured)
        except BaseException:
            self._transport.abort()
            raise
        return inner

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore asks about a connection."""
        if info == "is_readable":  # which is how it asks whether a kept connection is spoilt
            unsent = self._transport.get_write_buffer_size() > 0
            return unsent or bool(self._received) or self._ended or readable(self._transport)
        return self._transport.get_extra_info(info)


async def _opened(stream: LoopStream, host: str, port: int) -> None:
    sock = await dial(host, port)
    await asyncio.get_running_loop().create_connection(lambda: stream, sock=sock)


async def _connecting(opening: Awaitable[T], seconds: float | None, core: Any) -> T:
    try:
        async with asyncio.timeout(seconds):
            return await opening
    except TimeoutError as error:
        raise core.ConnectTimeout from error
    except OSError as error:
        raise core.ConnectError(type(error).__name__) from error


def readable(transport: Any) -> bool:
    """Tell whether something came, or the end did, that the event loop had no time for yet."""
    descriptor = transport.get_extra_info("socket").fileno()
    if descriptor < 0:
        return True
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([descriptor], [], [], 0)[0])
    watch = select.poll()
    watch.register(descriptor, select.POLLIN)
    return bool(watch.poll(0))
