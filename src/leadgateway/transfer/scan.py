"""Looking at every lead of a source before one is written: what would be lost, what would fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from leadgateway.aio import AsyncConnection
from leadgateway.errors import MappingError
from leadgateway.mapping import LENIENT, LossCount, Policy
from leadgateway.session import WriteOptions
from leadgateway.transfer.stream import first
from leadgateway.transfer.tally import Tally

Progress = Callable[[int], None]


@dataclass
class Scan:
    """What a dry pass over a source found: leads read, losses counted, and rows that cannot go.

    `unmappable` counts the reasons why leads cannot be drafted at all.
    """

    read: int = 0
    losses: LossCount = field(default_factory=LossCount)
    unmappable: Tally = field(default_factory=Tally)

    def lossy_paths(self) -> tuple[str, ...]:
        """Return the fields that a strict policy would stop on, as `accept` takes them."""
        found = {path for path, fidelity, _ in self.losses.counts if fidelity.is_lossy}
        return tuple(sorted(found))

    def refused(self, policy: Policy) -> tuple[str, ...]:
        """Return those of them that `policy` does not accept."""
        return tuple(path for path in self.lossy_paths() if not policy.covers(path))


async def scan(
    source: AsyncConnection,
    target: AsyncConnection,
    *,
    limit: int | None = None,
    progress: Progress | None = None,
) -> Scan:
    """Read the leads of `source` and draft each for `target`; writes nothing.

    `progress` is told how many leads were read so far.
    """
    found = Scan()
    session, use = target.opened.session, target.opened.session.write_use
    options = WriteOptions(policy=LENIENT)
    async for lead in first(source, limit):
        found.read += 1
        lead_id = lead.ref.id if lead.ref else ""
        try:
            draft = session.draft(lead, use, options)
        except MappingError as error:
            found.unmappable.add(str(error), lead_id)
        else:
            found.losses.add(lead_id, draft.losses)
        if progress is not None:
            progress(found.read)
    return found
