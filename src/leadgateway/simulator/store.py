"""The leads of one tenant: insertion-ordered, found by id or look-up key, paged by bisection."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from leadgateway.simulator.messages import Row

SortKey: TypeAlias = Callable[[Row], str]
LookupKey: TypeAlias = Callable[[Row], str | None]
Predicate: TypeAlias = Callable[[Row], bool]
Position: TypeAlias = tuple[str, str]
"""Where a row stands in an order: its sort value, then its id."""


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of rows; `last` is the position of its last row, `more` says that rows follow."""

    rows: list[Row]
    last: Position | None
    more: bool


class Store:
    """Rows keyed by `id`; orders and look-ups are built when first asked for, then kept in step.

    `orders` name the sorts a list offers, `lookups` the keys by which a write finds a row again.
    A stored row is never changed in place: `put` a changed copy.
    """

    def __init__(
        self, orders: Mapping[str, SortKey], lookups: Mapping[str, LookupKey] | None = None
    ) -> None:
        self._order_keys = orders
        self._lookup_keys = lookups or {}
        self._rows: dict[str, Row] = {}
        self._orders: dict[str, list[Position]] = {}
        self._lookups: dict[str, dict[str, tuple[str, ...]]] = {}
        self._counts: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def get(self, row_id: str) -> Row | None:
        """The row with this id."""
        return self._rows.get(row_id)

    def clear(self) -> None:
        """Forget every row."""
        for kept in (self._rows, self._orders, self._lookups, self._counts):
            kept.clear()

    def put(self, row: Row) -> None:
        """Add the row, or replace the one with the same id in its place."""
        row_id = row["id"]
        old = self._rows.get(row_id)
        self._rows[row_id] = row
        self._counts.clear()
        for name, order in self._orders.items():
            key = self._order_keys[name]
            if old is not None:
                order.pop(bisect_left(order, (key(old), row_id)))
            insort(order, (key(row), row_id))
        for name, found in self._lookups.items():
            key_of = self._lookup_keys[name]
            if old is not None and (old_key := key_of(old)) is not None:
                found[old_key] = tuple(each for each in found[old_key] if each != row_id)
            if (new_key := key_of(row)) is not None:
                found[new_key] = (*found.get(new_key, ()), row_id)

    def find(self, lookup: str, key: str) -> Row | None:
        """The first row under this look-up key."""
        ids = self._lookup(lookup).get(key)
        return self._rows[ids[0]] if ids else None

    def page(
        self,
        order: str,
        *,
        limit: int,
        descending: bool = False,
        after: Position | None = None,
        floor: str | None = None,
        offset: int = 0,
        where: Predicate | None = None,
    ) -> Slice:
        """Rows of an order that come after a position, at or above a floor of the sort value."""
        positions = self._order(order)
        low = 0 if floor is None else bisect_left(positions, (floor, ""))
        high = len(positions)
        if after is not None and descending:
            high = bisect_left(positions, after)
        elif after is not None:
            low = max(low, bisect_right(positions, after))
        if where is None:
            low, high = (low, high - offset) if descending else (low + offset, high)
            offset = 0
        indexes = range(high - 1, low - 1, -1) if descending else range(low, high)
        return self._collect(positions, indexes, limit, offset, where)

    def _collect(
        self,
        positions: list[Position],
        indexes: range,
        limit: int,
        offset: int,
        where: Predicate | None,
    ) -> Slice:
        rows: list[Row] = []
        last: Position | None = None
        for index in indexes:
            row = self._rows[positions[index][1]]
            if where is not None and not where(row):
                continue
            if offset:
                offset -= 1
                continue
            if len(rows) == limit:
                return Slice(rows, last, more=True)
            rows.append(row)
            last = positions[index]
        return Slice(rows, last, more=False)

    def at_least(self, order: str, floor: str) -> int:
        """How many rows have this sort value or a later one."""
        positions = self._order(order)
        return len(positions) - bisect_left(positions, (floor, ""))

    def count(self, named: Hashable, where: Predicate) -> int:
        """How many rows satisfy the filter; the figure is kept under its name until a write."""
        if named not in self._counts:
            self._counts[named] = sum(map(where, self._rows.values()))
        return self._counts[named]

    def _order(self, name: str) -> list[Position]:
        if name not in self._orders:
            key = self._order_keys[name]
            self._orders[name] = sorted((key(row), row["id"]) for row in self)
        return self._orders[name]

    def _lookup(self, name: str) -> dict[str, tuple[str, ...]]:
        if name not in self._lookups:
            key_of = self._lookup_keys[name]
            found: dict[str, tuple[str, ...]] = {}
            for row in self:
                key = key_of(row)
                if key is not None:
                    found[key] = (*found.get(key, ()), row["id"])
            self._lookups[name] = found
        return self._lookups[name]
