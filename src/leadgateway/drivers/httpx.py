"""Drivers over httpx, or over httpx2, which offers the same interface.

They use the client's transports, not its `Client`: no cookies, redirects, proxies or credentials
from the environment, decoding or logging happen that a guard would have to undo.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from importlib import import_module
from ssl import SSLCertVerificationError, SSLContext
from typing import Any

from leadgateway.drivers.deadline import Deadline, DeadlineBackend
from leadgateway.drivers.guards import (
    CONNECT_DEADLINE,
    DEADLINE,
    MAX_BODY,
    Body,
    Breach,
    exchange,
    head,
    interrupted,
    written,
)
from leadgateway.errors import ConfigError, VendorError
from leadgateway.exchange import Interrupted, Request, Response
from leadgateway.safety import split_url

_CORES = {"httpx": "httpcore", "httpx2": "httpcore2"}
_IDLE_SECONDS = 3.0
"""Many servers hang up after 5 idle seconds: a write must not meet a closing connection."""


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
        self._deadline = Deadline()
        options = self._client.options(proxy, connections, tls)
        self._transport = self._client.library.HTTPTransport(**options)
        pool = self._transport._pool  # noqa: SLF001 - the transport takes no network backend itself
        pool._network_backend = DeadlineBackend(pool._network_backend, self._deadline)  # noqa: SLF001 - likewise

    def send(self, request: Request) -> Response:
        """Return the complete answer to `request` within the deadline."""
        address, headers = written(request)
        steps = exchange(request, address)
        with self._deadline.within(self._client.deadline):
            address = next(steps)
            while True:
                response = self._ask(_Exchange(self._client, request, address, headers))
                try:
                    address = steps.send(response)
                except StopIteration as done:
                    answer: Response = done.value
                    return answer

    def _ask(self, asked: _Exchange) -> Response:
        try:
            answer = self._transport.handle_request(asked.wire(asked.trace))
            try:
                body = asked.open(answer)
                for raw in answer.iter_raw():
                    body.feed(raw)
                return asked.response(body)
            finally:
                answer.close()
        except Exception as error:  # noqa: BLE001 - the client raises more than its own errors
            failure = asked.failure(error)
        raise failure

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()


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
        options = self._client.options(proxy, connections, tls)
        self._transport = self._client.library.AsyncHTTPTransport(**options)

    async def send(self, request: Request) -> Response:
        """Return the complete answer to `request` within the deadline."""
        address, headers = written(request)
        steps = exchange(request, address)
        asked = _Exchange(self._client, request, next(steps), headers)
        try:
            async with asyncio.timeout(self._client.deadline):
                while True:
                    response = await self._ask(asked)
                    try:
                        address = steps.send(response)
                    except StopIteration as done:
                        answer: Response = done.value
                        return answer
                    asked = _Exchange(self._client, request, address, headers)
        except TimeoutError as error:
            failure = asked.failure(error)
        raise failure

    async def _ask(self, asked: _Exchange) -> Response:
        try:
            answer = await self._transport.handle_async_request(asked.wire(asked.atrace))
            try:
                body = asked.open(answer)
                async for raw in answer.aiter_raw():
                    body.feed(raw)
                return asked.response(body)
            finally:
                await answer.aclose()
        except Exception as error:  # noqa: BLE001 - the client raises more than its own errors
            failure = asked.failure(error)
        raise failure

    async def close(self) -> None:
        """Close every connection."""
        await self._transport.aclose()


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

    def options(
        self, proxy: str | None, connections: int, tls: SSLContext | None
    ) -> Mapping[str, Any]:
        """Return what a transport is made with; nothing comes from the environment."""
        if proxy is not None and split_url(proxy) is None:
            raise ConfigError("The option proxy is no plain http or https address.")
        return {
            "verify": tls or _trust(self.name),
            "trust_env": False,
            "proxy": proxy,
            "limits": self.library.Limits(
                max_connections=connections,
                max_keepalive_connections=connections,
                keepalive_expiry=_IDLE_SECONDS,
            ),
        }


@cache
def _trust(name: str) -> SSLContext:
    """Return the one context that every driver verifies certificates by: it costs 20 ms to make."""
    context: SSLContext = import_module(name).create_ssl_context(trust_env=False)
    return context


class _Exchange:
    """One request on its way to one address, and how far it came."""

    def __init__(
        self,
        client: _Client,
        request: Request,
        address: str,
        headers: tuple[tuple[str, str], ...],
    ) -> None:
        self._client = client
        self._request = request
        self._address = address
        self._headers = headers
        self._written = False
        self._sent = False
        self._status: int | None = None
        self._head: tuple[tuple[str, str], ...] = ()

    def wire(self, trace: Any) -> Any:
        """Return the request as the client wants it, with the time each phase may take.

        What precedes sending gets half the deadline: a write that leaves late ends in doubt.
        """
        seconds = self._client.deadline
        wire = self._client.library.Request(
            self._request.method,
            self._address,
            headers=list(self._headers),
            content=self._request.body,
            extensions={
                "timeout": {
                    "connect": min(CONNECT_DEADLINE, seconds / 2),
                    "read": seconds,
                    "write": seconds,
                    "pool": seconds / 2,
                },
                "trace": trace,
            },
        )
        self._written = True
        return wire

    def trace(self, event: str, _info: object) -> None:
        """Note that the request begins to leave: from here on it may have been executed."""
        if event.endswith("send_request_headers.started"):
            self._sent = True

    async def atrace(self, event: str, info: object) -> None:
        """Do as `trace` does, for the asynchronous side."""
        self.trace(event, info)

    def open(self, answer: Any) -> Body:
        """Take the answer's head and return where its body goes."""
        self._status = answer.status_code
        self._head = head(answer.headers.raw)
        return Body(self._head, self._client.max_body)

    def response(self, body: Body) -> Response:
        """Return the complete answer."""
        assert self._status is not None  # noqa: S101 - set with the head, before any body
        return Response(self._status, self._head, body.finish(), self._request)

    def failure(self, error: Exception) -> Interrupted | VendorError | ConfigError:
        """Return what an error of the client means; nothing of it is kept but its kind."""
        if isinstance(error, Breach):
            return self._request.unreadable(str(error), status=self._status)
        causes = list(_causes(error))
        if any(_refuses_headers(cause) for cause in causes):
            return self._request.unreadable("its headers are too large")
        if any(isinstance(cause, SSLCertVerificationError) for cause in causes):
            return Interrupted("the host's certificate does not verify", sent=False)
        if not self._written or isinstance(error, self._client.library.LocalProtocolError):
            return ConfigError(f"The request cannot be written ({type(error).__name__}).")
        return interrupted(error, sent=self._sent, deadline=self._client.deadline)


def _refuses_headers(cause: BaseException) -> bool:
    """Tell whether the parser gave up on a head: it says so with the status for that."""
    hint: object = getattr(cause, "error_status_hint", None)
    return hint == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE


def _causes(error: BaseException | None) -> list[BaseException]:
    causes: list[BaseException] = []
    while error is not None and error not in causes:
        causes.append(error)
        error = error.__cause__ or error.__context__
    return causes
