"""A job between two simulators over real loopback HTTP, with a proxy before each of them.

Waiting costs nothing: `Time` moves on when somebody sleeps, for us and for the simulators.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.services.fault_proxy import FaultProxy

from leadgateway.aio import AsyncGateway
from leadgateway.errors import LeadGatewayError
from leadgateway.journal import JobRecord, RowRecord
from leadgateway.journal.sqlite import SQLiteDatabase
from leadgateway.journal.store import SQLJournal
from leadgateway.mapping import LENIENT
from leadgateway.plugins import Plugins
from leadgateway.simulator.serve import in_thread
from leadgateway.transfer.run import EXIT_CODES, JobOptions, run_job

JOB = "job"
NOVALA = {"fallback_source": "import", "name_placeholder": "-"}
WRITING = {"novala": NOVALA}
"""What each vendor must be told before anything can be written to it."""


class Time:
    """The system's clocks, moved on by everybody who sleeps."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    async def sleep(self, seconds: float) -> None:
        wake = self.monotonic() + seconds
        self.slept.append(seconds)
        await asyncio.sleep(0)
        self.ahead += max(0.0, wake - self.monotonic())


@dataclass(frozen=True)
class Ended:
    """How one run of the job ended, and where its rows stood then."""

    record: JobRecord | None
    error: LeadGatewayError | None
    rows: tuple[RowRecord, ...]

    @property
    def exit_code(self) -> int:
        if self.error is not None:
            return self.error.exit_code
        assert self.record is not None
        return EXIT_CODES[self.record.state]

    @property
    def counts(self) -> Counter[str]:
        return Counter(str(row.state) for row in self.rows)


class World:
    """Two vendors, the wires to them, and a journal; `run` begins the job or goes on with it."""

    def __init__(self, stack: ExitStack, folder: Path, source: str, target: str) -> None:
        self.time = Time()
        self.plugins = Plugins.installed({})
        kinds = self.plugins.simulators()
        self.source, self.target = (
            kinds[vendor](rate_limits=False, clock=self.time.now) for vendor in (source, target)
        )
        self.ends = {}
        for name, simulator in (("from", self.source), ("to", self.target)):
            running = stack.enter_context(in_thread(simulator))
            proxy = FaultProxy(running.settings["base_url"], clock=self.time.monotonic)
            self.ends[name] = (running, stack.enter_context(proxy))
        self.from_wire, self.wire = (self.ends[name][1] for name in ("from", "to"))
        self.settings: dict[str, dict[str, Any]] = {"from": {}, "to": dict(WRITING.get(target, {}))}
        self.path = folder / "journal" / "journal.db"
        self.lease_seconds = 60.0

    def load(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put leads into the source."""
        self.source.load(rows)

    def journal(self) -> SQLJournal:
        """Open the journal, as a process of its own would."""
        return SQLJournal(SQLiteDatabase(self.path), lease_seconds=self.lease_seconds)

    def gateway(self) -> AsyncGateway:
        return AsyncGateway(
            plugins=self.plugins, environ={}, clock=self.time, chance=lambda: 0.5,
            sleep=self.time.sleep,
        )  # fmt: skip

    def connect(self, gateway: AsyncGateway, name: str) -> Any:
        running, proxy = self.ends[name]
        settings = {**running.settings, "base_url": proxy.url, "rate_limits": False}
        return gateway.connect(name, **{**settings, **self.settings[name]})

    def run(self, job: str = JOB, **options: Any) -> Ended:
        """Run the job until it ends, one way or the other."""
        return asyncio.run(self.arun(job, **options))

    async def arun(self, job: str = JOB, **options: Any) -> Ended:
        gateway = self.gateway()
        source, target = self.connect(gateway, "from"), self.connect(gateway, "to")
        given = {"policy": LENIENT, "concurrency": 3, "sleep": self.time.sleep, **options}
        journal = self.journal()
        record = error = None
        try:
            record = await run_job(source, target, journal, job, JobOptions(**given))
        except LeadGatewayError as raised:
            error = raised
        finally:
            rows = tuple(journal.rows(job))
            journal.close()
            await source.close()
            await target.close()
        return Ended(record, error, rows)

    def arrived(self) -> Counter[str]:
        """Return how often each e-mail address is at the target."""
        keys = ("email", "contact_email")
        found = (next(row[key] for key in keys if key in row) for row in self.target.tenant.leads)
        return Counter(found)

    def lose(self, *ids: str) -> None:
        """Let leads vanish at the target, by somebody else's hand."""
        leads = self.target.tenant.leads
        kept = [row for row in leads if row["id"] not in ids]
        leads.clear()
        for row in kept:
            leads.put(row)

    def tell(self, statement: str, *values: Any) -> list[Any]:
        """Run a statement of our own on the journal's file: an accident, or a look inside."""
        database = SQLiteDatabase(self.path)
        try:
            connection = database._connection
            return connection.execute(statement, values).fetchall()
        finally:
            database.close()


def email(number: int) -> str:
    return f"lead{number}@example.com"


def mega_row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "contact_name": f"Lead Number {number}", "contact_email": email(number),
        "contact_phone": f"+1415555{number:04}", "source_platform": "google_ads", **more,
    }  # fmt: skip


def novala_row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "firstName": "Lead", "lastName": f"Number {number}", "email": email(number),
        "phone": f"+1415555{number:04}", **more,
    }  # fmt: skip


ROWS = {"mega": mega_row, "novala": novala_row}


def once_each(count: int) -> Counter[str]:
    """Return what must be at the target: each of `count` leads once."""
    return Counter(email(number) for number in range(count))


def without(adapter: Any, monkeypatch: Any, **changed: Any) -> None:
    """Let an adapter declare something else of its vendor for one test."""
    monkeypatch.setattr(adapter, "capabilities", replace(adapter.capabilities, **changed))
