"""The leads of a page as the vendor's records: each becomes a Lead when somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, overload

from leadgateway.lead import Lead

Record: TypeAlias = Mapping[str, Any]


class Records(Sequence[Lead]):
    """A page's leads; reading one that nobody looks at costs nothing.

    `ids` and `records` are there without reading; a lead is read once, however often it is asked
    for.
    """

    def __init__(
        self, ids: Sequence[str], records: Sequence[Record], read: Callable[[Record], Lead]
    ) -> None:
        self.ids = tuple(ids)
        self.records = tuple(records)
        self._read = read
        self._leads: dict[int, Lead] = {}

    @overload
    def __getitem__(self, index: int) -> Lead: ...
    @overload
    def __getitem__(self, index: slice) -> Records: ...

    def __getitem__(self, index: int | slice) -> Lead | Records:
        if isinstance(index, slice):
            return Records(self.ids[index], self.records[index], self._read)
        place = range(len(self.records))[index]
        if place not in self._leads:
            self._leads[place] = self._read(self.records[place])
        return self._leads[place]

    def then(self, change: Callable[[Lead], Lead]) -> Records:
        """Return the same leads, each changed once it has been read."""
        return Records(self.ids, self.records, lambda record: change(self._read(record)))

    def __len__(self) -> int:
        return len(self.records)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(self.ids)


def ids_of(leads: Sequence[Lead]) -> tuple[str, ...]:
    """Return the vendor's ids of a page's leads; of records none is read for that."""
    if isinstance(leads, Records):
        return leads.ids
    return tuple([lead.ref.id for lead in leads if lead.ref is not None])
