"""JSON as text: read strictly and frozen, written with every digit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from math import isfinite, isinf
from typing import Any, NoReturn

import orjson

from leadgateway.frozen import FrozenDict, freeze

DEEPEST = 200
"""What the JSON writer, and every later reader, can still take."""

_CONTAINERS = (FrozenDict, tuple)
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


def loads(data: bytes) -> Any:
    """Read one JSON text strictly; every fault is a `ValueError`, objects and lists come frozen.

    Refused: anything but UTF-8, a byte order mark, duplicate keys, NaN and infinities, lone
    surrogates, nesting deeper than `DEEPEST`. Integers keep every digit; a fraction whose
    digits a float cannot give back is a `Decimal`.
    """
    value = _at_sight(data)
    return _thoroughly(data) if value is None else value


def _at_sight(data: bytes) -> Any:
    """Read a text that is, byte for byte, what its value is written as; `None` for any other.

    A key that stands twice, a number of more digits than fit, an escape or a space would all be
    missing from what is written.
    """
    try:
        value = orjson.loads(data)
        return _frozen(value, DEEPEST) if orjson.dumps(value) == data else None
    except (ValueError, orjson.JSONEncodeError):
        return None


def _frozen(value: Any, room: int) -> Any:
    """Freeze what orjson read and nobody else has: a dict of it is written to on the way.

    `ValueError` where more than `room` objects and lists stand inside each other.
    """
    kind = type(value)
    if kind is not dict and kind is not list:
        return value
    if not room:
        raise ValueError("nested too deeply")
    if kind is list:
        return tuple([_frozen(item, room - 1) for item in value])
    for key, item in value.items():
        if type(item) is dict or type(item) is list:
            value[key] = _frozen(item, room - 1)
    return FrozenDict(value)


def _thoroughly(data: bytes) -> Any:
    try:
        text = data.decode("utf-8")
        value = freeze(_DECODER.decode(text))
        if _SURROGATE_ESCAPE.search(data):
            json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeError:
        raise ValueError("not UTF-8 text") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos}") from None
    if _depth(value) > DEEPEST:
        raise ValueError("nested too deeply")
    return value


def _depth(value: Any) -> int:
    """Return how many objects and lists stand inside each other."""
    depth, level = 0, [value]
    while level := [each for each in level if type(each) in _CONTAINERS]:
        depth += 1
        level = [
            child
            for each in level
            for child in (each.values() if type(each) is FrozenDict else each)
        ]
    return depth


def _object(pairs: list[tuple[str, Any]]) -> FrozenDict:
    found = FrozenDict([(k, freeze(v) if type(v) is list else v) for k, v in pairs])
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _fraction(text: str) -> float | Decimal:
    number = float(text)
    if repr(number) == text:
        return number
    if isinf(number):
        raise ValueError("a number out of range")
    try:
        exact = Decimal(text)
    except ArithmeticError:
        raise ValueError("a number out of range") from None
    mantissa = text.lower().partition("e")[0]
    padded = "." in mantissa and mantissa.endswith("0") and not mantissa.endswith(".0")
    return exact if padded or Decimal(repr(number)) != exact else number


def _integer(text: str) -> int | float:
    return -0.0 if text == "-0" else int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_constant=_constant,
    parse_float=_fraction,
    parse_int=_integer,
)


def dumps(value: Any, *, was_read: bool = False) -> bytes:
    """Write `value` as compact JSON in UTF-8; every number keeps its digits.

    A value without a JSON form, a float that is not finite among them, is a `TypeError`; one that
    `was_read` by `loads` has none of these, and is not looked through.
    """
    try:
        written = orjson.dumps(value, default=_fragment)
    except orjson.JSONEncodeError:
        written = orjson.dumps(_spell_out(value), default=_fragment)
    if not was_read and b"null" in written:
        # The writer turns NaN and the infinities into null.
        _refuse_infinity(value)
    return written


class ObjectText(Mapping[str, Any]):
    """An object that `dumps` wrote, read again only when somebody looks into it."""

    def __init__(self, text: bytes) -> None:
        self.text = text

    @cached_property
    def _members(self) -> Mapping[str, Any]:
        members: Mapping[str, Any] = loads(self.text)
        return members

    def __getitem__(self, key: str) -> Any:
        return self._members[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


def with_member(text: bytes, key: str, value: str) -> bytes:
    """Return the object `text` with one more member behind the others."""
    member = orjson.dumps({key: value})
    return member if text == b"{}" else b"%b,%b" % (text[:-1], member[1:])


def _refuse_infinity(value: Any) -> None:
    if isinstance(value, float) and not isfinite(value):
        raise TypeError("a float that is not finite has no JSON form")
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for each in value:
        _refuse_infinity(each)


def _fragment(value: Any) -> Any:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value).encode("ascii"))
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _spell_out(value: Any) -> Any:
    """Return `value` with its integers as literal digits: the writer's own stop at 64 bits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return orjson.Fragment(str(value).encode("ascii"))
    if isinstance(value, Mapping):
        return {key: _spell_out(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spell_out(item) for item in value]
    return value
