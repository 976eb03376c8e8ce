"""A second job over the same leads: nothing has changed, so next to nothing should be done."""

from tests.benchmarks import contenders
from tests.benchmarks.effort import Effort
from tests.benchmarks.findings import Findings
from tests.benchmarks.moves import Track, compared, track
from tests.benchmarks.programs import Run, ours
from tests.benchmarks.race_tables import race_table, ratio_table
from tests.benchmarks.works.bulk import FLOOR, WIDTH

FIGURES = {
    "httpx async": "rate / httpx async moving all",
    "full pass": "rate / own full pass",
}


def measure(effort: Effort) -> Findings:
    """Move everything, then everything again, beside a bare loop that moves everything."""
    found = Findings()
    runs: dict[str, list[Run]] = {"re-sync": [], "full pass": [], "httpx async": []}
    with track("bulk", effort.bulk_leads, effort.journals) as where:
        for _ in range(effort.rounds):
            _round(where, runs)
    against = {name: compared(runs["re-sync"], runs[name], whole=effort.slow) for name in FIGURES}
    found.figures |= {figure: against[name].rate for name, figure in FIGURES.items()}
    title = f"Re-sync of {effort.bulk_leads:,} unchanged leads, {effort.rounds} rounds"
    found.tables += [race_table(title, runs), ratio_table("Re-sync against", against)]
    return found


def _round(where: Track, runs: dict[str, list[Run]]) -> None:
    runs["httpx async"].append(where.once(contenders.httpx_async(), FLOOR))
    runs["full pass"].append(where.once(ours(), WIDTH))
    runs["re-sync"].append(where.again(ours(job="again"), WIDTH))
