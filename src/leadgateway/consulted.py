"""Words that a connection does not know itself and asks the plugins for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any


class ConsultedWords(Mapping[str, Any]):
    """A connection's own words first, then whatever the deciding hook says; each asked once.

    Only the connection's own words can be listed: what has been asked so far changes nothing.
    """

    def __init__(self, own: Mapping[str, Any], decide: Callable[..., Any]) -> None:
        self._own = own
        self._decide = decide
        self._asked: dict[str, Any] = {}

    def __getitem__(self, word: str) -> Any:
        if word in self._own:
            return self._own[word]
        if word not in self._asked:
            self._asked[word] = self._decide(native=word)
        if self._asked[word] is None:
            raise KeyError(word)
        return self._asked[word]

    def __iter__(self) -> Iterator[str]:
        return iter(self._own)

    def __len__(self) -> int:
        return len(self._own)
