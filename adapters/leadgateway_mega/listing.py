"""How MEGA's list is walked: by its cursor, or by offset where it has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

from leadgateway.adapter import LeadQuery, in_milliseconds
from leadgateway.errors import ConfigError, CursorError
from leadgateway.exchange import Document
from leadgateway_mega.rules import LINES

KEYSET_SORTS: Final = ("updated_at", "created_at")  # dev.gomega.ai/pull-leads
OFFSET_SORTS: Final = ("last_interaction_at",)
MAX_LIMIT: Final = 100


@dataclass(frozen=True)
class Place:
    """Where a walk stands, under which sort; `mark` is the vendor's cursor, or `offset,total`."""

    sort_by: str
    sort_dir: str
    mark: str | None = None

    @classmethod
    def of(cls, query: LeadQuery, cursor: str | None) -> Self:
        """Return the place that `cursor` names; `CursorError` if it belongs to another sort."""
        sort_by = query.sort_by or KEYSET_SORTS[0]
        sort_dir = "desc" if query.descending else "asc"
        if cursor is None:
            return cls(sort_by, sort_dir)
        sort, found, mark = cursor.partition(":")
        if not (sort and found and mark):
            raise CursorError("This is no cursor of a MEGA list: it does not name its sort.")
        if sort != f"{sort_by}.{sort_dir}":
            raise CursorError(
                f"This cursor was given under another sort than {sort_by}.{sort_dir}: "
                "go on with the sort it came from, or start again without it."
            )
        return cls(sort_by, sort_dir, mark)

    @property
    def by_offset(self) -> bool:
        """Whether MEGA documents no cursor for this sort."""
        return self.sort_by in OFFSET_SORTS

    @property
    def params(self) -> Mapping[str, str | None]:
        """The query parameters that name this place."""
        sort = {"sort_by": self.sort_by, "sort_dir": self.sort_dir}
        if not self.by_offset:
            return {**sort, "cursor": self.mark}
        offset, _ = self._counts()
        return {**sort, "offset": str(offset)}

    def next_cursor(self, answer: Document, shown: int) -> str | None:
        """Return the cursor after this page of `shown` leads; `None` at the end of the list."""
        mark = self._after(answer, shown) if self.by_offset else answer.cursor("next_cursor")
        return None if mark is None else f"{self.sort_by}.{self.sort_dir}:{mark}"

    def _after(self, answer: Document, shown: int) -> str | None:
        """Return the next `offset,total`; a list that grew or shrank meanwhile cannot be walked."""
        offset, before = self._counts()
        total: int = answer.take("total", int)
        if answer.take("offset", int) != offset:
            raise answer.response.unreadable("offset is not the one that was asked for")
        if before is not None and before != total:
            raise CursorError(
                f"The list changed from {before} to {total} leads while it was read by offset, so "
                f"some may have been passed over: start again, or sort by {KEYSET_SORTS[0]}."
            )
        reached = offset + shown
        if reached >= total:
            return None
        if not shown:
            raise answer.response.unreadable(f"the list ended at {reached} of {total} leads")
        return f"{reached},{total}"

    def _counts(self) -> tuple[int, int | None]:
        if self.mark is None:
            return 0, None
        offset, _, total = self.mark.partition(",")
        if not all(
            part.isascii() and part.isdigit() and len(part) <= 12 for part in (offset, total)
        ):
            raise CursorError("This is no cursor of a MEGA list: it does not hold an offset.")
        return int(offset), int(total)


def filters(query: LeadQuery, status: str | None) -> Mapping[str, str | None]:
    """Return the query parameters of the filters; `status` is the native word."""
    if query.line is not None and query.line not in LINES:
        raise ConfigError(f"line: MEGA knows only {' and '.join(LINES)}.")
    return {
        "status": status,
        "stageId": _stage_id(query.stage),
        "search": query.search,
        # Cut, not rounded: rather a lead twice than one missed.
        "created_since": in_milliseconds("created_since", query.created_since),
        "updated_since": in_milliseconds("updated_since", query.updated_since),
        "lead_line": query.line,
    }


def _stage_id(stage: str | None) -> str | None:
    """Return the stage's id: MEGA filters by it, although a lead is written with the slug."""
    if stage is None:
        return None
    try:
        return str(UUID(stage))
    except ValueError:
        raise ConfigError(
            "stage: MEGA filters by a stage's id, a UUID; read it from a lead's stage.id."
        ) from None
