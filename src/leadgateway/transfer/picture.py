"""What a payload says at the places that a change fills: a picture of before, or of now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def picture(raw: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `raw` says wherever `shown` says something; null where it says nothing."""
    return {key: _at(raw.get(key), value) for key, value in shown.items()}


def says_more(raw: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    """Whether `raw` says something where `shown` says that there is nothing."""
    for key, value in shown.items():
        there = raw.get(key)
        if isinstance(value, Mapping):
            if isinstance(there, Mapping) and says_more(there, value):
                return True
        elif value is None and there:
            return True
    return False


def _at(there: Any, shown: Any) -> Any:
    """Return what stands in one place: of an object only what `shown` has of it."""
    if shown and isinstance(shown, Mapping) and isinstance(there, Mapping):
        return picture(there, shown)
    return there
