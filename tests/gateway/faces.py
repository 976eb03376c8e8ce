"""The five faces of a connection, called one way; and simulators that tell what reached them."""

import asyncio
import inspect
import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack

from leadgateway.aio import AsyncGateway, AsyncLeadListing
from leadgateway.exchange import Request, Response
from leadgateway.gateway import Gateway
from leadgateway.simulator.serve import Running, in_thread
from leadgateway.simulator.simulator import Simulator
from leadgateway_apollo_space.simulator import ApolloSpaceSimulator
from leadgateway_mega.simulator import MegaSimulator
from leadgateway_novala.simulator import NovalaSimulator
from leadgateway_v1_leads.simulator import V1LeadsSimulator

FACES = [(mode, client) for mode in ("sync", "async") for client in ("httpx", "httpx2")]
FACES.append(("async", "aiohttp"))
SIMULATORS = {
    kind.vendor: kind
    for kind in (ApolloSpaceSimulator, MegaSimulator, NovalaSimulator, V1LeadsSimulator)
}

_DEMANDED = {"novala": {"fallback_source": "web_form"}}
"""What a vendor wants of every lead, which the leads of the tests do not say."""


class Site:
    """A vendor's simulator on loopback, its store, what it was asked, and its faults."""

    def __init__(self, simulator: Simulator, running: Running) -> None:
        self.simulator = simulator
        self.url = running.url
        self.settings = {**running.settings, **_DEMANDED.get(simulator.vendor, {})}

    @property
    def vendor(self) -> str:
        return self.simulator.vendor

    @property
    def rows(self) -> list[dict]:
        return list(self.simulator.tenant.leads)

    @property
    def ids(self) -> list[str]:
        return [row["id"] for row in self.rows]

    @property
    def asked(self) -> list[str]:
        """Every call so far, as `GET /path?query 200`."""
        return self._control("GET", "requests")["recent"]

    def fail(self, **fault: object) -> None:
        self._control("POST", "faults", fault)

    def _control(self, method: str, what: str, body: object = None) -> dict:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_simulator/{what}", data, method=method)  # noqa: S310  # loopback
        with urllib.request.urlopen(request) as answer:  # noqa: S310  # loopback
            return json.load(answer)


class Face:
    """Opens connections of one kind; the naps they would take are noted and not taken."""

    def __init__(self, mode: str, client: str) -> None:
        self.mode = mode
        self.client = client
        self.naps: list[float] = []
        self._stack = ExitStack()
        self._runner = self._stack.enter_context(asyncio.Runner()) if mode == "async" else None

    def gateway(self, **options):
        options = {"environ": {}, "chance": lambda: 0.5, "sleep": self._nap(), **options}
        return (Gateway if self._runner is None else AsyncGateway)(**options)

    def open(self, name, *, gateway=None, **settings):
        """Return a connection that is closed with the face."""
        connection = (gateway or self.gateway()).connect(name, client=self.client, **settings)
        looked_at = connection if self._runner is None else Awaited(connection, self._runner)
        self._stack.callback(looked_at.close)
        return looked_at

    def at(self, site: Site, **settings):
        return self.open(site.vendor, **{**site.settings, **settings})

    def token_callable(self, source):
        """Return `source` as the face's own kind of callable."""
        if self._runner is None:
            return source

        async def asynchronous():
            await asyncio.sleep(0)
            return source()

        return asynchronous

    def driver(self, script):
        """Return a driver of this face that answers by `script`, and never touches the wire."""
        return Scripted(script) if self._runner is None else AsyncScripted(script)

    def meeting(self, workers: int):
        """Return a driver that answers creates once `workers` of them are in flight."""
        return Meeting(workers) if self._runner is None else AsyncMeeting(workers)

    def _nap(self):
        if self._runner is None:
            return self.naps.append

        async def nap(seconds):
            self.naps.append(seconds)
            await asyncio.sleep(0)

        return nap

    def close(self) -> None:
        self._stack.close()


class Scripted:
    """A driver whose answers are a function of the request; an exception is raised."""

    def __init__(self, script) -> None:
        self.script = script
        self.sent: list[Request] = []
        self.closed = False

    def send(self, request: Request) -> Response:
        self.sent.append(request)
        answer = self.script(request)
        if isinstance(answer, Exception):
            raise answer
        status, body = answer
        return Response(status, (), json.dumps(body).encode(), request)

    def close(self) -> None:
        self.closed = True


class AsyncScripted(Scripted):
    async def send(self, request: Request) -> Response:
        await asyncio.sleep(0)
        return super().send(request)

    async def close(self) -> None:
        super().close()


class Meeting:
    """Answers a create when as many are in flight as were agreed; `most` is the highest number."""

    barrier = threading.Barrier

    def __init__(self, workers: int) -> None:
        self._together = self.barrier(workers)
        self._lock = threading.Lock()
        self._inside = 0
        self.most = 0

    def _count(self, change: int) -> None:
        with self._lock:
            self._inside += change
            self.most = max(self.most, self._inside)

    def _answer(self, request: Request) -> Response:
        self._count(-1)
        return Response(201, (), b'{"id": "made"}', request)

    def send(self, request: Request) -> Response:
        self._count(1)
        self._together.wait(10)
        return self._answer(request)

    def close(self) -> None:
        pass


class AsyncMeeting(Meeting):
    barrier = asyncio.Barrier

    async def send(self, request: Request) -> Response:
        self._count(1)
        async with asyncio.timeout(10):
            await self._together.wait()
        return self._answer(request)

    async def close(self) -> None:
        pass


class Awaited:
    """An async connection that is called as a sync one."""

    def __init__(self, connection, runner: asyncio.Runner) -> None:
        self._connection = connection
        self._runner = runner

    def __getattr__(self, name):
        found = getattr(self._connection, name)
        return self._called(found) if callable(found) else found

    def _called(self, method):
        def call(*args, **kwargs):
            result = method(*args, **kwargs)
            if inspect.iscoroutine(result):
                return self._runner.run(result)
            if isinstance(result, AsyncLeadListing):
                return AwaitedListing(result, self._runner)
            if inspect.isasyncgen(result):
                return iterated(result, self._runner)
            return result

        return call

    def __enter__(self):
        self._runner.run(self._enter())
        return self

    def __exit__(self, *trouble):
        self._runner.run(self._leave(*trouble))

    async def _enter(self):
        await self._connection.__aenter__()

    async def _leave(self, *trouble):
        await self._connection.__aexit__(*trouble)


class AwaitedListing:
    """An async listing that is iterated as a sync one."""

    def __init__(self, listing: AsyncLeadListing, runner: asyncio.Runner) -> None:
        self._listing = listing
        self._runner = runner

    def __iter__(self) -> Iterator:
        return iterated(self._listing, self._runner)

    def pages(self, cursor: str | None = None) -> Iterator:
        return iterated(self._listing.pages(cursor), self._runner)


def iterated(source, runner: asyncio.Runner) -> Iterator:
    iterator = aiter(source)

    async def step():
        return await anext(iterator)

    while True:
        try:
            yield runner.run(step())
        except StopAsyncIteration:
            return


def serve(stack: ExitStack, kind: type[Simulator], **options) -> Site:
    simulator = kind(rate_limits=False, **options)
    return Site(simulator, stack.enter_context(in_thread(simulator)))
