"""Moves from Novala to MEGA or v1 by several programs, each checked for what it delivered."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from tests.benchmarks import arrivals, machine, paired
from tests.benchmarks.paired import Spread
from tests.benchmarks.programs import Failed, Program, Run, run
from tests.benchmarks.simulators import Account, both, opened

TARGETS = {"bulk": "mega", "single": "v1_leads"}
SATURATED = 0.9
"""From this share of the time on, the simulators are what is measured."""


@dataclass(frozen=True)
class Compared:
    """How we stand to a rival in the same rounds; over 1 we are faster."""

    wall: Spread
    """By the time of the move alone."""
    cpu: Spread
    whole_wall: Spread
    """By the time from the start of the first process to the end of the last."""
    whole_cpu: Spread
    whole: bool
    """Whole processes count, and not the moves alone."""
    sequential: bool
    """The rival sends one request after the other: that it waits is its own doing."""
    saturated: bool
    """The simulators were the rival's bottleneck: its wall time says little of itself."""

    @property
    def rate(self) -> float:
        """What a goal counts: wall time or, where a rival was kept waiting, CPU if that is less."""
        wall, cpu = (self.whole_wall, self.whole_cpu) if self.whole else (self.wall, self.cpu)
        if self.sequential and not self.saturated:
            return wall.median
        return min(wall.median, cpu.median)


@dataclass
class Track:
    """A source full of leads and an empty target, on which moves are run."""

    work: str
    leads: int
    source: Account
    target: Account
    journals: Path
    late: float = 0.0
    """So many seconds later every write is answered."""

    def once(self, program: Program, concurrency: int) -> Run:
        """Empty the target, move everything, and look whether everything is there."""
        self.empty()
        return self.again(program, concurrency)

    def again(self, program: Program, concurrency: int) -> Run:
        """Move everything to a target that may hold it already; nothing may be there twice."""
        found = run(program, self._asked(concurrency), (self.source, self.target))
        held = arrivals.held(self.work, self.target.leads())
        whole = (held & self._wanted).total()
        if (found.leads, held.total(), whole) != (self.leads,) * 3:
            raise Failed(
                f"{program.name} moved {found.leads} leads of {self.leads}; "
                f"{held.total()} are there, {whole} of them whole"
            )
        return found

    @cached_property
    def _wanted(self) -> Counter[int]:
        """What is to be at the target in the end."""
        return arrivals.wanted(self.work, self.source.leads())

    def _asked(self, concurrency: int) -> dict[str, Any]:
        """What every program is asked."""
        journal = str(self.journals / "journal.db")
        settings = both(self.source, self.target)
        return {**settings, "work": self.work, "concurrency": concurrency, "journal": journal}

    def empty(self) -> None:
        """Forget what was moved, here and there."""
        self.target.clear()
        if self.late:
            self.target.answer_late("POST", self.late)
        for left in self.journals.glob("journal.db*"):
            left.unlink()


@contextmanager
def track(work: str, leads: int, journals: Path | None = None) -> Iterator[Track]:
    """A track for this work, with journals on disk, in `journals` or the harness's own folder."""
    parent = journals or machine.HOME / "journals"
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        with opened("novala", leads) as source, opened(TARGETS[work]) as target:
            yield Track(work, leads, source, target, folder)
    finally:
        shutil.rmtree(folder)


@dataclass(frozen=True)
class Entrant:
    """A program in a race, under a label, with so many requests at a time."""

    label: str
    program: Program
    concurrency: int


def race(
    where: Track, entrants: Sequence[Entrant], count: int
) -> tuple[dict[str, list[Run]], dict[str, str]]:
    """Let them run in turn; returns the runs of each by label, and who failed with the reason."""
    failed: dict[str, str] = {}

    def run_of(entrant: Entrant) -> Run | None:
        if entrant.label in failed:
            return None
        try:
            return where.once(entrant.program, entrant.concurrency)
        except Failed as reason:
            failed[entrant.label] = str(reason)
            return None

    runs = paired.rounds({each.label: partial(run_of, each) for each in entrants}, count)
    kept = {
        label: [run for run in each if run is not None]
        for label, each in runs.items()
        if label not in failed
    }
    return kept, failed


def compared(ours: Sequence[Run], theirs: Sequence[Run], *, whole: bool) -> Compared:
    """Compare two of a race."""
    busy = [each.busy for each in theirs if each.busy is not None]
    figures: Sequence[Callable[[Run], float]] = (
        lambda each: each.leads / each.wall,
        lambda each: each.leads / each.cpu,
        lambda each: each.leads / each.whole_wall,
        lambda each: each.leads / each.whole_cpu,
    )
    return Compared(
        *(paired.ratios(ours, theirs, figure) for figure in figures),
        whole=whole,
        sequential=theirs[0].width == 1,
        saturated=bool(busy) and Spread.of(busy).median >= SATURATED,
    )
