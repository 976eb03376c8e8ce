"""Paired runs: who is compared runs in turn, round for round, and only ratios of a round count."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

Name = TypeVar("Name")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Spread:
    """A median with the lowest and the highest value."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.median:.3g} [{self.lowest:.3g}-{self.highest:.3g}]"


def rounds(contenders: Mapping[Name, Callable[[], Result]], count: int) -> dict[Name, list[Result]]:
    """Run all of them `count` times, every second round in the opposite order."""
    found: dict[Name, list[Result]] = {name: [] for name in contenders}
    for number in range(count):
        order = list(contenders)
        for name in order if number % 2 == 0 else reversed(order):
            found[name].append(contenders[name]())
    return found


def ratios(
    ours: Sequence[Result], theirs: Sequence[Result], figure: Callable[[Result], float]
) -> Spread:
    """How many times `figure` of ours is that of theirs, round for round."""
    return Spread.of([figure(a) / figure(b) for a, b in zip(ours, theirs, strict=True)])
