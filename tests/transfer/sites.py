"""Simulators over real HTTP, and connections to them, for migrations in the tests."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx
import orjson

from leadgateway.aio import AsyncConnection, AsyncGateway
from leadgateway.plugins import Plugins
from leadgateway.simulator.serve import Running, in_thread
from leadgateway_apollo_space.simulator import ApolloSpaceSimulator
from leadgateway_mega.simulator import MegaSimulator
from leadgateway_novala.simulator import NovalaSimulator
from leadgateway_v1_leads.simulator import V1LeadsSimulator

KINDS = {
    kind.vendor: kind
    for kind in (ApolloSpaceSimulator, MegaSimulator, NovalaSimulator, V1LeadsSimulator)
}


async def no_wait(_seconds: float) -> None:
    """Waits that take no time, so that retries can be watched."""


@dataclass
class Site:
    """A running simulator: its store, what it was asked, and what it does wrong."""

    vendor: str
    running: Running

    def load(self, *rows: dict) -> None:
        body = b"\n".join(map(orjson.dumps, rows))
        assert httpx.post(f"{self.running.url}/_simulator/leads", content=body).is_success

    def dump(self) -> list[dict]:
        text = httpx.get(f"{self.running.url}/_simulator/leads").text
        return [orjson.loads(line) for line in text.splitlines()]

    def asked(self, method: str | None = None) -> int:
        """How many requests of `method` came to the vendor's own paths."""
        counts = httpx.get(f"{self.running.url}/_simulator/requests").json()["counts"]
        return sum(row["count"] for row in counts if method in {None, row["method"]})

    def break_(self, **fault: object) -> None:
        answer = httpx.post(f"{self.running.url}/_simulator/faults", json=fault)
        assert answer.is_success, answer.text

    def mend(self) -> None:
        assert httpx.delete(f"{self.running.url}/_simulator/faults").is_success


class Sites:
    """Starts simulators, and opens connections to them on one event loop."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def start(self, vendor: str, leads: int = 0, seed: int = 5, **options: object) -> Site:
        simulator = KINDS[vendor](leads=leads, seed=seed, rate_limits=False, **options)
        return Site(vendor, self._stack.enter_context(in_thread(simulator)))

    @asynccontextmanager
    async def connected(
        self, *sites: Site, plugins: Plugins | None = None, sleep=no_wait, **terms: object
    ) -> AsyncIterator[list[AsyncConnection]]:
        """Connections to the sites; `terms` are settings of the last of them."""
        gateway = AsyncGateway(plugins=plugins, environ={}, sleep=sleep)
        opened = []
        for number, site in enumerate(sites):
            settings = {**site.running.settings, **(terms if site is sites[-1] else {})}
            opened.append(gateway.connect(f"{site.vendor}-{number}", **settings))
        try:
            yield opened
        finally:
            for connection in opened:
                await connection.close()
