"""Who may do what to whose leads."""

from __future__ import annotations

from dataclasses import dataclass, field

from leadgateway.simulator.identity import uuid_from
from leadgateway.simulator.replays import Replays
from leadgateway.simulator.store import Store


@dataclass(slots=True)
class Tenant:
    """One customer of the vendor: its id, its leads, its remembered answers."""

    name: str
    id: str
    leads: Store
    seed: int
    replays: Replays = field(default_factory=Replays)
    made: int = 0

    def new_id(self) -> str:
        """The next lead id: unlike any seeded one, the same in every run of the same calls."""
        self.made += 1
        return uuid_from(self.id, self.name, "made", self.made)


@dataclass(frozen=True, slots=True)
class Access:
    """A valid key: the tenant it is bound to and the scopes it carries."""

    token: str
    tenant: Tenant
    scopes: frozenset[str]
