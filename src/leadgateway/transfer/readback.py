"""Reading a target back and comparing it with what should have arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from leadgateway.aio import AsyncConnection
from leadgateway.errors import MappingError
from leadgateway.lead import Lead
from leadgateway.mapping import LENIENT, disagreements
from leadgateway.session import WriteOptions


@dataclass
class Readback:
    """How many expected leads were found, and which fields of them differ without notice."""

    expected: int = 0
    found: int = 0
    differing: Counter[str] = field(default_factory=Counter)

    @property
    def agrees(self) -> bool:
        """Whether everything expected is there, and as announced."""
        return self.expected == self.found and not self.differing


def expected_arrival(target: AsyncConnection, lead: Lead) -> Lead | None:
    """Return what `target` should show of `lead`, by its rules; `None` if it cannot go there."""
    session = target.opened.session
    try:
        draft = session.draft(lead, session.write_use, WriteOptions(policy=LENIENT))
    except MappingError:
        return None
    return session.adapter.table.arrival(draft, session.adapter.settings)


async def read_back(target: AsyncConnection, expected: Mapping[str, Lead]) -> Readback:
    """List `target` and compare each lead whose id is in `expected` with what should be there."""
    result = Readback(expected=len(expected))
    seen: set[str] = set()
    async for found in target.list_leads():
        lead_id = found.ref.id if found.ref else ""
        if lead_id in expected and lead_id not in seen:
            seen.add(lead_id)
            result.found += 1
            result.differing.update(disagreements(expected[lead_id], found, ()))
    return result
