"""How much is measured: all of it, or as much as fits into a few minutes."""

from dataclasses import dataclass, field, replace
from pathlib import Path


@dataclass(frozen=True)
class Effort:
    """The sizes of every work."""

    bulk_leads: int
    single_leads: int
    late_turns: int
    """Over a late line, so many creates for each request that may be in flight."""
    late_leads: int
    """But no more than so many."""
    rounds: int
    peer_rounds: int
    """The peers take their time: a quick run asks them once."""
    memory_leads: tuple[int, int]
    values: int
    """Phones, and e-mail addresses, to normalise."""
    starts: int
    slow: bool
    """Also what no goal asks for: more widths, more clients. With so many leads whole processes
    are compared; with few ones their start would weigh too much, and only the moves are."""
    journals: Path | None = None
    only_installed: bool = field(default=False)
    """Install no rival that is not there yet."""

    def smaller(self, share: float) -> "Effort":
        """The same with this share of the leads, for a machine or a pipeline that is slow."""
        return replace(
            self,
            bulk_leads=int(self.bulk_leads * share),
            single_leads=int(self.single_leads * share),
            memory_leads=(int(self.memory_leads[0] * share), int(self.memory_leads[1] * share)),
        )


FULL = Effort(100_000, 20_000, 250, 20_000, 3, 3, (20_000, 200_000), 100_000, 15, slow=True)
QUICK = Effort(10_000, 2_000, 25, 6_400, 3, 1, (4_000, 16_000), 5_000, 7, slow=False)
