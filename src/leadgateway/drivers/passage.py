"""One request on its way to one address, whatever the HTTP client, and what ends it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable
from ssl import SSLCertVerificationError
from typing import TypeVar

from leadgateway.drivers.guards import Body, Breach, exchange, head, interrupted
from leadgateway.drivers.heads import Head, Heads
from leadgateway.drivers.timekeeper import Timekeeper
from leadgateway.errors import ConfigError, VendorError
from leadgateway.exchange import Interrupted, Request, Response

P = TypeVar("P", bound="Passage")

_WITH_A_BODY = frozenset({"POST", "PUT", "PATCH"})


class Passage(ABC):
    """How far a request came; a client's module says how its errors are to be read."""

    __slots__ = ("_head", "_status", "address", "head", "request", "sent", "writable")

    def __init__(self, request: Request, address: str, head: Head) -> None:
        self.request = request
        self.address = address
        self.head = head
        self.writable = False
        """Whether the client could write the request; it turns true before anything is sent."""
        self.sent = False
        """Whether the request began to leave: from there on it may have been executed."""
        self._status: int | None = None
        self._head: tuple[tuple[str, str], ...] = ()

    @property
    def says_length(self) -> bool:
        """Whether the request says how long its body is: always where there may be one."""
        return bool(self.request.body) or self.request.method in _WITH_A_BODY

    def open(self, status: int, raw: Iterable[tuple[bytes, bytes]], limit: int) -> Body:
        """Take the answer's head and return where its body goes."""
        self._status = status
        self._head = head(raw)
        return Body(self._head, limit)

    def response(self, body: Body) -> Response:
        """Return the complete answer."""
        assert self._status is not None  # noqa: S101 - set with the head, before any body
        return Response(self._status, self._head, body.finish(), self.request)

    def failure(self, error: Exception, seconds: float) -> Interrupted | VendorError | ConfigError:
        """Return what an error of the client means; nothing of it is kept but its kind."""
        if isinstance(error, Breach):
            return self.request.unreadable(str(error), status=self._status)
        causes = _causes(error)
        if any(self.refuses_headers(cause) for cause in causes):
            return self.request.unreadable("its headers are too large")
        if any(isinstance(cause, SSLCertVerificationError) for cause in causes):
            return Interrupted("the host's certificate does not verify", sent=False)
        if not self.writable or self.refuses_to_write(error):
            return ConfigError(f"The request cannot be written ({type(error).__name__}).")
        return interrupted(error, sent=self.sent, deadline=seconds)

    @abstractmethod
    def refuses_headers(self, cause: BaseException) -> bool:
        """Tell whether the client gave up on a head for its size."""

    def refuses_to_write(self, error: Exception) -> bool:
        """Tell whether the client found a fault in the request itself."""
        return False


async def travel(
    request: Request,
    heads: Heads,
    timekeeper: Timekeeper,
    set_out: Callable[[Request, str, Head], P],
    ask: Callable[[P], Awaitable[Response]],
) -> Response:
    """Ask `request`, and what its redirects lead to, all within one limit of time."""
    head = heads.of(request)
    steps = exchange(request, head.address)
    passage = set_out(request, next(steps), head)
    try:
        with timekeeper.limit():
            while True:
                response = await ask(passage)
                try:
                    address = steps.send(response)
                except StopIteration as done:
                    answer: Response = done.value
                    return answer
                passage = set_out(request, address, head)
    except TimeoutError as error:
        failure = passage.failure(error, timekeeper.seconds)
    raise failure


def _causes(error: BaseException | None) -> list[BaseException]:
    causes: list[BaseException] = []
    while error is not None and error not in causes:
        causes.append(error)
        error = error.__cause__ or error.__context__
    return causes
