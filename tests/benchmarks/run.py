"""Measure the pipeline against its floors, its peers and its own goals, in ratios of one run.

    python tests/benchmarks/run.py [--quick] [--only WORK ...] [--json] [--rounds N] [--share X]
        [--journals FOLDER] [--no-install] [--save FILE] [--write-page FILE]

`--quick` moves a tenth of the leads. `--json` prints one JSON object last: each goal with what it
asks for, what was measured, and whether it holds. `--share` moves that share of the leads. What the
rivals need is installed into environments of their own under `$LEADGATEWAY_BENCH_HOME`, unless
`--no-install`; `--journals` is the folder of the measured journals, on a real disk. `--save` keeps
what was found as JSON; `--write-page` measures nothing and writes what was kept into the
documentation.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks import machine, page
from tests.benchmarks.effort import FULL, QUICK, Effort
from tests.benchmarks.findings import Findings
from tests.benchmarks.goals import CLAUSES, Verdict, verdicts
from tests.benchmarks.programs import Failed
from tests.benchmarks.works import (
    bulk,
    journal_share,
    memory,
    normalise,
    quota,
    resync,
    single,
    startup,
)

WORKS: dict[str, Callable[[Effort], Findings]] = {
    "bulk": bulk.measure,
    "single": single.measure,
    "re-sync": resync.measure,
    "normalise": normalise.measure,
    "start-up": startup.measure,
    "memory": memory.measure,
    "journal": journal_share.measure,
    "quota": quota.measure,
}


def main() -> int:
    """Run what was asked for; 0 when every goal that was measured holds."""
    asked = _arguments()
    if asked.write_page is not None:
        page.write(json.loads(asked.write_page.read_text("utf-8")))
        return 0
    say(f"{machine.described()}; pipeline and simulators on cores {machine.cores()}")
    found: dict[str, Findings] = {}
    for name in asked.only:
        began = time.monotonic()
        found[name] = attempted(name, _effort(asked))
        show(found[name])
        say(f"{name}: {time.monotonic() - began:.0f} s")
    judged = verdicts(found)
    for goal, verdict in judged.items():
        say(line(goal, verdict))
    if asked.save is not None:
        asked.save.write_text(json.dumps(page.kept(found, _effort(asked)), indent=1), "utf-8")
    if asked.json:
        say(json.dumps({goal: each.as_json() for goal, each in judged.items()}))
    return 0 if all(each.holds for each in judged.values()) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", choices=WORKS, default=list(WORKS), metavar="WORK")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--journals", type=Path)
    parser.add_argument("--no-install", action="store_true")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--write-page", type=Path)
    return parser.parse_args()


def _effort(asked: argparse.Namespace) -> Effort:
    effort = (QUICK if asked.quick else FULL).smaller(asked.share)
    return replace(
        effort,
        journals=asked.journals,
        only_installed=asked.no_install,
        rounds=asked.rounds or effort.rounds,
        peer_rounds=min(asked.rounds or effort.rounds, effort.peer_rounds),
    )


def attempted(name: str, effort: Effort) -> Findings:
    """What a work found; nothing but the reason where the pipeline itself did not come through."""
    try:
        return WORKS[name](effort)
    except Failed as reason:
        found = Findings()
        found.lacks([each.figure for each in CLAUSES if each.work == name], str(reason))
        return found


def show(found: Findings) -> None:
    """Print the tables and the notes of one work."""
    for table in found.tables:
        say(f"\n{table.title}\n{table.plain()}\n")
    for note in found.notes:
        say(note)
    for name, reason in found.missing.items():
        say(f"not measured: {name}: {reason}")


def line(goal: str, verdict: Verdict) -> str:
    """A verdict in one line."""
    figures = "; ".join(f"{name} = {value}" for name, value in verdict.measured.items())
    return f"{goal} {'holds' if verdict.holds else 'MISSED'}: {figures}"


def say(text: str) -> None:
    """Tell whoever waits."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
