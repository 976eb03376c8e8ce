"""How much of each documented quota is used, in virtual time; run as a program, it prints that.

The real meters and flows send to the real simulators, which count by a virtual clock. Each bucket
is filled through single requests and through whole moves, and the moves are compared with the time
that their plans foretell.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.transfer.virtual_time import VirtualTime

from leadgateway.aio import AsyncConnection
from leadgateway.capabilities import Window
from leadgateway.errors import RateLimited
from leadgateway.lead import Lead
from leadgateway.mapping import LENIENT
from leadgateway.simulator.simulator import Simulator
from leadgateway.transfer import JobOptions, plan, run_job
from leadgateway_mega.simulator import MegaSimulator
from leadgateway_novala.simulator import NovalaSimulator
from leadgateway_v1_leads.simulator import V1LeadsSimulator

SHARE = "least used bucket: share of its quota"
REFUSED = "answers of 429"
FORETOLD = "plan's duration: largest error"

WORKERS = 16
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
        share, refused = filled(vendor(rate_limits=True), bucket, requests, send)
        _note(found, name, share=share, refused=refused)
    moves = {
        "move into v1_leads": (NovalaSimulator(leads=400, rate_limits=False), V1LeadsSimulator()),
        "move into MEGA": (MegaSimulator(leads=10_100, rate_limits=False), MegaSimulator()),
        "move out of v1_leads, whole": (V1LeadsSimulator(leads=400), MegaSimulator()),
        "move out of MEGA": (MegaSimulator(leads=6_050), NovalaSimulator(rate_limits=False)),
    }
    for name, (source, target) in moves.items():
        error, refused = moved(source, target)
        _note(found, name, error=error, refused=refused)
    return found


def filled(simulator: Simulator, bucket: str, requests: int, send: Send) -> tuple[float, int]:
    """Send so many requests as fast as the meter lets them; return the share used, and the 429."""
    with VirtualTime() as time:
        connection, wire = time.connect("account", simulator)
        left = iter(range(requests))

        async def work() -> None:
            for _ in left:
                while True:
                    try:
                        await send(connection)
                        break
                    except RateLimited as limited:  # a wait of more than a quarter of an hour
                        assert limited.retry_at is not None
                        rest = limited.retry_at - time.loop.now()
                        await asyncio.sleep(rest.total_seconds())

        async def all_of_them() -> None:
            await asyncio.gather(*(work() for _ in range(WORKERS)))

        time.run(all_of_them())
        last = max(at for at, each in wire.sent if each == bucket)
        windows = connection.capabilities.rate_plan.buckets[bucket]
        return max(_soonest(window, requests) for window in windows) / last, wire.refused


def moved(source: Simulator, target: Simulator) -> tuple[float, int]:
    """Plan a move and make it; return by what share the plan's time was wrong, and the 429."""
    with VirtualTime() as time, TemporaryDirectory() as folder:
        journal = time.journal(Path(folder))
        ours, here = time.connect("here", source, rate_limits=source.rate_limits)
        theirs, there = time.connect("there", target, **_terms(target))
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


def _terms(target: Simulator) -> dict[str, object]:
    novala = {"fallback_source": "import", "name_placeholder": "-"}
    return {"rate_limits": target.rate_limits, **(novala if target.vendor == "novala" else {})}


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
