"""Scenarios performed: against a simulator, a live vendor, or the cassette they left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from tests.cassettes import tape
from tests.cassettes.clock import EXCHANGE, RealClock, VirtualClock
from tests.cassettes.endings import (
    Ending,
    acollect,
    alike,
    brief,
    collect,
    described,
    failed,
    matches,
)
from tests.cassettes.scenario import SEED, Scenario
from tests.cassettes.scrubbing import LiveScrubber, Scrubber, identities, key
from tests.cassettes.tape import Tape
from tests.cassettes.wire import AsyncRoadDriver, Road, RoadDriver

from leadgateway.aio import AsyncConnection
from leadgateway.config import Configuration
from leadgateway.drivers.httpx import AsyncHttpxDriver, HttpxDriver
from leadgateway.errors import LeadGatewayError
from leadgateway.gateway import Connection
from leadgateway.opening import Opened, Opener
from leadgateway.plugins import Plugins
from leadgateway.simulator.serve import Running, in_thread

CHANCE = 0.5
NOWHERE = "http://127.0.0.1:9"
SIMULATED = "recorded from leadgateway's own simulator of"
LIVE = "recorded live"

plugins = cache(Plugins.installed)


class Unexpected(AssertionError):
    """A scenario that did not end as its table, or its cassette, says."""


def simulator(scenario: Scenario, clock: VirtualClock) -> Any:
    """Return the vendor's simulator as the scenario wants it."""
    kind = plugins().simulators()[scenario.vendor]
    return kind(leads=scenario.leads, seed=SEED, clock=clock.now, **scenario.simulator)


def record(scenario: Scenario) -> Tape:
    """Perform the scenario against its simulator and return what goes into the file."""
    clock = VirtualClock()
    staged = simulator(scenario, clock)
    scrubber = Scrubber.of_simulator(staged)
    if scenario.before is not None:
        scenario.before(staged, clock.now() + EXCHANGE)
    with in_thread(staged) as running:
        for fault in scenario.faults:
            httpx.post(f"{running.url}/_simulator/faults", json=fault).raise_for_status()
        opened = _open(scenario, staged, running, clock)
        with tape.recording(scrubber) as cassette:
            ending = scrubber.value(perform(scenario, opened, clock))
    check(scenario, ending)
    origin = f"{SIMULATED} {scenario.vendor}, seed {SEED}"
    return _tape(scenario, origin, opened, ending, tape.interactions(cassette))


def record_live(scenario: Scenario, environ: Mapping[str, str]) -> Tape:
    """Perform the scenario on the account that `LEADGATEWAY_LIVE_<VENDOR>_...` name."""
    clock = RealClock()
    new_key: Callable[[], str] = lambda: scrubber.key(str(uuid4()))  # noqa: E731 - the scrubber needs the settings first
    opener = Opener(plugins(), Configuration({}, environ), clock, lambda: CHANCE, new_key)
    opened = opener.open(f"live_{scenario.vendor}", {"vendor": scenario.vendor})
    settings = opened.adapter.settings
    credential = settings.credential()
    assert isinstance(credential, str), "a variable of the environment is text"
    names = {credential: "[credential]", **identities(dict(settings))}
    scrubber = LiveScrubber(scenario.vendor, names)
    with tape.recording(scrubber) as cassette:
        ending = perform(scenario, opened, clock, reads_only=scenario.live != "write")
    ending = scrubber.value(ending)
    check(scenario, ending, live=True)
    origin = f"{LIVE} from {opened.capabilities.title}, personal data replaced"
    return _tape(scenario, origin, opened, ending, tape.interactions(cassette))


def replay(scenario: Scenario, root: Path, *, asynchronous: bool, client: str) -> None:
    """Perform the scenario against its cassette alone; it must end as it did when recorded."""
    path = root / scenario.path
    recorded = tape.read(path)
    clock = VirtualClock()
    staged = simulator(scenario, clock)
    scrubber = Scrubber.of_simulator(staged)
    # The answers on the cassette name the account by placeholders, so the settings have to as well.
    settings = {**scrubber.value(dict(staged.settings)), "base_url": NOWHERE + staged.base_path}
    running = Running(NOWHERE, settings)
    opened = _open(scenario, staged, running, clock)
    with tape.replaying(path, scrubber) as cassette:
        ending = perform(scenario, opened, clock, asynchronous=asynchronous, client=client)
    ending = scrubber.value(ending)
    live = is_live(recorded)
    if live:
        ending.pop("waited", None)
    if ending != recorded["outcome"]:
        raise Unexpected(f"{scenario.path} ended with {ending}, not with {recorded['outcome']}")
    if cassette.play_count != len(cassette):
        raise Unexpected(f"{scenario.path} holds an exchange that was never asked for")
    check(scenario, ending, live=live)


def is_live(recorded: Tape) -> bool:
    """Tell whether a cassette was recorded from a live vendor."""
    origin: str = recorded["provenance"]["origin"]
    return origin.startswith(LIVE)


def check(scenario: Scenario, ending: Ending, *, live: bool = False) -> None:
    """Raise unless the scenario ended as its table says, or in that kind on a live account."""
    if not (alike if live else matches)(ending, scenario.ends):
        got = brief(ending)
        raise Unexpected(f"{scenario.path} ended with {got!r}, not with {scenario.ends!r}")


def perform(
    scenario: Scenario,
    opened: Opened,
    clock: VirtualClock,
    *,
    asynchronous: bool = False,
    client: str = "httpx",
    reads_only: bool = False,
) -> Ending:
    """Make the scenario's call on a connection and return how it ended."""
    road = Road(clock, scenario.tampered, reads_only)
    try:
        if asynchronous:
            result = asyncio.run(_acall(scenario, opened, clock, road, client))
        else:
            driver = RoadDriver(HttpxDriver(client), road)
            with Connection(opened, driver=driver, sleep=clock.sleep) as connection:
                result = collect(scenario.call(connection))
        ending = described(result)
    except LeadGatewayError as error:
        ending = failed(error, clock)
    return {**ending, "waited": clock.waited} if clock.waited else ending


async def _acall(
    scenario: Scenario, opened: Opened, clock: VirtualClock, road: Road, client: str
) -> Any:
    driver = AsyncRoadDriver(AsyncHttpxDriver(client), road)
    async with AsyncConnection(opened, driver=driver, sleep=clock.asleep) as connection:
        return await acollect(scenario.call(connection))


def _open(scenario: Scenario, staged: Any, running: Running, clock: VirtualClock) -> Opened:
    keys = map(key, count(1))
    opener = Opener(plugins(), Configuration({}, {}), clock, lambda: CHANCE, lambda: next(keys))
    settings = dict(running.settings)
    if scenario.settings is not None:
        settings |= scenario.settings(staged)
    return opener.open(scenario.vendor, settings)


def _tape(
    scenario: Scenario, origin: str, opened: Opened, ending: Ending, exchanges: list[Any]
) -> Tape:
    return {
        "provenance": {
            "origin": origin,
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "documents": opened.capabilities.documents,
            "version": f"leadgateway {version('leadgateway')}",
        },
        "scenario": {"operation": scenario.operation, "shows": list(scenario.shows)},
        "outcome": ending,
        "interactions": exchanges,
        "version": tape.FORMAT,
    }
