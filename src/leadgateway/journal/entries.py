"""What a journal holds of a migration: jobs, rows, requests, leases.

What there is one of for each lead is a named tuple: nothing else is made as fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

LEASE_SECONDS: Final = 60.0
"""How long a holder may be silent before another one may take the job over."""

CLOCK_STEP_SECONDS: Final = 3600.0
"""A lease that ends later than this was given before the clock was put back, and holds nobody."""


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
class Holder:
    """Who works on a job: process id and host."""

    pid: int
    host: str


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as the journal knows it; times are seconds since 1970 by the journal's clock.

    `cursor` is where reading goes on, `reading_done` that the source has been read to its end.
    `config` is the text that `config_hash` was made from; it holds no secret. `verification` is
    what reading the target back found the last time, as text. `holder` is who has said within the
    last minute that it works on the job.
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
    holder: Holder | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to a job; `fence` grows with each holder, and an old one is refused."""

    job: str
    fence: int


class Known(NamedTuple):
    """A lead of a job's source that the journal has heard of: whether the job has staged it.

    `moved` is the digest it had when it was moved between the job's connections, if it was.
    """

    staged: bool
    moved: str | None


class Staged(NamedTuple):
    """A lead as it was read: its id at the source, the digest of its record, and its JSON.

    One that is not read because it did not change since it was moved has no JSON. `fields` and
    `losses`, as JSON too, are what it will be written as, where that is known; `state` is how it
    ended where nothing has to be sent, for `reason` and `error`.
    """

    source_id: str
    digest: str
    payload: bytes | None
    fields: bytes | None = None
    losses: str = "[]"
    state: RowState = RowState.PENDING
    reason: str = ""
    error: str = ""


class Pending(NamedTuple):
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


class IntendedRow(NamedTuple):
    """One lead of a request: the fields it was encoded to and its losses, each as JSON.

    `as_staged`: both are what the row was staged with, so that only others need to be kept.
    """

    seq: int
    fields: str
    losses: str
    as_staged: bool = False


class Intent(NamedTuple):
    """A request about to leave: its idempotency key and its exact body, with the rows it is for.

    `id` is the journal's own and 0 before it is committed; `sends` counts how often it left. Once
    some of its rows were made pending again, or part of another request, it is not `whole`: it can
    be looked for, and must not leave again.
    """

    operation: str
    key: str | None
    body: bytes
    rows: tuple[IntendedRow, ...]
    target_id: str | None = None
    id: int = 0
    at: float = 0.0
    sends: int = 1
    whole: bool = True


class Settlement(NamedTuple):
    """How one lead ended; `error` is the name of the error class.

    `losses`, a JSON list, and `before`, what the target said, stay as they were where they are
    `None`.
    """

    seq: int
    state: RowState
    target_id: str | None = None
    matched_by: str | None = None
    reason: str = ""
    error: str = ""
    losses: str | None = None
    before: str | None = None


class RowRecord(NamedTuple):
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
