"""How much of each documented quota is used, in virtual time; run as a program, it prints that.

The real meters and flows send to the real simulators, which count by a virtual clock. Each bucket
is filled through single requests and through whole moves, and the moves are compared with the time
that their plans foretell.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.transfer.virtual_time import VirtualTime, Wire

from leadgateway.aio import AsyncConnection
from leadgateway.capabilities import Window
from leadgateway.errors import RateLimited
from leadgateway.lead import Lead
from leadgateway.mapping import LENIENT
from leadgateway.simulator.simulator import Simulator
from leadgateway.transfer import JobOptions, plan, run_job
from leadgateway.transfer.quotas import shared_quotas
from leadgateway_mega.simulator import MegaSimulator
from leadgateway_novala.simulator import NovalaSimulator
from leadgateway_v1_leads.simulator import V1LeadsSimulator

SHARE = "least used bucket: share of its quota"
REFUSED = "answers of 429"
FORETOLD = "plan's duration: largest error"

WORKERS = 16
IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - every file has a folder of its own
Send = Callable[[AsyncConnection], Awaitable[object]]


def measured() -> dict[str, float | str]:
    """Return the figures by the names that the goals know, then what they were made of, as text."""
    found: dict[str, float | str] = {SHARE: 1.0, REFUSED: 0, FORETOLD: 0.0}
    fills = {
        "MEGA, 60 a minute": (MegaSimulator, "default", 961, _list),
        "MEGA, 1,000 an hour": (MegaSimulator, "default", 2001, _list),
        "MEGA, 10 batches a minute": (MegaSimulator, "bulk", 201, _batch),
        "v1_leads, 60 a minute with a burst of 120": (V1LeadsSimulator, "default", 1500, _list),
    }
    for name, (vendor, bucket, requests, send) in fills.items():
        share, refused = filled(vendor(), bucket, requests, send)
        _note(found, name, share=share, refused=refused)
    for processes in (2, 5):
        share, refused = filled(V1LeadsSimulator(), "default", 700, _list, processes)
        _note(found, f"v1_leads, {processes} processes", share=share, refused=refused)
    moves = {
        "move into v1_leads": (NovalaSimulator(leads=400, rate_limits=False), V1LeadsSimulator()),
        "move out of v1_leads, whole leads": (V1LeadsSimulator(leads=400), MegaSimulator()),
        "move out of MEGA and into another": (MegaSimulator(leads=6_050), MegaSimulator(seed=1)),
    }
    for name, (source, target) in moves.items():
        error, refused = moved(source, target)
        _note(found, name, error=error, refused=refused)
    return found


def filled(
    simulator: Simulator, bucket: str, requests: int, send: Send, processes: int = 1
) -> tuple[float, int]:
    """Send so many requests as fast as the meters allow; return the share used, and the 429.

    Every process has a meter of its own, and shares the account by a journal.
    """
    with VirtualTime() as time, TemporaryDirectory(dir=IN_MEMORY) as folder:
        journal = time.journal(Path(folder))
        wire = Wire(simulator, time.loop)
        accounts = [time.connect(f"process {n}", simulator, wire) for n in range(processes)]
        left = iter(range(requests))

        async def work(connection: AsyncConnection) -> None:
            for _ in left:
                while (limited := await _limit(send(connection))) is not None:  # noqa: ASYNC110 - time is what is waited for
                    await asyncio.sleep((limited - time.loop.now()).total_seconds())

        async def all_of_them() -> None:
            with shared_quotas(journal, *accounts):
                await asyncio.gather(*(work(accounts[n % processes]) for n in range(WORKERS)))

        time.run(all_of_them())
        journal.close()
        last = max(at for at, each in wire.sent if each == bucket)
        windows = accounts[0].capabilities.rate_plan.buckets[bucket]
        return max(_soonest(window, requests) for window in windows) / last, wire.refused


async def _limit(sending: Awaitable[object]) -> datetime | None:
    """Send, or return until when to wait: for more than a quarter of an hour nobody sleeps."""
    try:
        await sending
    except RateLimited as limited:
        return limited.retry_at
    return None


def moved(source: Simulator, target: Simulator) -> tuple[float, int]:
    """Plan a move and make it; return by what share the plan's time was wrong, and the 429."""
    with VirtualTime() as time, TemporaryDirectory(dir=IN_MEMORY) as folder:
        journal = time.journal(Path(folder))
        here, there = (
            Wire(each, time.loop, travel=0.01, latency=0.005) for each in (source, target)
        )
        ours = time.connect("here", source, here, rate_limits=source.rate_limits)
        theirs = time.connect("there", target, there)
        foretold = time.run(plan(ours, theirs)).seconds
        began = time.loop.time()
        time.run(run_job(ours, theirs, journal, "job", JobOptions(policy=LENIENT)))
        journal.close()
        last = max(at for wire in (here, there) for at, _ in wire.sent)
        return abs(foretold / (last - began) - 1), here.refused + there.refused


def _soonest(window: Window, requests: int) -> float:
    """Return when the last of so many requests may be sent at the earliest by the document."""
    if window.burst is not None:
        return (requests - window.burst) * window.seconds / window.limit
    return (requests - 1) // window.limit * window.seconds


async def _list(connection: AsyncConnection) -> object:
    return await anext(connection.list_leads(page_size=1).pages())


async def _batch(connection: AsyncConnection) -> object:
    return await connection.create_many([Lead(name="Ada Example", email="ada@example.org")])


def _note(
    found: dict[str, float | str],
    name: str,
    *,
    refused: int,
    share: float | None = None,
    error: float | None = None,
) -> None:
    found[REFUSED] = float(found[REFUSED]) + refused
    if share is not None:
        found[SHARE] = min(float(found[SHARE]), share)
        found[name] = f"{share:.2%} of the quota used, {refused} refused"
    if error is not None:
        found[FORETOLD] = max(float(found[FORETOLD]), error)
        found[name] = f"foretold within {error:.2%}, {refused} refused"


if __name__ == "__main__":
    for figure, value in measured().items():
        print(f"{figure}: {value}")  # noqa: T201 - a program
