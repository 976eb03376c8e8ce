"""A driver over aiohttp: its connections, TLS, proxies and parser under our own requests.

Its `ClientSession` is left out: it repeats a PUT by itself when a kept connection dies, follows
redirects, keeps cookies, reads credentials and proxies from the environment and decodes without
a limit, all of which a guard would have to undo.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from importlib import import_module
from ssl import SSLContext
from typing import Any
from urllib.parse import urlsplit

from leadgateway.drivers.guards import (
    CONNECT_DEADLINE,
    DEADLINE,
    IDLE_SECONDS,
    MAX_BODY,
    MAX_HEADERS,
    Breach,
    check_proxy,
)
from leadgateway.drivers.heads import Heads
from leadgateway.drivers.lanes import Places, Resting
from leadgateway.drivers.passage import Passage, travel
from leadgateway.drivers.streams import readable
from leadgateway.drivers.timekeeper import Timekeeper
from leadgateway.drivers.trust import trust
from leadgateway.errors import ConfigError
from leadgateway.exchange import Request, Response

_KNOWN = range(14, 100)
"""The releases 3.x that have all we use."""
_LONGEST_FIELD = 32 * 1024
_OK = 200
_SWITCHING_PROTOCOLS = 101


class AiohttpDriver:
    """An `AsyncDriver` over aiohttp, for one event loop."""

    def __init__(
        self,
        *,
        deadline: float = DEADLINE,
        max_body: int = MAX_BODY,
        proxy: str | None = None,
        connections: int = 10,
        tls: SSLContext | None = None,
    ) -> None:
        check_proxy(proxy)
        self._library = _library()
        self._deadline = deadline
        self._max_body = max_body
        self._proxy = proxy
        self._tls = tls or trust("aiohttp")
        # What precedes sending gets half the deadline: a write that leaves late ends in doubt.
        self._patience = self._library.ClientTimeout(
            connect=deadline / 2,
            sock_connect=min(CONNECT_DEADLINE, deadline / 2),
            ceil_threshold=deadline,
        )
        self._connector: Any = None
        self._heads = Heads()
        self._timekeeper = Timekeeper(deadline)
        self._places = Places(connections, deadline / 2)
        self._origins: dict[str, _Origin] = {}

    async def send(self, request: Request) -> Response:
        """Return the complete answer to `request` within the deadline."""
        return await travel(request, self._heads, self._timekeeper, _Passage, self._ask)

    async def close(self) -> None:
        """Close every connection."""
        for origin in self._origins.values():
            for kept in origin.resting.aged(0.0):
                _hang_up(kept)
        if self._connector is not None:
            await self._connector.close()

    async def _ask(self, asked: _Passage) -> Response:
        try:
            origin = self._origin(asked.address)
            asked.writable = True
            async with self._places:
                connection = await self._connect(origin)
                try:
                    response = await self._exchange(asked, origin, connection)
                except BaseException:
                    _hang_up(connection)
                    raise
                _keep(origin, connection)
        except Exception as error:  # noqa: BLE001 - the client raises more than its own errors
            failure = asked.failure(error, self._deadline)
        else:
            return response
        raise failure

    def _origin(self, address: str) -> _Origin:
        """Return what every request to the address's host has in common."""
        parts = urlsplit(address)
        name = f"{parts.scheme}://{parts.netloc}"
        found = self._origins.get(name)
        if found is None:
            found = self._origins[name] = _Origin(self._library, name, self._proxy)
        return found

    async def _connect(self, origin: _Origin) -> Any:
        """Return a connection to write on: a kept one that nothing befell, or a new one."""
        for old in origin.resting.aged(IDLE_SECONDS):
            _hang_up(old)
        while (kept := origin.resting.take()) is not None:
            if not _spoilt(kept):
                return kept
            _hang_up(kept)
        if self._connector is None:
            self._connector = self._library.TCPConnector(
                limit=0,
                ssl=self._tls,
                resolver=self._library.ThreadedResolver(),
                timeout_ceil_threshold=self._deadline,
            )
        return await self._connector.connect(origin.initiator, traces=[], timeout=self._patience)

    async def _exchange(self, asked: _Passage, origin: _Origin, connection: Any) -> Response:
        protocol, transport = connection.protocol, connection.transport
        protocol.set_response_params(
            skip_payload=asked.request.method == "HEAD",
            read_until_eof=True,
            auto_decompress=False,
            max_line_size=_LONGEST_FIELD,
            max_field_size=_LONGEST_FIELD,
            max_headers=MAX_HEADERS,
        )
        wire = asked.wire(origin)
        if transport is None or transport.is_closing():
            raise ConnectionResetError
        asked.sent = True
        transport.write(wire)
        message, payload = await protocol.read()
        while message.code < _OK and message.code != _SWITCHING_PROTOCOLS:
            message, payload = await protocol.read()
        _check_framing(message.headers.getall("transfer-encoding", ()))
        body = asked.open(message.code, message.raw_headers, self._max_body)
        while not payload.at_eof():
            body.feed(await payload.readany())
        lost = protocol.exception()
        if lost is not None and not self._is_whole(message, payload, lost):
            raise lost
        return asked.response(body)

    def _is_whole(self, message: Any, payload: Any, lost: BaseException) -> bool:
        """Tell whether a body had an end of its own before the connection was lost."""
        if message.chunked or "content-length" in message.headers:
            return True
        if payload is self._library.EMPTY_PAYLOAD:
            return True
        return isinstance(lost, self._library.ServerDisconnectedError)


class _Origin:
    """A host as it is connected to, and what every request to it says."""

    def __init__(self, library: Any, name: str, proxy: str | None) -> None:
        address = import_module("yarl").URL
        parts = urlsplit(name)
        default = ":443" if parts.scheme == "https" else ":80"
        self._host = parts.netloc.lower().removesuffix(default)
        self._absolute = name if proxy is not None and parts.scheme == "http" else ""
        self._skipped = len(name)
        self.resting = Resting()
        # Spelt as aiohttp spells it, or a proxy would be told the host twice.
        tunnel = {"Host": self._host, "User-Agent": "leadgateway"}
        self.initiator = library.ClientRequest(
            "GET",
            address(name, encoded=True),
            loop=asyncio.get_running_loop(),
            proxy=None if proxy is None else address(proxy),
            proxy_headers=None if proxy is None else tunnel,
        )

    def lines(self, method: str, address: str) -> list[str]:
        """Return the head's first lines."""
        target = address[self._skipped :].partition("#")[0]
        if not target.startswith("/"):
            target = f"/{target}"
        lines = [f"{method} {self._absolute}{target} HTTP/1.1", f"host: {self._host}"]
        # aiohttp puts it there when it has connected to a proxy whose address holds a password.
        credential = self.initiator.headers.get("proxy-authorization")
        if self._absolute and credential:
            lines.append(f"proxy-authorization: {credential}")
        return lines


class _Passage(Passage):
    __slots__ = ()

    def wire(self, origin: _Origin) -> bytes:
        """Return the request as it is sent; all of it was checked before."""
        body = self.request.body or b""
        lines = origin.lines(self.request.method, self.address)
        lines.append(self.head.lines)
        if self.says_length:
            lines.append(f"content-length: {len(body)}")
        lines += ["", ""]
        return "\r\n".join(lines).encode("ascii") + body

    def refuses_headers(self, cause: BaseException) -> bool:
        """Tell whether the parser gave up on a head for its size."""
        return type(cause).__name__ == "LineTooLong" or "Too many headers" in str(cause)


def usable() -> bool:
    """Tell whether an aiohttp is installed that this driver is made for."""
    try:
        _library()
    except ConfigError:
        return False
    return True


def _library() -> Any:
    try:
        library = import_module("aiohttp")
    except ImportError:
        raise ConfigError(
            "The HTTP client aiohttp is not installed: pip install 'leadgateway[fast]'."
        ) from None
    major, minor = library.__version__.split(".")[:2]
    if major != "3" or int(minor) not in _KNOWN:
        raise ConfigError("This aiohttp is too old or too new: pip install 'leadgateway[fast]'.")
    # Below WARNING it may log addresses.
    logging.getLogger("aiohttp.client").setLevel(logging.WARNING)
    return library


def _spoilt(connection: Any) -> bool:
    """Tell whether the other side hung up meanwhile, or said what nobody had asked."""
    if connection.protocol.should_close or connection.closed:
        return True
    return readable(connection.transport)


def _keep(origin: _Origin, connection: Any) -> None:
    """Let the next request have the connection, unless the answer came too early."""
    if connection.transport is None or connection.transport.get_write_buffer_size():
        _hang_up(connection)
    else:
        origin.resting.put(connection)


def _check_framing(codings: Sequence[str]) -> None:
    """Refuse a body in another frame than chunks; aiohttp would hand it over frame and all."""
    if codings and [each.lower() for each in codings] != ["chunked"]:
        raise Breach("a transfer coding we did not ask for")


def _hang_up(connection: Any) -> None:
    """Close a connection at once: what of a request it has not sent yet is never sent."""
    if connection.transport is not None:
        connection.transport.abort()
    connection.close()
