"""What a journal holds of a migration: jobs, rows, requests, leases."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RowState(StrEnum):
    """Where one lead of a job stands; from `pending` by `intent` to one of the others."""

    PENDING = "pending"
    INTENT = "intent"
    CREATED = "created"
    MERGED = "merged"
    UPDATED = "updated"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"


class JobState(StrEnum):
    """Where a job stands."""

    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    DONE_WITH_FAILURES = "done_with_failures"
    NEEDS_OPERATOR = "needs_operator"


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as the journal knows it; times are seconds since 1970 by the journal's clock.

    `cursor` is where reading goes on, `reading_done` that the source has been read to its end.
    `config` is the text that `config_hash` was made from; it holds no secret. `verification` is
    what reading the target back found the last time, as text.
    """

    id: str
    source: str
    target: str
    config: str
    config_hash: str
    state: JobState = JobState.RUNNING
    cursor: str | None = None
    reading_done: bool = False
    paused_until: float | None = None
    created_at: float = 0.0
    finished_at: float | None = None
    verified_at: float | None = None
    verification: str | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Who works on a job: process id and host."""

    pid: int
    host: str


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to a job; `fence` grows with each holder, and an old one is refused."""

    job: str
    fence: int


@dataclass(frozen=True, slots=True)
class Staged:
    """A lead as it was read: its id at the source, the digest of its record, and its JSON.

    One that is not read because it did not change since it was moved has no JSON. `fields` and
    `losses`, each as JSON, are what it will be written as, where that is known; `state` is how it
    ended where nothing has to be sent, for `reason` and `error`.
    """

    source_id: str
    digest: str
    payload: str | None
    fields: str | None = None
    losses: str = "[]"
    state: RowState = RowState.PENDING
    reason: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A staged lead that nothing was done about yet; `linked_id` is its twin at the target.

    `earlier_intent` is the request that was made for it before it was made pending again. `fields`
    and `losses` are as they were staged; the payload of what needs no look at it any more is empty.
    """

    seq: int
    source_id: str
    payload: str
    linked_id: str | None
    earlier_intent: int | None = None
    fields: str | None = None
    losses: str = "[]"


@dataclass(frozen=True, slots=True)
class IntendedRow:
    """One lead of a request: the fields it was encoded to and its losses, each as JSON."""

    seq: int
    fields: str
    losses: str


@dataclass(frozen=True, slots=True)
class Intent:
    """A request about to leave: its idempotency key and its exact body, with the rows it is for.

    `id` is the journal's own and 0 before it is committed; `sends` counts how often it left.
    """

    operation: str
    key: str | None
    body: bytes
    rows: tuple[IntendedRow, ...]
    target_id: str | None = None
    id: int = 0
    at: float = 0.0
    sends: int = 1


@dataclass(frozen=True, slots=True)
class Settlement:
    """How one lead ended; `losses` is a JSON list, `error` the name of the error class."""

    seq: int
    state: RowState
    target_id: str | None = None
    matched_by: str | None = None
    reason: str = ""
    error: str = ""
    losses: str = "[]"
    before: str | None = None


@dataclass(frozen=True, slots=True)
class RowRecord:
    """A lead of a job with everything the journal knows of it; `fields` as its last request."""

    seq: int
    source_id: str
    digest: str
    payload: str | None
    state: RowState
    target_id: str | None
    matched_by: str | None
    reason: str
    error: str
    losses: str
    before: str | None
    intent_id: int | None
    fields: str | None = None
