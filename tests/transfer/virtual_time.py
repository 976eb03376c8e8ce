"""Moves in virtual time: an event loop that skips its waits, and simulators without a network."""

import asyncio
import selectors
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from leadgateway.aio import AsyncConnection, AsyncGateway
from leadgateway.drivers.heads import Heads
from leadgateway.exchange import Request, Response
from leadgateway.journal.sqlite import SQLiteDatabase
from leadgateway.journal.statements import NOW
from leadgateway.journal.store import SQLJournal
from leadgateway.simulator.messages import Call
from leadgateway.simulator.simulator import Simulator

T = TypeVar("T")

START = datetime(2031, 5, 6, 7, 8, 9, 250_000, tzinfo=UTC)
LOCAL = "http://127.0.0.1:9"


class _Skipping(selectors.DefaultSelector):
    """Lets the time that is to be waited pass at once."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        """Return what is ready, or let time pass; wait for real where nothing is to happen."""
        ready = super().select(0 if timeout is not None else None)
        if not ready and timeout:
            self.skipped += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop, and a `Clock` by its time."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        """Return the virtual seconds since the start."""
        return self._skipping.skipped

    def now(self) -> datetime:
        """Return the virtual time of day."""
        return START + timedelta(seconds=self.time())

    def monotonic(self) -> float:
        """Return virtual seconds since some moment."""
        return 5000.0 + self.time()


class Wire:
    """A driver to a simulator in the same process; `sent` says when each request left, and where.

    A request takes `travel` seconds at most to arrive and its answer `latency` seconds to return.
    """

    def __init__(
        self, simulator: Simulator, loop: VirtualLoop, *, travel: float = 0.1, latency: float = 0.05
    ) -> None:
        self._simulator, self._loop = simulator, loop
        self._roads, self._travel, self._latency = Random(3), travel, latency
        self.sent: list[tuple[float, str]] = []
        self.refused = 0

    async def send(self, request: Request) -> Response:
        """Let the simulator answer when the request has arrived."""
        self.sent.append((self._loop.time(), request.bucket))
        await asyncio.sleep(self._roads.uniform(0.0, self._travel))
        head = Heads().of(request)
        parts = urlsplit(head.address)
        call = Call(
            request.method, parts.path, parts.query, dict(head.headers), request.body or b"",
            self._loop.now(),
        )  # fmt: skip
        answer = self._simulator.answer(call, self._simulator.match(call))
        self.refused += answer.status == 429
        await asyncio.sleep(self._latency)
        told = tuple((name.lower(), value) for name, value in answer.headers)
        kind = ("content-type", "application/json"), ("content-length", str(len(answer.body)))
        return Response(answer.status, (*kind, *told), answer.body, request)

    async def close(self) -> None:
        """Close nothing."""


class _VirtualDatabase(SQLiteDatabase):
    """A file whose clock is the loop's."""

    def __init__(self, path: Path, loop: VirtualLoop) -> None:
        self._loop = loop
        super().__init__(path)

    def run(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one statement; that for the time is answered by the loop."""
        if statement == NOW:
            return [(self._loop.now().timestamp(),)]
        return super().run(statement, values)


class VirtualTime:
    """One virtual loop with connections on it; use it in a `with` block."""

    def __init__(self) -> None:
        self.loop = VirtualLoop()
        self._runner = asyncio.Runner(loop_factory=lambda: self.loop)
        self._gateway = AsyncGateway(environ={}, clock=self.loop, chance=Random(7).random)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_trouble: object) -> None:
        self._runner.close()
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` to its end, in no time."""
        return self._runner.run(work)

    def journal(self, folder: Path) -> SQLJournal:
        """Return a journal in `folder` that lives in the same time."""
        return SQLJournal(_VirtualDatabase(folder / "private" / "journal.db", self.loop))

    def connect(
        self, name: str, simulator: Simulator, wire: Wire, **settings: Any
    ) -> AsyncConnection:
        """Return a connection by `wire` to a simulator that counts by the same clock."""
        simulator.clock = self.loop.now
        known = {"base_url": LOCAL + simulator.base_path, "settle_seconds": 0, **settings}
        return self._gateway.connect(name, driver=wire, **{**simulator.settings, **known})
