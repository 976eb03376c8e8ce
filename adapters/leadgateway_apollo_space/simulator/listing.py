"""How the lead list is filtered and paged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from leadgateway.simulator import (
    Position,
    Predicate,
    Refusal,
    Row,
    Tenant,
    checks,
    cursors,
    hex_from,
    in_seconds,
)

_FILTERS = ("pipeline_id", "stage")  # api-reference/leads/listar-leads
QUERY = frozenset({"cursor", "limit", *_FILTERS})
_DEFAULT_LIMIT, _LONGEST_LIMIT = 50, 200  # api-reference/leads/listar-leads
_CURSOR_LIFE = timedelta(hours=1)


def page(tenant: Tenant, asked: Mapping[str, str], at: datetime) -> tuple[list[Row], str | None]:
    """The leads asked for, newest first, and the cursor to what follows them."""
    limit = _limit(asked.get("limit"))
    filters = {name: asked[name] for name in _FILTERS if name in asked}
    if "pipeline_id" in filters and (wrong := checks.uuid(filters["pipeline_id"])):
        raise Refusal(400, f"pipeline_id {wrong}")
    walk = hex_from(16, tenant.id, sorted(filters.items()))
    found = tenant.leads.page(
        "created_at",
        limit=limit,
        descending=True,
        after=_position(asked.get("cursor"), walk, at),
        where=_matching(filters),
    )
    return found.rows, _cursor(found.last, walk, at) if found.last and found.more else None


def _limit(text: str | None) -> int:
    if text is None:
        return _DEFAULT_LIMIT
    if not re.fullmatch("[0-9]{1,3}", text) or not 1 <= int(text) <= _LONGEST_LIMIT:
        raise Refusal(400, f"limit must be an integer from 1 to {_LONGEST_LIMIT}")
    return int(text)


def _matching(filters: Mapping[str, str]) -> Predicate | None:
    if not filters:
        return None
    return lambda row: all(row[name] == value for name, value in filters.items())


def _cursor(last: Position, walk: str, at: datetime) -> str:
    issued = in_seconds(at)
    return cursors.pack({"created_at": last[0], "id": last[1], "walk": walk, "issued": issued})


def _position(cursor: str | None, walk: str, at: datetime) -> Position | None:
    if cursor is None:
        return None
    found = cursors.unpack(cursor, "created_at", "id", "walk", "issued")
    if found["walk"] != walk or found["issued"] < in_seconds(at - _CURSOR_LIFE):
        raise Refusal(400, "the cursor is not valid for this listing any more")
    return found["created_at"], found["id"]
