"""Following cursors to the end of a list without going round in circles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from leadgateway.errors import CursorError

_LONGEST = 8 * 1024
_MOST_EMPTY_PAGES = 1_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(slots=True)
class CursorTrail:
    """The cursors of one walk: each may be followed once, and only so many pages may be empty.

    A page may not come twice in a row either, be its cursor a new one.
    """

    seen: set[str] = field(default_factory=set)
    empty: int = 0
    ids: Sequence[str] = ()

    def follow(
        self, cursor: str | None, *, page_was_empty: bool, ids: Sequence[str] = ()
    ) -> str | None:
        """Return the cursor to go on with, `None` at the end; raises `CursorError`.

        `ids` are those of the page that it came with.
        """
        if cursor is None:
            return None
        if len(cursor) > _LONGEST or _CONTROL.search(cursor):
            raise CursorError("a cursor is too long or holds a control character: it is not sent")
        if cursor in self.seen:
            raise CursorError("the vendor sent the same cursor twice: the list would never end")
        if ids and ids == self.ids:
            raise CursorError("the vendor sent the same page twice: the list would never end")
        self.seen.add(cursor)
        self.ids = ids
        self.empty = self.empty + 1 if page_was_empty else 0
        if self.empty > _MOST_EMPTY_PAGES:
            raise CursorError(f"the vendor sent more than {_MOST_EMPTY_PAGES} empty pages in a row")
        return cursor
