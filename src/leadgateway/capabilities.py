"""What a vendor documents that it can do: declared once, read by everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Operation(StrEnum):
    """A power of an adapter; each but `LIST` and `CREATE` is optional."""

    LIST = "list"
    CREATE = "create"
    GET = "get"
    UPDATE = "update"
    DELETE = "delete"
    CREATE_MANY = "create_many"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Window:
    """At most `limit` requests in `seconds`; `burst` of them (default all) may come at once."""

    limit: int
    seconds: float
    burst: int | None = None


@dataclass(frozen=True, slots=True)
class RatePlan:
    """The documented quota: several windows a bucket, every one of which must have room."""

    buckets: Mapping[str, tuple[Window, ...]] = field(default_factory=dict)
    documented: bool = True
    origin: str = ""


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """How keyed writes behave; `None` where the documents are silent.

    `ttl` is in seconds: how long a key surely lives.
    """

    header: str = "idempotency-key"
    ttl: float | None = None
    stores_errors: bool | None = None
    conflict_status: int | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """That a new lead can be found again by listing, newer than `since` where filters allow."""

    origin: str = ""


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list is walked; `durable_cursor`: a cursor may be kept, bound to `cursor_bound_to`.

    `omits` are the fields of a lead that its row in the list does not show.
    """

    default_limit: int
    max_limit: int | None
    durable_cursor: bool = False
    cursor_bound_to: tuple[str, ...] = ()
    omits: tuple[str, ...] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """One vendor's documented powers, limits and silences; every figure from its documents.

    `filters` and `sorts` are names of `LeadQuery` fields and of sort keys; `silent_on` lists what
    the documents leave open, so that nobody has to guess what was checked, and `not_offered` what
    they describe and the adapter leaves aside. `batch_rule` is how a row of a batch differs from a
    single create.
    """

    title: str
    operations: frozenset[Operation]
    paging: Paging
    filters: frozenset[str] = frozenset()
    sorts: tuple[str, ...] = ()
    create_merges: bool = False
    merge_rule: str = ""
    batch_size: int | None = None
    batch_rule: str = ""
    dry_run: bool = False
    idempotency: IdempotencyKey | None = None
    lookup: Lookup | None = None
    rate_plan: RatePlan = RatePlan()
    custom_fields: bool = False
    update_methods: tuple[str, ...] = ()
    stability: str = "documented"
    silent_on: tuple[str, ...] = ()
    not_offered: tuple[str, ...] = ()
    documents: str = ""
