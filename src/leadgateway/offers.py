"""What plugins offer by name: a thing, or the path it is imported from when it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Offer:
    """What one plugin brings under one name: a vendor's, or a URL scheme."""

    plugin: str
    name: str
    what: Callable[..., Any] | str


class Offered(Mapping[str, Any]):
    """What is offered by name; looking one up imports it, or raises its `PluginError`."""

    def __init__(self, names: Sequence[str], load: Callable[[str], Any]) -> None:
        self._names = tuple(names)
        self._load = load

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        return self._load(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
