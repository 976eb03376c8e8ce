"""Drivers over httpx, or over httpx2, which offers the same interface.

They use the client's transports, not its `Client`: no cookies, redirects, proxies or credentials
from the environment, decoding or logging happen that a guard would have to undo.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from importlib import import_module
from ssl import SSLContext
from typing import Any

from leadgateway.drivers.deadline import Deadline, DeadlineBackend
from leadgateway.drivers.guards import (
    CONNECT_DEADLINE,
    DEADLINE,
    IDLE_SECONDS,
    MAX_BODY,
    check_proxy,
    exchange,
)
from leadgateway.drivers.heads import Head, Heads
from leadgateway.drivers.lanes import AsyncLanes, Lanes
from leadgateway.drivers.passage import Passage, travel
from leadgateway.drivers.streams import LoopBackend
from leadgateway.drivers.timekeeper import Timekeeper
from leadgateway.drivers.trust import trust
from leadgateway.errors import ConfigError
from leadgateway.exchange import Request, Response

_CORES = {"httpx": "httpcore", "httpx2": "httpcore2"}


class HttpxDriver:
    """A `Driver` over the synchronous side of `client`; safe to share between threads."""

    def __init__(
        self,
        client: str = "httpx",
        *,
        deadline: float = DEADLINE,
        max_body: int = MAX_BODY,
        proxy: str | None = None,
        connections: int = 10,
        tls: SSLContext | None = None,
    ) -> None:
        self._client = _Client(client, deadline, max_body)
        self._heads = Heads()
        self._deadline = Deadline()
        self._options = self._client.options(proxy, tls)
        self._lanes = Lanes(self._transport, most=connections, patience=deadline / 2)

    def _transport(self) -> Any:
        transport = self._client.library.HTTPTransport(**self._options)
        pool = transport._pool  # noqa: SLF001 - the transport takes no network backend itself
        pool._network_backend = DeadlineBackend(pool._network_backend, self._deadline)  # noqa: SLF001 - likewise
        return transport

    def send(self, request: Request) -> Response:
        """Return the complete answer to `request` within the deadline."""
        head = self._heads.of(request)
        steps = exchange(request, head.address)
        with self._deadline.within(self._client.deadline):
            address = next(steps)
            while True:
                response = self._ask(self._client.passage(request, address, head))
                try:
                    address = steps.send(response)
                except StopIteration as done:
                    answer: Response = done.value
                    return answer

    def _ask(self, asked: _Passage) -> Response:
        try:
            wire = asked.wire(asked.trace)
            with self._lanes.lane() as transport:
                answer = transport.handle_request(wire)
                try:
                    body = asked.open(answer.status_code, answer.headers.raw, self._client.max_body)
                    for raw in answer.stream:
                        body.feed(raw)
                    return asked.response(body)
                finally:
                    answer.close()
        except Exception as error:  # noqa: BLE001 - the client raises more than its own errors
            failure = asked.failure(error, self._client.deadline)
        raise failure

    def close(self) -> None:
        """Close every connection."""
        self._lanes.close()


class AsyncHttpxDriver:
    """An `AsyncDriver` over the asynchronous side of `client`, for one event loop."""

    def __init__(
        self,
        client: str = "httpx",
        *,
        deadline: float = DEADLINE,
        max_body: int = MAX_BODY,
        proxy: str | None = None,
        connections: int = 10,
        tls: SSLContext | None = None,
    ) -> None:
        self._client = _Client(client, deadline, max_body)
        self._options = self._client.options(proxy, tls)
        self._backend = LoopBackend(import_module(_CORES[client]))
        self._heads = Heads()
        self._timekeeper = Timekeeper(deadline)
        self._lanes = AsyncLanes(self._transport, most=connections, patience=deadline / 2)

    def _transport(self) -> Any:
        transport = self._client.library.AsyncHTTPTransport(**self._options)
        transport._pool._network_backend = self._backend  # noqa: SLF001 - the transport takes none itself
        return transport

    async def send(self, request: Request) -> Response:
        """Return the complete answer to `request` within the deadline."""
        return await travel(request, self._heads, self._timekeeper, self._client.passage, self._ask)

    async def _ask(self, asked: _Passage) -> Response:
        try:
            wire = asked.wire(asked.atrace)
            async with self._lanes.lane() as transport:
                answer = await transport.handle_async_request(wire)
                try:
                    body = asked.open(answer.status_code, answer.headers.raw, self._client.max_body)
                    async for raw in answer.stream:
                        body.feed(raw)
                    return asked.response(body)
                finally:
                    await answer.aclose()
        except Exception as error:  # noqa: BLE001 - the client raises more than its own errors
            failure = asked.failure(error, self._client.deadline)
        raise failure

    async def close(self) -> None:
        """Close every connection."""
        await self._lanes.close()


class _Client:
    """One HTTP client library, imported by name, and what both its sides are told."""

    def __init__(self, name: str, deadline: float, max_body: int) -> None:
        if name not in _CORES:
            raise ConfigError(f"The HTTP client must be one of {', '.join(_CORES)}.")
        try:
            self.library: Any = import_module(name)
        except ImportError:
            raise ConfigError(
                f"The HTTP client {name} is not installed: pip install 'leadgateway[{name}]'."
            ) from None
        for logger in (name, _CORES[name]):
            # Below WARNING they log addresses with their queries, and headers.
            logging.getLogger(logger).setLevel(logging.WARNING)
        self.name = name
        self.deadline = deadline
        self.max_body = max_body
        self.place = lru_cache(maxsize=256)(self._place)
        # What precedes sending gets half the deadline: a write that leaves late ends in doubt.
        self.timeout = {
            "connect": min(CONNECT_DEADLINE, deadline / 2),
            "read": deadline,
            "write": deadline,
            "pool": deadline / 2,
        }

    def _place(self, address: str) -> tuple[Any, str]:
        """Return an address as the client reads it, and how it names the host."""
        read = self.library.Request("GET", address)
        return read.url, read.headers["Host"]

    def passage(self, request: Request, address: str, head: Head) -> _Passage:
        """Return `request` at its start."""
        return _Passage(self, request, address, head)

    def options(self, proxy: str | None, tls: SSLContext | None) -> Mapping[str, Any]:
        """Return what a transport of one connection is made with; the environment has no say."""
        check_proxy(proxy)
        return {
            "verify": tls or trust(self.name),
            "trust_env": False,
            "proxy": proxy,
            "limits": self.library.Limits(
                max_connections=1, max_keepalive_connections=1, keepalive_expiry=IDLE_SECONDS
            ),
        }


class _Passage(Passage):
    __slots__ = ("_client",)

    def __init__(self, client: _Client, request: Request, address: str, head: Head) -> None:
        super().__init__(request, address, head)
        self._client = client

    def wire(self, trace: Any) -> Any:
        """Return the request as the client wants it, with the time each phase may take."""
        client = self._client
        url, host = client.place(self.address)
        body = self.request.body or b""
        headers = [("Host", host), *self.head.headers]
        if self.says_length:
            headers.append(("Content-Length", str(len(body))))
        # With a stream it is left as it is: nothing of it is parsed, completed and copied again.
        wire = client.library.Request(
            self.request.method,
            url,
            headers=headers,
            stream=client.library.ByteStream(body),
            extensions={"timeout": client.timeout, "trace": trace},
        )
        self.writable = True
        return wire

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Note that the request begins to leave; what opens a tunnel to its host is not it."""
        if event.endswith("send_request_headers.started"):
            self.sent = info["request"].method != b"CONNECT"

    async def atrace(self, event: str, info: Mapping[str, Any]) -> None:
        """Do as `trace` does, for the asynchronous side."""
        self.trace(event, info)

    def refuses_headers(self, cause: BaseException) -> bool:
        """Tell whether the parser gave up on a head: it says so with the status for that."""
        hint: object = getattr(cause, "error_status_hint", None)
        return hint == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE

    def refuses_to_write(self, error: Exception) -> bool:
        """Tell whether the client found a fault in the request itself."""
        return isinstance(error, self._client.library.LocalProtocolError)
