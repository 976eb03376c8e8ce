"""The peak of resident memory: ours for few and for many leads, and the rivals'."""

from collections.abc import Callable, Mapping

from tests.benchmarks import contenders
from tests.benchmarks.effort import Effort
from tests.benchmarks.findings import Findings, Table
from tests.benchmarks.goals import CLAUSES
from tests.benchmarks.moves import Entrant, race, track
from tests.benchmarks.programs import Program, ours
from tests.benchmarks.race_tables import MIB
from tests.benchmarks.works.bulk import FLOOR, OURS, WIDTH


def measure(effort: Effort) -> Findings:
    """Measure each once: a peak hardly varies."""
    found = Findings()
    few, many = effort.memory_leads
    peaks: dict[tuple[str, int], int] = {}
    for leads in (few, many):
        entrants = [Entrant(OURS, ours(), WIDTH)]
        if leads == many:
            entrants.append(Entrant("httpx async", contenders.httpx_async(), FLOOR))
            entrants += contenders.able(_peers(effort), effort, found)
        with track("bulk", leads, effort.journals) as where:
            runs, failed = race(where, entrants, 1)
        peaks |= {(name, leads): each[0].peak for name, each in runs.items()}
        found.missing |= {f"peak / {name}": reason for name, reason in failed.items()}
    _compare(peaks, few, many, found)
    rows = [
        (name, f"{leads:,}", f"{peak / MIB:.0f}")
        for (name, leads), peak in sorted(peaks.items(), key=lambda each: each[1])
    ]
    found.tables.append(Table("Peak memory of the largest process", ("", "leads", "MiB"), rows))
    return found


def _peers(effort: Effort) -> Mapping[str, Callable[[Effort], Program]]:
    """Those that a goal names; a full run measures the others too."""
    named = {each.figure for each in CLAUSES if each.work == "memory"}
    return {
        name: make
        for name, make in contenders.PEERS.items()
        if effort.slow or f"peak / {name}" in named
    }


def _compare(peaks: dict[tuple[str, int], int], few: int, many: int, found: Findings) -> None:
    mine = peaks.get((OURS, many))
    if mine is None:
        return
    if (OURS, few) in peaks:
        found.figures["peak of many leads / peak of few"] = mine / peaks[OURS, few]
    for (name, leads), peak in peaks.items():
        if name != OURS and leads == many:
            found.figures[f"peak / {name}"] = mine / peak
