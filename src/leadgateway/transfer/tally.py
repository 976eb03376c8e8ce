"""Counting leads by reason, with a few ids to look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Reasons, how many leads have each, and the ids of the first few of them."""

    samples: int = 3
    counts: Counter[str] = field(default_factory=Counter)
    ids: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, lead_id: str) -> None:
        """Count one lead under `reason`."""
        self.counts[reason] += 1
        known = self.ids.setdefault(reason, [])
        if len(known) < self.samples:
            known.append(lead_id)

    def rows(self) -> list[tuple[str, int, tuple[str, ...]]]:
        """Return reason, leads and sample ids, the most frequent first."""
        order = sorted(self.counts.items(), key=lambda row: (-row[1], row[0]))
        return [(reason, count, tuple(self.ids[reason])) for reason, count in order]
