"""The demo's programme: what it shows, and when it is content."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from leadgateway.cli import render
from leadgateway.cli.invocation import Invocation
from leadgateway.cli.matrix import described, matrix
from leadgateway.cli.render import Screen
from leadgateway.cli.ring import Hop, Station, stations, travel
from leadgateway.cli.showing import reasons_json, show_losses, show_tally
from leadgateway.cli.signals import heeding
from leadgateway.errors import LeadGatewayError
from leadgateway.journal import RowState
from leadgateway.journal.opening import open_journal
from leadgateway.transfer.plan import Plan

_ENDS = [state for state in RowState if state not in {RowState.PENDING, RowState.INTENT}]


async def demonstrate(invocation: Invocation, leads: int, seed: int, screen: Screen) -> int:
    """Start the simulators, travel around the ring, and sum up; returns the exit code."""
    journey = asyncio.current_task()
    assert journey is not None  # noqa: S101  # this coroutine is run by a task
    with heeding(journey.cancel) as heard:
        try:
            with stations(invocation.plugins, leads=leads, seed=seed, warn=render.warn) as ring:
                able = {stop.vendor: stop.connection.capabilities for stop in ring}
                screen.line(
                    f"Simulators over HTTP on this machine, {leads} leads each, seed {seed}."
                )
                screen.line("Their rate limits are off: the real vendors' would make you wait.")
                for stop in ring:
                    terms = json.dumps(dict(stop.terms)) if stop.terms else "nothing"
                    screen.line(f"- {stop.vendor} at {stop.url}, asked for besides: {terms}")
                screen.heading("What each vendor can do:")
                screen.table(*matrix(able))
                hops = await _around(ring, leads, screen)
        except (asyncio.CancelledError, LeadGatewayError):
            if heard.exit_code is None:
                raise
            render.failure("stopped", "")
            return heard.exit_code
    sound = all(hop.is_sound for hop in hops)
    _sum_up(hops, screen)
    screen.result(
        {
            "leads": leads,
            "seed": seed,
            "rate_limits": False,
            "vendors": [described(name, c) for name, c in able.items()],
            "terms": {stop.vendor: dict(stop.terms) for stop in ring},
            "hops": [_json(hop) for hop in hops],
            "ok": sound,
        }
    )
    return 0 if sound else 1


async def _around(ring: Sequence[Station], leads: int, screen: Screen) -> list[Hop]:
    def announce(found: Plan) -> None:
        looked_at = found.extent.looked_at
        screen.heading(
            f"{way}: {looked_at} leads. What is narrowed or dropped is accepted by name:"
        )
        show_losses(screen, found.losses, samples=1)
        if found.unmappable.counts:
            screen.line("What cannot go:")
            show_tally(screen, "reason", found.unmappable)

    hops = []
    with TemporaryDirectory() as folder:
        journal = open_journal(Path(folder) / "journal.db")
        try:
            for stop, following in zip(ring, (*ring[1:], ring[0]), strict=True):
                way = f"{stop.vendor} -> {following.vendor}"
                with screen.progress(way, leads) as advance:
                    hops.append(
                        await travel(
                            stop.connection, following.connection, journal,
                            limit=leads, announce=announce, progress=advance,
                        )
                    )  # fmt: skip
        finally:
            journal.close()
            for stop in ring:
                await stop.connection.close()
    return hops


def _sum_up(hops: Sequence[Hop], screen: Screen) -> None:
    screen.heading("The journey:")
    screen.table(
        ("hop", "read", *_ENDS, "found again", "differ", "seconds"),
        [
            (
                f"{hop.source} -> {hop.target}",
                hop.certificate.leads,
                *(hop.certificate.outcomes[state] for state in _ENDS),
                f"{hop.verification.found} of {hop.verification.expected}",
                hop.verification.faults.counts.total(),
                f"{hop.seconds:.1f}",
            )
            for hop in hops
        ],
    )
    for hop in hops:
        way = f"{hop.source} -> {hop.target}"
        for state, tally in sorted(hop.certificate.reasons.items()):
            screen.heading(f"{way}: why leads are {state.value}:")
            show_tally(screen, "reason", tally)
        if hop.verification.faults.counts:
            screen.heading(f"{way}: what differs without notice:")
            show_tally(screen, "field", hop.verification.faults)
    if all(hop.is_sound for hop in hops):
        screen.heading("Every lead is accounted for, and nothing differs without notice.")
    else:
        render.failure("some leads are not accounted for, or differ without notice", "")


def _json(hop: Hop) -> dict[str, Any]:
    found = hop.verification
    return {
        "source": hop.source,
        "target": hop.target,
        "read": hop.certificate.leads,
        "counts": {state.value: hop.certificate.outcomes[state] for state in _ENDS},
        "losses": hop.certificate.losses.rows(),
        "cannot_go": reasons_json(hop.found.unmappable),
        "accepted": list(hop.found.to_accept()),
        "read_back": {
            "expected": found.expected,
            "found": found.found,
            "differing": dict(found.faults.counts),
        },
        "digest": hop.certificate.digest,
        "seconds": round(hop.seconds, 3),
        "ok": hop.is_sound,
    }
