"""How the lead list and the audit log are filtered and paged."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from leadgateway.simulator import Position, Refusal, Row, Store, cursors, in_millis, read_instant

PAGING = frozenset({"cursor", "limit", "start_at", "end_at"})
_DEFAULT_LIMIT, _LONGEST_LIMIT = 50, 200  # seed 003, docs/api/audit-log
_LATEST = "~"  # sorts after every timestamp


def page(
    store: Store, asked: Mapping[str, str], filters: Sequence[str]
) -> tuple[list[Row], str | None]:
    """The rows asked for, newest first, and the cursor to what follows them."""
    wanted = {name: asked[name] for name in filters if name in asked}
    earliest, latest = _bound(asked, "start_at", ""), _bound(asked, "end_at", _LATEST)

    def where(row: Row) -> bool:
        within: bool = earliest <= row["created_at"] <= latest
        return within and all(row[name] == value for name, value in wanted.items())

    found = store.page(
        "created_at",
        limit=_limit(asked.get("limit")),
        descending=True,
        after=_position(asked.get("cursor")),
        where=where if wanted or (earliest, latest) != ("", _LATEST) else None,
    )
    if found.last is None or not found.more:
        return found.rows, None
    created_at, row_id = found.last
    # seed 003: base64url JSON without padding
    payload = {"created_at": created_at, "id": row_id}
    return found.rows, cursors.pack(payload, padded=False, urlsafe=True)


def _bound(asked: Mapping[str, str], name: str, missing: str) -> str:
    if name not in asked:
        return missing
    at = read_instant(asked[name])
    if at is None:
        raise Refusal(400, f"{name} must be a date-time with a zone")
    return in_millis(at)


def _limit(text: str | None) -> int:
    if text is None:
        return _DEFAULT_LIMIT
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= _LONGEST_LIMIT:
        raise Refusal(400, f"limit must be an integer from 1 to {_LONGEST_LIMIT}")
    return int(text)


def _position(cursor: str | None) -> Position | None:
    if cursor is None:
        return None
    found = cursors.unpack(cursor, "created_at", "id")
    return found["created_at"], found["id"]
