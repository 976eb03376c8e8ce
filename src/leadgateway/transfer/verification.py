"""What reading a target back found, as a value and as the text that the journal keeps of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadgateway.mapping import LossCount
from leadgateway.taxonomy import Fidelity
from leadgateway.transfer.tally import Tally

_NUMBERS = ("expected", "found", "compared", "merged", "purged", "superseded")
_TALLIES = ("missing", "spared", "faults")
_COUNTERS = ("agreeing", "lost")


@dataclass
class Verification:
    """What reading back found: every field of every lead that a job wrote agrees, or why not.

    `expected` leads are in the journal as arrived. Of those `found`, the `merged` ones share a lead
    at the target, whose values are the vendor's choice, the `superseded` ones were written again by
    another job since, and the `purged` ones left nothing to compare with; the others are
    `compared`. Leads that a target without merging created as one are among the `missing`.
    `agreeing` and `lost` count fields: those in `spared` agree although a loss was announced, those
    that are lost differ as was `announced`, and `faults` are those that differ otherwise.
    """

    job: str
    expected: int = 0
    found: int = 0
    compared: int = 0
    merged: int = 0
    purged: int = 0
    superseded: int = 0
    missing: Tally = field(default_factory=Tally)
    agreeing: Counter[str] = field(default_factory=Counter)
    spared: Tally = field(default_factory=Tally)
    lost: Counter[str] = field(default_factory=Counter)
    announced: LossCount = field(default_factory=LossCount)
    faults: Tally = field(default_factory=Tally)

    @property
    def holds(self) -> bool:
        """Whether everything is there, and nothing differs that was not announced."""
        return self.expected == self.found and not self.faults.counts

    @property
    def paths(self) -> tuple[str, ...]:
        """The fields that some lead was compared in, sorted."""
        return tuple(sorted({*self.agreeing, *self.lost, *self.faults.counts}))

    def text(self) -> str:
        """Return all of it as the text that `verification_of` takes."""
        held = {
            **{name: getattr(self, name) for name in (*_NUMBERS, *_COUNTERS)},
            **{name: getattr(self, name).rows() for name in _TALLIES},
            "announced": self.announced.rows(),
        }
        return json.dumps(held, sort_keys=True)


def verification_of(job: str, text: str) -> Verification:
    """Return what `Verification.text` said of `job`."""
    held: Mapping[str, Any] = json.loads(text)
    values: dict[str, Any] = {name: held.get(name, 0) for name in _NUMBERS}
    values |= {name: Counter(held[name]) for name in _COUNTERS}
    values |= {name: _tally(held[name]) for name in _TALLIES}
    found = Verification(job, **values)
    for row in held["announced"]:
        key = (row["path"], Fidelity(row["fidelity"]), row["reason"])
        found.announced.counts[key] = row["leads"]
        found.announced.ids[key] = row["samples"]
    return found


def _tally(rows: list[tuple[str, int, list[str]]]) -> Tally:
    found = Tally()
    for reason, leads, samples in rows:
        found.counts[reason], found.ids[reason] = leads, list(samples)
    return found
