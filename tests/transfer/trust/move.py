"""A move between two simulators on loopback: their connections, a journal, and one event loop."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path

from tests.transfer.trust.cabinet import CabinetPlugin

from leadgateway.aio import AsyncGateway
from leadgateway.drivers.httpx import AsyncHttpxDriver
from leadgateway.exchange import Effect
from leadgateway.journal import open_journal
from leadgateway.mapping import LENIENT
from leadgateway.plugins import Plugins
from leadgateway.simulator.serve import in_thread
from leadgateway.simulator.simulator import Simulator
from leadgateway.transfer.plan import plan
from leadgateway.transfer.run import JobOptions, run_job
from leadgateway.transfer.undo import undo
from leadgateway.transfer.verify import verify

MAPPED = {"novala": {"fallback_source": "import", "name_placeholder": "-"}}
"""What a target wants of every lead, which not every lead has."""


class ReadOnly:
    """A driver that sends nothing which could write; `sent` is what it was given."""

    def __init__(self) -> None:
        self._driver = AsyncHttpxDriver("httpx", deadline=30.0, proxy=None, connections=4)
        self.sent = []

    async def send(self, request):
        self.sent.append(request)
        assert request.effect is Effect.READ, f"{request!r} would write"
        return await self._driver.send(request)

    async def close(self):
        await self._driver.close()


class Move:
    """`source` to `target`, each a simulator; close it, or use it in a `with` block."""

    def __init__(
        self,
        source: Simulator,
        target: Simulator,
        folder: Path,
        *,
        plugin: object = None,
        drivers: tuple = (None, None),
        rate_limits: bool = False,
        source_settings: dict | None = None,
        **settings,
    ) -> None:
        self._stack = ExitStack()
        self._runner = self._stack.enter_context(asyncio.Runner())
        self.source_site, self.target_site = source, target
        plugins = Plugins.installed({})
        plugins.register(CabinetPlugin, "cabinet")
        if plugin is not None:
            plugins.register(plugin, "of this test")
        gateway = AsyncGateway(environ={}, plugins=plugins, sleep=_at_once)
        self.journal = open_journal(folder / "private" / "journal.db")
        self._stack.callback(self.journal.close)
        mine = MAPPED.get(target.vendor, {}) | {"rate_limits": rate_limits} | settings
        self.source = self._connect(gateway, "here", source, drivers[0], source_settings or {})
        self.target = self._connect(gateway, "there", target, drivers[1], mine)

    def _connect(self, gateway, name, site, driver, settings):
        running = self._stack.enter_context(in_thread(site))
        known = {**running.settings, "rate_limits": False, "settle_seconds": 0} | settings

        async def open_it():
            return gateway.connect(name, driver=driver, **known)

        connection = self.run(open_it())
        self._stack.callback(lambda: self.run(connection.close()))
        return connection

    def run(self, work):
        return self._runner.run(work)

    def plan(self, **options):
        return self.run(plan(self.source, self.target, **options))

    def migrate(self, job="job", **options):
        chosen = JobOptions(**{"policy": LENIENT, **options})
        return self.run(run_job(self.source, self.target, self.journal, job, chosen))

    def verify(self, job="job"):
        return self.run(verify(self.target, self.journal, job))

    def undo(self, job="job", **options):
        return self.run(undo(self.target, self.journal, job, **options))

    def rows(self, job="job"):
        return list(self.journal.rows(job))

    def targets(self, job="job"):
        """The id at the target by the id at the source."""
        return {row.source_id: row.target_id for row in self.rows(job)}

    def __enter__(self):
        return self

    def __exit__(self, *trouble):
        self._stack.close()


async def _at_once(_seconds):
    await asyncio.sleep(0)


def lossy(losses):
    """The counts of a `LossCount` that a strict policy would stop on."""
    return {key: leads for key, leads in losses.counts.items() if key[1].is_lossy}
