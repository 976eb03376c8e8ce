"""Novala's list into MEGA's bulk import, 500 leads a request."""

from collections.abc import Sequence

from tests.benchmarks import contenders
from tests.benchmarks.effort import Effort
from tests.benchmarks.findings import Findings
from tests.benchmarks.moves import Compared, Entrant, Track, compared, race, track
from tests.benchmarks.programs import Failed, ours
from tests.benchmarks.race_tables import race_table, ratio_table

OURS = "leadgateway"
WIDTH = 8
"""The concurrency that a job has unless it is asked for another."""
FLOOR = 4
"""With more batches at a time the bare loop becomes no faster."""


def measure(effort: Effort) -> Findings:
    """Race the pipeline against the bare loops, and against the peers."""
    found = Findings()
    mine = Entrant(OURS, ours(), WIDTH)
    entrants = [
        mine,
        Entrant("httpx async", contenders.httpx_async(), FLOOR),
        Entrant("httpx sync", contenders.httpx_sync(), 1),
    ]
    if effort.slow:
        entrants += contenders.able({"requests": contenders.requests_loop}, effort, found)
    peers = [mine, *contenders.able(contenders.PEERS, effort, found)]
    with track("bulk", effort.bulk_leads, effort.journals) as where:
        against = {
            **_race(where, entrants, effort.rounds, effort, found),
            **_race(where, peers, effort.peer_rounds, effort, found),
        }
    found.figures |= {f"rate / {name}": each.rate for name, each in against.items()}
    found.tables.append(ratio_table("Bulk: leadgateway against", against))
    return found


def _race(
    where: Track, entrants: Sequence[Entrant], rounds: int, effort: Effort, found: Findings
) -> dict[str, Compared]:
    runs, failed = race(where, entrants, rounds)
    if OURS in failed:
        raise Failed(failed[OURS])
    for name, reason in failed.items():
        found.lacks([f"rate / {name}"], reason)
    beside = "the peers" if any(each in runs for each in contenders.PEERS) else "bare loops"
    title = f"Bulk beside {beside}: {where.leads:,} leads, {rounds} rounds"
    found.tables.append(race_table(title, runs))
    return {
        name: compared(runs[OURS], each, whole=effort.slow)
        for name, each in runs.items()
        if name != OURS
    }
