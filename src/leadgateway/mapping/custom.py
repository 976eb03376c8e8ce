"""The customer's own fields: a map whose keys only the customer knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from leadgateway.frozen import FrozenDict
from leadgateway.lead import is_custom_value
from leadgateway.mapping.codecs import expect
from leadgateway.mapping.rules import MISSING, Codec, Limit, Reading, Use, Writing
from leadgateway.mapping.terms import Terms
from leadgateway.normalize.text import is_storable
from leadgateway.taxonomy import Fidelity

_PLAIN: Final = frozenset({str, int, bool})
_PLAIN_IN_A_LEAD: Final = _PLAIN | {float}
"""A Lead holds only finite ones."""


@dataclass(frozen=True)
class CustomFields(Codec):
    """A map of the customer's own fields; `without` are slugs that have a field of their own.

    `nulls`: the vendor documents null in a create, so that it is written and not left out. The
    connection's `custom_map` renames: two names that would become one are never merged.
    """

    without: frozenset[str] = frozenset()
    lists: bool = False
    nulls: bool = False

    @property
    def conditions(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the vendor
        return () if self.lists else ("a list is dropped: scalars only",)

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        if type(native) is not FrozenDict and not expect(native, Mapping, path, reading):
            return MISSING
        names = reading.terms.custom_map
        reserved = self._reserved(reading.terms)
        if not names and native.keys().isdisjoint(reserved) and self._are_fit(native.values()):
            return native if type(native) is FrozenDict else FrozenDict(native)
        ours = {theirs: name for name, theirs in names.items()}
        kept = {}
        for slug, value in native.items():
            if slug in reserved:
                continue
            if slug in names and slug not in ours and names[slug] in native:
                reading.report(f"{path}.{slug}", "name_taken", "by custom_map")
            elif self._fits(value):
                kept[ours.get(slug, slug)] = value
            else:
                reading.report(f"{path}.{slug}", "wrong_type", type(value).__name__)
        return FrozenDict(kept)

    def write(
        self, value: Mapping[str, Any], path: str, limit: Limit | None, writing: Writing
    ) -> Any:
        names = writing.terms.custom_map
        reserved = self._reserved(writing.terms)
        as_named = limit is None and not names and reserved.isdisjoint(value) and _storable(value)
        if as_named and _PLAIN_IN_A_LEAD.issuperset(map(type, value.values())):
            return value or MISSING
        body = {}
        for slug, item in value.items():
            if as_named and type(item) in _PLAIN_IN_A_LEAD:
                body[slug] = item
                continue
            theirs, leaf = names.get(slug, slug), f"{path}.{slug}"
            if writing.fit(path, theirs, None) is MISSING:
                continue
            if theirs in reserved or (slug not in names and slug in names.values()):
                writing.lose(leaf, Fidelity.DROPPED, "reserved")
            elif not self._fits(item):
                writing.lose(leaf, Fidelity.DROPPED, "not_a_scalar")
            elif item is None and not self.nulls and writing.use is not Use.UPDATE:
                writing.lose(leaf, Fidelity.NORMALIZED, "null_left_out")
            else:
                fitted = _fitted(leaf, item, limit, writing)
                if fitted is not MISSING:
                    body[theirs] = fitted
        return body or MISSING

    def _reserved(self, terms: Terms) -> frozenset[str]:
        return self.without if terms.marker is None else self.without | {terms.marker}

    def _are_fit(self, values: Iterable[Any]) -> bool:
        odd = [value for value in values if type(value) not in _PLAIN]
        return all(map(self._fits, odd))

    def _fits(self, value: Any) -> bool:
        return is_custom_value(value) and (self.lists or not isinstance(value, tuple))


def _storable(value: Mapping[str, Any]) -> bool:
    """Whether any store can hold the keys and texts of a map, looked at all at once."""
    return is_storable("".join([*value, *[item for item in value.values() if type(item) is str]]))


def _fitted(leaf: str, item: Any, limit: Limit | None, writing: Writing) -> Any:
    if isinstance(item, tuple):
        items = tuple(writing.fit(leaf, text, limit) for text in item)
        return MISSING if MISSING in items else items
    return writing.fit(leaf, item, limit) if isinstance(item, str) else item
