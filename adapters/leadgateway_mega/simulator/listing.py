"""MEGA's lead list: filters, three sorts, cursors bound to their sort, offsets, totals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from leadgateway.simulator import (
    Call,
    Predicate,
    Refusal,
    Row,
    Store,
    checks,
    cursors,
    in_millis,
    read_instant,
    whole_number,
)
from leadgateway_mega.simulator.leads import LAST_DIGITS, LINES, digits_of

DEFAULT_LIMIT, MOST = 20, 100  # openapi.json
SORTS = ("created_at", "updated_at", "last_interaction_at")
_FARTHEST = 10**9  # no highest offset is documented
_KEYSET_SORTS = SORTS[:2]  # dev.gomega.ai/pull-leads
_FILTERS = ("status", "stageId", "search", "created_since", "updated_since", "lead_line")
_DOCUMENTED = frozenset(
    (*_FILTERS, "sort_by", "sort_dir", "include_custom_fields", "cursor", "limit", "offset")
)
_CHECKS = {
    "status": checks.text(),  # free text in openapi.json: an unknown one finds nothing
    "stageId": checks.uuid,
    "search": checks.text(),
    "created_since": checks.instant,
    "updated_since": checks.instant,
    "lead_line": checks.choice(LINES),
    "sort_by": checks.choice(SORTS),
    "sort_dir": checks.choice(("asc", "desc")),
    "include_custom_fields": checks.choice(("true", "false")),
    "cursor": checks.text(),
    "limit": checks.text(),
    "offset": checks.text(),
}


def list_leads(call: Call, leads: Store) -> Row:
    """The page that the query asks for, in the vendor's shape."""
    asked = call.query(_DOCUMENTED)
    wrong = checks.problems(asked, _CHECKS)
    if wrong:
        raise Refusal(400, "; ".join(wrong))
    limit = whole_number(asked, "limit", DEFAULT_LIMIT, 1, MOST)
    offset = whole_number(asked, "offset", 0, 0, _FARTHEST)
    sort_by, sort_dir = asked.get("sort_by", "updated_at"), asked.get("sort_dir", "asc")
    after = _position(asked, sort_by, sort_dir, offset)
    filters = {name: asked[name] for name in _FILTERS if name in asked}
    for name in ("created_since", "updated_since"):
        if name in filters:
            filters[name] = _first_millisecond(filters[name])
    bound = f"{sort_by.removesuffix('_at')}_since"
    page = leads.page(
        sort_by,
        limit=limit,
        descending=sort_dir == "desc",
        after=after,
        floor=filters.get(bound),
        offset=offset,
        where=_predicate({name: filters[name] for name in filters if name != bound}),
    )
    rows = page.rows
    if asked.get("include_custom_fields") != "true":
        rows = [{name: row[name] for name in row if name != "custom_fields"} for row in rows]
    cursor = None
    if page.more and page.last is not None and sort_by in _KEYSET_SORTS:
        value, lead_id = page.last
        place = {"sort_by": sort_by, "sort_dir": sort_dir, "value": value, "id": lead_id}
        cursor = cursors.pack(place, padded=False, urlsafe=True)
    total = _total(leads, filters)
    return {"leads": rows, "total": total, "limit": limit, "offset": offset, "next_cursor": cursor}


def _position(asked: Row, sort_by: str, sort_dir: str, offset: int) -> tuple[str, str] | None:
    if "cursor" not in asked:
        return None
    # dev.gomega.ai/pull-leads says 400 for another sort; the other two cases are not said.
    if sort_by not in _KEYSET_SORTS:
        raise Refusal(400, f"a cursor cannot be used with sort_by={sort_by}")
    if offset:
        raise Refusal(400, "a cursor cannot be used with an offset")
    found = cursors.unpack(asked["cursor"], "sort_by", "sort_dir", "value", "id")
    if (found["sort_by"], found["sort_dir"]) != (sort_by, sort_dir):
        raise Refusal(400, "the cursor belongs to another sort")
    return found["value"], found["id"]


def _first_millisecond(text: str) -> str:
    at = read_instant(text)
    assert at is not None  # noqa: S101 - it has been checked
    return in_millis(at + timedelta(microseconds=999))


def _total(leads: Store, filters: Row) -> int:
    if len(filters) == 1 and (since := filters.get("updated_since")) is not None:
        return leads.at_least("updated_at", since)
    where = _predicate(filters)
    return len(leads) if where is None else leads.count(tuple(sorted(filters.items())), where)


def _predicate(filters: Row) -> Predicate | None:
    tests: list[Predicate] = [_TESTS[name](value) for name, value in filters.items()]
    if not tests:
        return None
    if len(tests) == 1:
        return tests[0]
    return lambda row: all(test(row) for test in tests)


def _search(text: str) -> Predicate:
    """Name and e-mail by any part in any case; a number by its digits, the last ten at most."""
    words = text.casefold()
    digits = "" if any(map(str.isalpha, text)) else digits_of(text)[-LAST_DIGITS:]

    def found(row: Row) -> bool:
        if any(words in (row[name] or "").casefold() for name in ("contact_name", "contact_email")):
            return True
        return bool(digits) and digits in digits_of(row["contact_phone"] or "")

    return found


_TESTS: dict[str, Callable[[str], Predicate]] = {
    "status": lambda wanted: lambda row: row["status"] == wanted,
    "stageId": lambda wanted: lambda row: (row["current_stage"] or {}).get("id") == wanted,
    "search": _search,
    "created_since": lambda since: lambda row: row["created_at"] >= since,
    "updated_since": lambda since: lambda row: row["updated_at"] >= since,
    "lead_line": lambda wanted: lambda row: row["custom_fields"].get("lead_line") == wanted,
}
