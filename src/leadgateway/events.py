"""What leadgateway announces: values without secrets and without personal data."""

from __future__ import annotations

from dataclasses import dataclass

from leadgateway.values import Loss


@dataclass(frozen=True, slots=True)
class ExchangeFinished:
    """One request was answered, or was not: `status` is absent then and `failure` says why."""

    vendor: str
    connection: str
    method: str
    path: str
    status: int | None
    failure: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class LeadSettled:
    """How one lead's write ended; `source_id` is the id it had where it came from."""

    connection: str
    source_id: str | None
    external_id: str | None
    outcome: str
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class LeadsSettled:
    """The writes of some leads ended: of one call, or committed together by a migration."""

    leads: tuple[LeadSettled, ...]


@dataclass(frozen=True, slots=True)
class JobStarted:
    """A migration began."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class JobFinished:
    """A migration ended; `counts` maps outcome to leads."""

    source: str
    target: str
    counts: dict[str, int]
