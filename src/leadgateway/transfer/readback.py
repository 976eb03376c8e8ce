"""Reading a target back and comparing it with what should have arrived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from leadgateway.aio import AsyncConnection
from leadgateway.errors import MappingError
from leadgateway.lead import Lead
from leadgateway.mapping import LENIENT, disagreements
from leadgateway.session import WriteOptions
from leadgateway.transfer.tally import Tally


@dataclass
class Readback:
    """How many expected leads were found, and which fields of them differ without notice."""

    expected: int = 0
    found: int = 0
    differing: Tally = field(default_factory=Tally)

    @property
    def agrees(self) -> bool:
        """Whether everything expected is there, and as announced."""
        return self.expected == self.found and not self.differing.counts


def expected_arrival(target: AsyncConnection, lead: Lead) -> Lead | None:
    """Return what `target` should show of `lead`, by its rules; `None` if it cannot go there."""
    session = target.opened.session
    try:
        draft = session.draft(lead, session.write_use, WriteOptions(policy=LENIENT))
    except MappingError:
        return None
    return session.adapter.table.arrival(draft, session.adapter.settings)


async def read_back(target: AsyncConnection, expected: Mapping[str, Lead | None]) -> Readback:
    """List `target` and compare each lead whose id is in `expected` with what should be there.

    An id that is expected as `None` must only be there: which values win where the vendor merged
    is its own business.
    """
    result = Readback(expected=len(expected))
    seen: set[str] = set()
    async for found in target.list_leads():
        lead_id = found.ref.id if found.ref else ""
        if lead_id not in expected or lead_id in seen:
            continue
        seen.add(lead_id)
        result.found += 1
        sent = expected[lead_id]
        for path in () if sent is None else disagreements(sent, found, ()):
            result.differing.add(path, lead_id)
    return result
