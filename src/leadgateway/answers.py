"""What a connection is asked to list, and the values that an adapter answers with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from leadgateway.errors import LeadGatewayError
from leadgateway.lead import Lead
from leadgateway.taxonomy import LeadSource, LeadStatus
from leadgateway.values import Loss


class Outcome(StrEnum):
    """How a write ended for one lead."""

    CREATED = "created"
    MERGED = "merged"
    UPDATED = "updated"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Receipt:
    """What became of one lead: the outcome, the vendor's id, and every loss on the way.

    `shown` is the record as the vendor answered it, where it did, or what reads it: `lead` is read
    when somebody looks at it. `error` says why a lead failed or is unknown; `matched_by` by what a
    merged one was found. `doubt` is a reason code where the lead is surely there and only created
    or merged had to be inferred.
    """

    outcome: Outcome
    external_id: str | None = None
    shown: Lead | Callable[[], Lead] | None = field(default=None, repr=False, compare=False)
    losses: tuple[Loss, ...] = ()
    matched_by: str | None = None
    error: LeadGatewayError | None = None
    doubt: str | None = None

    @cached_property
    def lead(self) -> Lead | None:
        """The lead as the vendor answered it."""
        return self.shown() if callable(self.shown) else self.shown


@dataclass(frozen=True)
class Page:
    """Some leads and where to go on; `next_cursor` is opaque, `None` at the end.

    `rows` is how many the vendor sent, where `leads` are only those picked from them.
    """

    leads: Sequence[Lead]
    next_cursor: str | None
    total: int | None = None
    rows: int | None = None

    @property
    def was_empty(self) -> bool:
        """Whether the vendor sent no lead at all."""
        return not (len(self.leads) if self.rows is None else self.rows)

    def picked(self, *sought: Sought) -> Page:
        """Return this page with those of its leads that `sought` asks for, where it picks any."""
        if all(each.meaning is None for each in sought):
            return self
        fitting = tuple(lead for lead in self.leads if all(each.fits(lead) for each in sought))
        return Page(fitting, self.next_cursor, None, len(self.leads))


@dataclass(frozen=True)
class Sought:
    """The leads of one status or source: the vendor's one `word` for it, or the `meaning` to pick.

    Neither is given where every lead will do.
    """

    path: str
    word: str | None = None
    meaning: LeadStatus | LeadSource | None = None

    def fits(self, lead: Lead) -> bool:
        """Whether `lead` is read as what is sought; a word is the vendor's to compare."""
        coded = getattr(lead, self.path)
        return self.meaning is None or (coded is not None and coded.value == self.meaning)


@dataclass(frozen=True)
class LeadQuery:
    """What to list; a filter that the vendor does not document is `Unsupported`.

    `status` and `source` take a native word or a canonical value, and a text that is both is the
    canonical value: all leads that are read as it are listed. `stage` takes the vendor's own stage.
    Times are aware.
    `page_size` is leads per request, the vendor's largest by default.
    """

    status: str | None = None
    stage: str | None = None
    source: str | None = None
    owner: str | None = None
    pipeline: str | None = None
    line: str | None = None
    search: str | None = field(default=None, repr=False)
    created_since: datetime | None = None
    created_until: datetime | None = None
    updated_since: datetime | None = None
    sort_by: str | None = None
    descending: bool = False
    page_size: int | None = None

    @property
    def filters(self) -> frozenset[str]:
        """The names of the filters that are set."""
        plain = {"sort_by", "descending", "page_size"}
        return frozenset(
            f.name
            for f in fields(self)
            if f.name not in plain and getattr(self, f.name) is not None
        )


@dataclass(frozen=True)
class Change:
    """One recorded change of a lead: native field to (before, after)."""

    id: str
    lead_id: str | None
    action: str
    actor: str | None
    at: datetime | None
    diff: Mapping[str, tuple[Any, Any]] = field(repr=False)
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class ChangePage:
    """Some changes and where to go on."""

    changes: tuple[Change, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Complaint:
    """What a vendor's error envelope says, before it is redacted."""

    message: str = ""
    code: str = ""
    request_id: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
