"""Places in a file, and the cursors that lead back to them while the file is the same."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import BaseModel

from leadgateway.errors import CursorError
from leadgateway.lead import Lead
from leadgateway.values import ExternalRef, Issue

_CURSOR = re.compile(r"([0-9]{1,19}):([0-9]{1,19}):([0-9a-f-]{1,64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record begins: the offset of its first byte, and the number of its first line."""

    offset: int
    line: int


TOP = Place(0, 1)


def cursor_of(place: Place, stamp: str) -> str:
    """Return the cursor for `place` in the file that `stamp` tells from its other versions."""
    return f"{place.offset}:{place.line}:{stamp}"


def place_of(cursor: str) -> tuple[Place, str]:
    """Return the place and the stamp of a cursor."""
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise CursorError("this is no cursor into a file")
    return Place(int(found[1]), int(found[2])), found[3]


def placed(lead: Lead, ref: ExternalRef, *more: Issue) -> Lead:
    """Return `lead` under its id in a file, with what its place there adds to the issues."""
    found = {"ref": ref, "issues": (*lead.issues, *more)} if more else {"ref": ref}
    # As pydantic copies: a Lead would check anew what is right, for every line.
    return BaseModel.model_copy(lead, update=found)
