"""The asynchronous face: the same names, parameters and behaviour, awaited."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack
from uuid import uuid4

from leadgateway.adapter import Change, LeadQuery, Page, Receipt
from leadgateway.capabilities import Capabilities
from leadgateway.conduct import Clock
from leadgateway.config import Configuration
from leadgateway.drivers.choose import async_driver_for
from leadgateway.drivers.clock import SystemClock
from leadgateway.drivers.drive import adrive
from leadgateway.drivers.observed import ObservedAsyncDriver
from leadgateway.drivers.own import OwnAsyncDriver
from leadgateway.drivers.port import AsyncDriver
from leadgateway.drivers.token import AsyncToken
from leadgateway.exchange import Flow, Response
from leadgateway.lead import Lead
from leadgateway.mapping import FidelityReport
from leadgateway.opening import Opened, Opener
from leadgateway.plugins import Plugins
from leadgateway.records import ids_of
from leadgateway.session import Preview
from leadgateway.settings import Settings
from leadgateway.terms_of_call import Filters, WriteTerms, options, query
from leadgateway.walk import CursorTrail
from leadgateway.work import Job

T = TypeVar("T")

CONNECTIONS = 256
"""As many as anybody wants at once: each is made when it is needed and closed when it rests."""


class AsyncGateway:
    """Opens connections by name; holds the plugins and the configuration, and no connection.

    Settings come from the call, then from `environ`, then from the file `leadgateway.toml`.
    """

    def __init__(
        self,
        *,
        plugins: Plugins | None = None,
        environ: Mapping[str, str] | None = None,
        config_file: Path | None = None,
        clock: Clock | None = None,
        chance: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        environ = os.environ if environ is None else environ
        self.plugins = plugins or Plugins.installed(environ)
        self.configuration = Configuration.load(environ, config_file)
        self._opener = Opener(
            self.plugins, self.configuration, clock or SystemClock(), chance, lambda: str(uuid4())
        )
        self._sleep = sleep

    def connect(
        self, name: str, *, driver: AsyncDriver | None = None, **settings: Any
    ) -> AsyncConnection:
        """Return the connection `name`, which is a configured one or a vendor; sends nothing."""
        return AsyncConnection(self._opener.open(name, settings), driver=driver, sleep=self._sleep)

    def fidelity(self, source: str, target: str) -> FidelityReport:
        """Return what a move would keep, change, relocate or drop; no network."""
        return self._opener.fidelity(source, target)


class AsyncConnection:
    """One vendor's account; close it, or use it in an `async with` block of one event loop."""

    def __init__(
        self,
        opened: Opened,
        *,
        driver: AsyncDriver | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._opened = opened
        self._session = opened.session
        settings = opened.adapter.settings
        if driver is None:
            driver = OwnAsyncDriver(partial(async_driver_for, settings, CONNECTIONS))
        observer = opened.observer()
        self._driver = driver if observer is None else ObservedAsyncDriver(driver, observer)
        self._token = AsyncToken("token", settings.credential())
        self._sleep = sleep

    @property
    def name(self) -> str:
        """The connection's name."""
        return self._opened.name

    @property
    def vendor(self) -> str:
        """The vendor's name."""
        return self._session.vendor

    @property
    def capabilities(self) -> Capabilities:
        """What the vendor documents that it can do."""
        return self._opened.capabilities

    @property
    def settings(self) -> Settings:
        """What the connection was opened with; the token is never shown."""
        found: Settings = self._opened.adapter.settings
        return found

    @property
    def opened(self) -> Opened:
        """The parts this connection runs on."""
        return self._opened

    def list_leads(self, **filters: Unpack[Filters]) -> AsyncLeadListing:
        """Return the leads that match, page by page as you iterate; `.pages()` gives the pages.

        A filter that the vendor does not document is `Unsupported`, before anything is sent.
        """
        asked = query(filters)
        self._session.check_query(asked)
        return AsyncLeadListing(self, asked)

    def list_changes(self, *, since: datetime | None = None) -> AsyncIterator[Change]:
        """Return the vendor's record of changes, where it keeps one, page by page as you iterate.

        `since` is aware; a vendor without such a record is `Unsupported`.
        """
        self._session.check_changes(since)
        return self._changes(since)

    async def _changes(self, since: datetime | None) -> AsyncIterator[Change]:
        trail, cursor = CursorTrail(), None
        while True:
            page = await self.run(self._session.changes_page(since, cursor))
            for change in page.changes:
                yield change
            ids = [change.id for change in page.changes]
            cursor = trail.follow(page.next_cursor, page_was_empty=not page.changes, ids=ids)
            if cursor is None:
                return

    async def get_lead(self, lead_id: str) -> Lead:
        """Return one lead by the vendor's id."""
        return await self.run(self._session.get(lead_id))

    async def create_lead(
        self, lead: Lead, *, key: str | None = None, **terms: Unpack[WriteTerms]
    ) -> Receipt:
        """Create one lead; raises where it did not happen, or where nobody knows."""
        with self._opened.settling(lead) as settled:
            return settled(await self.run(self._session.create(lead, options(terms), key)))

    async def create_many(
        self, leads: Iterable[Lead], *, concurrency: int = 4, **terms: Unpack[WriteTerms]
    ) -> list[Receipt]:
        """Create many leads, in batches where the vendor has them; one receipt a lead, in order.

        An error on the way is in the receipts of the leads it befell, so that none is forgotten.
        Where the call itself is cut short, `leadgateway_leads_settled` hears of what was done.
        """
        given = list(leads)
        work = self._session.jobs(given, options(terms))
        gate = asyncio.Semaphore(max(1, concurrency))
        with self._opened.settling_each(given, work.settled) as receipts:

            async def do(job: Job) -> None:
                async with gate:
                    receipts.update(zip(job.indices, await self.run(job.flow()), strict=True))

            async with asyncio.TaskGroup() as group:
                for job in work.jobs:
                    group.create_task(do(job))
        return [receipts[place] for place in range(len(given))]

    async def update_lead(
        self,
        lead_id: str,
        lead: Lead,
        *,
        base: Lead | None = None,
        **terms: Unpack[WriteTerms],
    ) -> Receipt:
        """Write what `lead` knows and `base` does not say already; the rest is left alone."""
        with self._opened.settling(lead) as settled:
            return settled(
                await self.run(self._session.update(lead_id, lead, options(terms), base))
            )

    def preview(self, lead: Lead, **terms: Unpack[WriteTerms]) -> Preview:
        """Return the exact request that `create_lead` would send, and its losses; no network.

        A loss that nobody accepted is in `refused` and does not keep you from looking.
        """
        return self._session.preview(lead, options(terms))

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
    ) -> Response:
        """Send a request of your own to the connection's host, with its auth and its guards."""
        return await self.run(self._session.request(method, path, params, json))

    async def check(self) -> Mapping[str, Any]:
        """Find out whether the connection works, without writing; returns what it learnt."""
        return await self.run(self._session.check())

    async def run(self, flow: Flow[T], *, before_send: Callable[[], None] | None = None) -> T:
        """Drive a flow of the adapter over this connection.

        `before_send` is called right before each of its requests leaves; if it raises, that
        request does not leave.
        """
        return await adrive(
            self._opened.steps(flow),
            self._driver,
            self._token,
            sleep=self._sleep,
            before_send=before_send,
        )

    async def close(self) -> None:
        """Close every HTTP connection."""
        await self._driver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


class AsyncLeadListing:
    """The leads of one query; iterating again starts again."""

    def __init__(self, connection: AsyncConnection, asked: LeadQuery) -> None:
        self._connection = connection
        self._asked = asked

    async def __aiter__(self) -> AsyncIterator[Lead]:
        async for page in self.pages():
            for lead in page.leads:
                yield lead

    async def pages(self, cursor: str | None = None) -> AsyncIterator[Page]:
        """Yield the pages, from `cursor` on where one was kept."""
        trail = CursorTrail()
        cursor = trail.follow(cursor, page_was_empty=False)
        session = self._connection.opened.session
        while True:
            page = await self._connection.run(session.list_page(self._asked, cursor))
            yield page
            ids = ids_of(page.leads)
            cursor = trail.follow(page.next_cursor, page_was_empty=page.was_empty, ids=ids)
            if cursor is None:
                return


def aconnect(name: str, *, driver: AsyncDriver | None = None, **settings: Any) -> AsyncConnection:
    """Return a connection to `name`, a configured connection or a vendor; sends nothing yet."""
    return AsyncGateway().connect(name, driver=driver, **settings)
