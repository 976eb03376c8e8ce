"""JSON values that nobody can change after they were read, and that survive JSON unharmed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NoReturn

_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:E[+-]?[0-9]{1,9})?", re.ASCII)
_MARK = "$"
_NUMBER = "$number"


class FrozenDict(dict[str, Any]):
    """A dict that refuses every change; still a dict, so every serializer takes it."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]  # dict is unhashable, a frozen one is not
        return hash(frozenset(self))

    def _refuse(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise TypeError("this mapping is frozen: build a new one")

    __setitem__ = __delitem__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse
    __ior__ = _refuse

    def __copy__(self) -> FrozenDict:
        return self

    def __deepcopy__(self, _memo: object) -> FrozenDict:
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: Callable[[Any], Any]) -> Any:
        return handler(dict[str, Any])  # as a default it is shown as the dict that it is

    def __reduce__(self) -> tuple[type[FrozenDict], tuple[dict[str, Any]]]:
        return FrozenDict, (dict(self),)


_AS_THEY_ARE = frozenset({FrozenDict, str, int, bool, float, type(None), Decimal})


def freeze(value: Any) -> Any:
    """Return `value` with every mapping and list in it made immutable."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if isinstance(value, dict | Mapping):
        if _AS_THEY_ARE.issuperset(map(type, value.values())):
            return FrozenDict(value)
        return FrozenDict(
            {
                key: item if type(item) in _AS_THEY_ARE else freeze(item)
                for key, item in value.items()
            }
        )
    if kind is list or kind is tuple:
        return tuple([item if type(item) in _AS_THEY_ARE else freeze(item) for item in value])
    return value


def to_portable(value: Any) -> Any:
    """Return `value` with every `Decimal` tagged, so that JSON keeps its digits and its type.

    A mapping that looks like the tag itself gets one more mark, which reading takes off again.
    """
    if isinstance(value, Decimal):
        return {_NUMBER: str(value)}
    if isinstance(value, Mapping):
        if _looks_tagged(value):
            return {_MARK + key: to_portable(item) for key, item in value.items()}
        return {key: to_portable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_portable(item) for item in value]
    return value


def from_portable(value: Any) -> Any:
    """Undo `to_portable`, freezing on the way."""
    if isinstance(value, Mapping):
        if _looks_tagged(value):
            ((key, item),) = value.items()
            if key != _NUMBER:
                return FrozenDict({key.removeprefix(_MARK): from_portable(item)})
            if isinstance(item, str) and _DECIMAL.fullmatch(item):
                return Decimal(item)
        return FrozenDict({key: from_portable(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple([from_portable(item) for item in value])
    return value


def _looks_tagged(value: Mapping[str, Any]) -> bool:
    """Tell whether `value` is the tag of a number, or such a tag with more marks before it."""
    if len(value) != 1:
        return False
    (key,) = value
    return key.startswith(_MARK) and key.lstrip(_MARK) == _NUMBER.lstrip(_MARK)
