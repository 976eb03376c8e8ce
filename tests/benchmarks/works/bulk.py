"""Novala's list into MEGA's bulk import, 500 leads a request."""

from tests.benchmarks import contenders
from tests.benchmarks.effort import Effort
from tests.benchmarks.findings import Findings
from tests.benchmarks.moves import Entrant, compared, race, track
from tests.benchmarks.programs import ours
from tests.benchmarks.race_tables import race_table, ratio_table

OURS = "leadgateway"
WIDTH = 8
"""The concurrency that a job has unless it is asked for another."""
FLOOR = 4
"""With more batches at a time the bare loop becomes no faster."""


def measure(effort: Effort) -> Findings:
    """Race the pipeline against the bare loops and the peers."""
    found = Findings()
    entrants = [
        Entrant(OURS, ours(), WIDTH),
        Entrant("httpx async", contenders.httpx_async(), FLOOR),
        Entrant("httpx sync", contenders.httpx_sync(), 1),
    ]
    if effort.slow:
        entrants += contenders.able({"requests": contenders.requests_loop}, effort, found)
        entrants += contenders.clients(WIDTH, found)
    entrants += contenders.able(contenders.PEERS, effort, found)
    with track("bulk", effort.bulk_leads, effort.journals) as where:
        runs, failed = race(where, entrants, effort.rounds)
    for name, reason in failed.items():
        found.lacks([f"rate / {name}"], reason)
    mine = runs.get(OURS)
    if mine is None:
        found.lacks([f"rate / {name}" for name in runs], failed[OURS])
        return found
    against = {
        name: compared(mine, each, whole=effort.slow) for name, each in runs.items() if name != OURS
    }
    found.figures |= {f"rate / {name}": each.rate for name, each in against.items()}
    title = f"Bulk: {effort.bulk_leads:,} leads, {effort.rounds} rounds"
    found.tables += [race_table(title, runs), ratio_table("Bulk: leadgateway against", against)]
    return found
