"""The synchronous face: open connections, then list, get, create, update and move leads."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from inspect import iscoroutinefunction
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack
from uuid import uuid4

from leadgateway.adapter import Change, LeadQuery, Page, Receipt
from leadgateway.capabilities import Capabilities
from leadgateway.conduct import Clock
from leadgateway.config import Configuration
from leadgateway.drivers.choose import driver_for
from leadgateway.drivers.clock import SystemClock
from leadgateway.drivers.drive import drive
from leadgateway.drivers.observed import ObservedDriver
from leadgateway.drivers.own import OwnDriver
from leadgateway.drivers.port import Driver
from leadgateway.drivers.token import Token
from leadgateway.errors import ConfigError
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

CONNECTIONS = 10


class Gateway:
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
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        environ = os.environ if environ is None else environ
        self.plugins = plugins or Plugins.installed(environ)
        self.configuration = Configuration.load(environ, config_file)
        self._opener = Opener(
            self.plugins, self.configuration, clock or SystemClock(), chance, lambda: str(uuid4())
        )
        self._sleep = sleep

    def connect(self, name: str, *, driver: Driver | None = None, **settings: Any) -> Connection:
        """Return the connection `name`, which is a configured one or a vendor; sends nothing."""
        return Connection(self._opener.open(name, settings), driver=driver, sleep=self._sleep)

    def fidelity(self, source: str, target: str) -> FidelityReport:
        """Return what a move would keep, change, relocate or drop; no network."""
        return self._opener.fidelity(source, target)


class Connection:
    """One vendor's account; close it, or use it in a `with` block. Safe to share by threads."""

    def __init__(
        self,
        opened: Opened,
        *,
        driver: Driver | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._opened = opened
        self._session = opened.session
        settings = opened.adapter.settings
        if driver is None:
            driver = OwnDriver(partial(driver_for, settings, CONNECTIONS))
        observer = opened.observer()
        self._driver = driver if observer is None else ObservedDriver(driver, observer)
        credential = settings.credential()
        if iscoroutinefunction(credential):
            raise ConfigError("token: an async callable is for async connections.")
        self._token = Token("token", credential)
        self._lock = threading.Lock()
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

    def list_leads(self, **filters: Unpack[Filters]) -> LeadListing:
        """Return the leads that match, page by page as you iterate; `.pages()` gives the pages.

        A filter that the vendor does not document is `Unsupported`, before anything is sent.
        """
        asked = query(filters)
        self._session.check_query(asked)
        return LeadListing(self, asked)

    def list_changes(self, *, since: datetime | None = None) -> Iterator[Change]:
        """Return the vendor's record of changes, where it keeps one, page by page as you iterate.

        `since` is aware; a vendor without such a record is `Unsupported`.
        """
        self._session.check_changes(since)
        return self._changes(since)

    def _changes(self, since: datetime | None) -> Iterator[Change]:
        trail, cursor = CursorTrail(), None
        while True:
            page = self.run(self._session.changes_page(since, cursor))
            yield from page.changes
            ids = [change.id for change in page.changes]
            cursor = trail.follow(page.next_cursor, page_was_empty=not page.changes, ids=ids)
            if cursor is None:
                return

    def get_lead(self, lead_id: str) -> Lead:
        """Return one lead by the vendor's id."""
        return self.run(self._session.get(lead_id))

    def create_lead(
        self, lead: Lead, *, key: str | None = None, **terms: Unpack[WriteTerms]
    ) -> Receipt:
        """Create one lead; raises where it did not happen, or where nobody knows."""
        with self._opened.settling(lead) as settled:
            return settled(self.run(self._session.create(lead, options(terms), key)))

    def create_many(
        self, leads: Iterable[Lead], *, concurrency: int = 4, **terms: Unpack[WriteTerms]
    ) -> list[Receipt]:
        """Create many leads, in batches where the vendor has them; one receipt a lead, in order.

        An error on the way is in the receipts of the leads it befell, so that none is forgotten.
        Where the call itself is cut short, `leadgateway_leads_settled` hears of what was done.
        """
        given = list(leads)
        work = self._session.jobs(given, options(terms))
        with (
            self._opened.settling_each(given, work.settled) as receipts,
            ThreadPoolExecutor(max_workers=max(1, concurrency)) as pool,
        ):

            def do(job: Job) -> None:
                receipts.update(zip(job.indices, self.run(job.flow()), strict=True))

            list(pool.map(do, work.jobs))
        return [receipts[place] for place in range(len(given))]

    def update_lead(
        self,
        lead_id: str,
        lead: Lead,
        *,
        base: Lead | None = None,
        **terms: Unpack[WriteTerms],
    ) -> Receipt:
        """Write what `lead` knows and `base` does not say already; the rest is left alone."""
        with self._opened.settling(lead) as settled:
            return settled(self.run(self._session.update(lead_id, lead, options(terms), base)))

    def preview(self, lead: Lead, **terms: Unpack[WriteTerms]) -> Preview:
        """Return the exact request that `create_lead` would send, and its losses; no network.

        A loss that nobody accepted is in `refused` and does not keep you from looking.
        """
        return self._session.preview(lead, options(terms))

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
    ) -> Response:
        """Send a request of your own to the connection's host, with its auth and its guards."""
        return self.run(self._session.request(method, path, params, json))

    def check(self) -> Mapping[str, Any]:
        """Find out whether the connection works, without writing; returns what it learnt."""
        return self.run(self._session.check())

    def run(self, flow: Flow[T], *, before_send: Callable[[], None] | None = None) -> T:
        """Drive a flow of the adapter over this connection.

        `before_send` is called right before each of its requests leaves; if it raises, that
        request does not leave.
        """
        return drive(
            self._opened.steps(flow),
            self._driver,
            self._token,
            lock=self._lock,
            sleep=self._sleep,
            before_send=before_send,
        )

    def close(self) -> None:
        """Close every HTTP connection."""
        self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class LeadListing:
    """The leads of one query; iterating again starts again."""

    def __init__(self, connection: Connection, asked: LeadQuery) -> None:
        self._connection = connection
        self._asked = asked

    def __iter__(self) -> Iterator[Lead]:
        for page in self.pages():
            yield from page.leads

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        """Yield the pages, from `cursor` on where one was kept."""
        trail = CursorTrail()
        cursor = trail.follow(cursor, page_was_empty=False)
        session = self._connection.opened.session
        while True:
            page = self._connection.run(session.list_page(self._asked, cursor))
            yield page
            ids = ids_of(page.leads)
            cursor = trail.follow(page.next_cursor, page_was_empty=page.was_empty, ids=ids)
            if cursor is None:
                return


def connect(name: str, *, driver: Driver | None = None, **settings: Any) -> Connection:
    """Return a connection to `name`, a configured connection or a vendor; sends nothing yet."""
    return Gateway().connect(name, driver=driver, **settings)


def fidelity(source: str, target: str) -> FidelityReport:
    """Return what a move from `source` to `target` would keep, change, relocate or drop."""
    return Gateway().fidelity(source, target)
