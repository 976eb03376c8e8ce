"""What plugins offer by vendor: a class, or the path it is imported from when it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Offer:
    """What one plugin brings for one vendor."""

    plugin: str
    vendor: str
    what: type[Any] | str


class Offered(Mapping[str, Any]):
    """What is offered by vendor; looking one up imports it, or raises its `PluginError`."""

    def __init__(self, vendors: Sequence[str], load: Callable[[str], Any]) -> None:
        self._vendors = tuple(vendors)
        self._load = load

    def __getitem__(self, vendor: str) -> Any:
        if vendor not in self._vendors:
            raise KeyError(vendor)
        return self._load(vendor)

    def __iter__(self) -> Iterator[str]:
        return iter(self._vendors)

    def __len__(self) -> int:
        return len(self._vendors)
