"""Novala's list into v1's create, one lead a request: how the width and the distance tell."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tests.benchmarks import contenders
from tests.benchmarks.effort import Effort
from tests.benchmarks.environments import NotInstalled
from tests.benchmarks.findings import Findings, Table
from tests.benchmarks.moves import Compared, Entrant, Track, compared, race, track
from tests.benchmarks.paired import Spread, ratios
from tests.benchmarks.programs import Run, ours
from tests.benchmarks.race_tables import race_table, ratio_table

OURS, ASYNC, SYNC = "leadgateway c=16", "httpx async c=16", "httpx sync"
OVER_HTTPX = "leadgateway over httpx c=16"
FAST = f"leadgateway over {contenders.FAST} c=16"
LATE = 0.05
"""Seconds, as to a vendor that is far away."""
_FEW_TURNS = 10
"""The bare loop grows so slow with the width that it is measured on fewer leads."""


def measure(effort: Effort) -> Findings:
    """Race at no distance, then over a late line."""
    found = Findings()
    with track("single", effort.single_leads, effort.journals) as where:
        runs = _race(where, _entrants(effort, found), effort.rounds, found)
        peers = contenders.able(contenders.PEERS, effort, found)
        beside = _race(where, [Entrant(OURS, ours(), 16), *peers], effort.peer_rounds, found)
    _against(runs, beside, effort, found)
    wide = runs.get("leadgateway c=64")
    if wide and OURS in runs:
        pair = ratios(wide, runs[OURS], lambda each: each.rate)
        found.figures["rate c=64 / rate c=16"] = pair.median
    _late(effort, found)
    return found


def _race(
    where: Track, entrants: Sequence[Entrant], rounds: int, found: Findings
) -> dict[str, list[Run]]:
    runs, failed = race(where, entrants, rounds)
    found.missing |= {f"rate / {name}": reason for name, reason in failed.items()}
    if runs:
        beside = "the peers" if any(each in runs for each in contenders.PEERS) else "bare loops"
        title = f"Single creates beside {beside}: {where.leads:,} leads, {rounds} rounds"
        found.tables.append(race_table(title, runs))
    return runs


def _entrants(effort: Effort, found: Findings) -> list[Entrant]:
    widths = (1, 16, 64) if effort.slow else (16, 64)
    entrants = [Entrant(f"leadgateway c={width}", ours(), width) for width in widths]
    for name in ("httpx", "httpx2", contenders.FAST) if effort.slow else ("httpx", contenders.FAST):
        label = f"leadgateway over {name} c=16"
        try:
            entrants.append(Entrant(label, contenders.client(name), 16))
        except NotInstalled as reason:
            found.missing[label] = str(reason)
    bare = contenders.httpx_async()
    entrants += [
        Entrant(f"httpx async c={width}", bare, width)
        for width in widths
        if effort.slow or width == 16
    ]
    entrants.append(Entrant(SYNC, contenders.httpx_sync(), 1))
    if effort.slow:
        entrants += contenders.able({"requests": contenders.requests_loop}, effort, found)
    return entrants


def _against(
    runs: Mapping[str, Sequence[Run]],
    beside: Mapping[str, Sequence[Run]],
    effort: Effort,
    found: Findings,
) -> None:
    pairs = {
        "rate / httpx async, fast client": (FAST, ASYNC, runs),
        "rate / httpx sync, fast client": (FAST, SYNC, runs),
        "rate / httpx async, over httpx": (OVER_HTTPX, ASYNC, runs),
        **{f"rate / {name}": (OURS, name, beside) for name in contenders.PEERS},
    }
    against: dict[str, Compared] = {}
    for figure, (mine, theirs, within) in pairs.items():
        lacking = next((each for each in (mine, theirs) if each not in within), None)
        if lacking is None:
            against[figure] = compared(within[mine], within[theirs], whole=effort.slow)
        else:
            reason = found.missing.get(lacking) or found.missing.get(f"rate / {lacking}")
            found.missing[figure] = reason or f"{lacking} did not run"
    found.figures |= {figure: each.rate for figure, each in against.items()}
    found.tables.append(ratio_table("Single creates: leadgateway against", against))


def _late(effort: Effort, found: Findings) -> None:
    """At a distance nothing but the width counts: what a width could reach, and what it does."""
    rows: list[tuple[str, ...]] = []
    for width in (1, 16, 64, 256) if effort.slow else (64, 256):
        figure = f"50 ms late, c={width}: share of {width} / 50 ms"
        leads = min(width * effort.late_turns, effort.late_leads)
        with track("single", leads, effort.journals) as where:
            runs = _at_a_distance(where, Entrant(f"leadgateway c={width}", ours(), width), effort)
        if runs:
            found.figures[figure] = _share(runs, width).median
            rows.append(_row(f"leadgateway c={width}", runs, width))
        else:
            found.missing[figure] = "the move failed"
        if effort.slow:
            bare = Entrant(f"httpx async c={width}", contenders.httpx_async(), width)
            with track("single", width * _FEW_TURNS, effort.journals) as where:
                runs = _at_a_distance(where, bare, replace(effort, rounds=1))
            rows.append(_row(bare.label, runs, width) if runs else (bare.label, "failed", "", ""))
    header = ("", "leads", "leads/s", "share of what the width allows")
    found.tables.append(Table("Single creates, answers 50 ms late", header, rows))


def _at_a_distance(where: Track, entrant: Entrant, effort: Effort) -> list[Run]:
    where.late = LATE
    runs, _ = race(where, [entrant], effort.rounds)
    return runs.get(entrant.label, [])


def _share(runs: Sequence[Run], width: int) -> Spread:
    return Spread.of([run.rate * LATE / width for run in runs])


def _row(label: str, runs: Sequence[Run], width: int) -> tuple[str, ...]:
    rate = Spread.of([run.rate for run in runs]).median
    return label, f"{runs[0].leads:,}", f"{rate:,.0f}", str(_share(runs, width))
