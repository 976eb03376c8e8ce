"""A Lead as a flat table of dotted paths: the axis along which rules, losses and reports run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any

from leadgateway.frozen import FrozenDict
from leadgateway.lead import Lead
from leadgateway.values import (
    Coded,
    Company,
    EmailAddress,
    Money,
    Owner,
    PersonName,
    PhoneNumber,
    Qualification,
    Stage,
)

PARTS: Mapping[str, tuple[type[Company | Stage | Qualification], tuple[str, ...]]] = (
    MappingProxyType(
        {
            "company": (Company, ("name", "industry", "size")),
            "stage": (Stage, ("pipeline_id", "id", "slug", "name")),
            "qualification": (
                Qualification,
                ("pain_points", "timeline", "budget_range", "reasoning", "completed_at"),
            ),
        }
    )
)
VAGUE = frozenset({"unknown", "other"})
_OUTSIDE = frozenset({"ref", "raw", "issues"})

NEVER_EMPTY = frozenset({str, int, bool, datetime, PersonName, Owner, Money, Stage, Company})
"""Kinds of which everything says something, be it the empty text."""
_CONTAINERS = frozenset({tuple, FrozenDict})

PATHS: tuple[str, ...] = tuple(
    path
    for field in Lead.model_fields
    if field not in _OUTSIDE
    for path in ([f"{field}.{part}" for part in PARTS[field][1]] if field in PARTS else [field])
)

_PATHS_OF_PARTS = {
    field: {part: f"{field}.{part}" for part in parts} for field, (_, parts) in PARTS.items()
}

_WHOLE = frozenset(PATHS) & Lead.model_fields.keys()
"""The fields that are one leaf."""

PLACES: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {path: (path.partition(".")[0], path.partition(".")[2] or None) for path in PATHS}
)
"""Each path as its field of the Lead, and the part of that field's value."""


def take_apart(lead: Lead) -> dict[str, Any]:
    """Return what is known of `lead`, by path; a known empty value is `None`."""
    values = lead.__dict__
    known = lead.__pydantic_fields_set__
    leaves: dict[str, Any] = {field: values[field] for field in known if field in _WHOLE}
    for field, paths in _PATHS_OF_PARTS.items():
        if field in known:
            value = values[field]
            if value is None:
                leaves.update(dict.fromkeys(paths.values()))
            else:
                leaves.update({paths[p]: getattr(value, p) for p in value.model_fields_set})
    return leaves


def put_together(leaves: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a Lead is to be made of so that these are its leaves."""
    fields: dict[str, Any] = {}
    grouped: dict[str, dict[str, Any]] = {}
    for path, value in leaves.items():
        if "." in path:
            field, _, part = path.partition(".")
            grouped.setdefault(field, {})[part] = value
        else:
            fields[path] = value
    return fields | grouped


def is_empty(value: Any) -> bool:
    """Whether nothing would be missed if `value` did not travel; zero and false are values."""
    if type(value) in NEVER_EMPTY:
        return False
    if not value:
        return value is None or isinstance(value, tuple | Mapping)
    if type(value) in _CONTAINERS:
        return False
    return isinstance(value, Coded) and value.value == "unknown" and value.native is None


def agree(left: Any, right: Any) -> bool:
    """Whether two leaves say the same thing, spelling aside."""
    if isinstance(left, Mapping) or isinstance(right, Mapping):
        one, other = _filled(left), _filled(right)
        return one.keys() == other.keys() and all(_is_one(one[key], other[key]) for key in one)
    if is_empty(left) or is_empty(right):
        return is_empty(left) and is_empty(right)
    if type(left) is not type(right):
        return _is_one(left, right)
    if left == right:
        return True
    if isinstance(left, tuple):
        return len(left) == len(right) and all(map(agree, left, right))
    if isinstance(left, Money):
        one_currency = left.currency == right.currency or None in (left.currency, right.currency)
        return one_currency and bool(left.amount == right.amount)
    if isinstance(left, Coded):
        return _code_alike(left, right)
    return bool(_meaning(left) == _meaning(right))


def _code_alike(left: Coded[Any], right: Coded[Any]) -> bool:
    """Whether two coded values are one: a vague one says nothing but its native word."""
    if left.value not in VAGUE or right.value not in VAGUE:
        return bool(left.value == right.value)
    wordless = None in (left.native, right.native)
    return bool(left.value == right.value) if wordless else left.native == right.native


def kept(sent: Any, found: Any) -> bool:
    """Whether `found` says all that `sent` did and in the same parts: `agree`, looked at closely.

    Name parts that were told apart still are, a currency is still named, and an extension does not
    stand in the number's text.
    """
    if not agree(sent, found):
        return False
    if isinstance(sent, tuple):
        return all(map(kept, sent, found or ()))
    if isinstance(sent, PersonName) and not sent.inferred:
        explicit = (sent.given, sent.family)
        return explicit in {(None, None), (found.given, found.family)}
    if isinstance(sent, PhoneNumber) and sent.extension is not None:
        return not found.raw.endswith(sent.extension)
    if isinstance(sent, Money):
        return sent.currency in {None, found.currency}
    return True


def spread(lead: Lead) -> dict[str, Any]:
    """Return what is known of `lead` by path, the entries of maps by paths of their own."""
    leaves: dict[str, Any] = {}
    for path, value in take_apart(lead).items():
        if isinstance(value, Mapping):
            leaves.update({f"{path}.{key}": item for key, item in value.items()})
        else:
            leaves[path] = value
    return leaves


def _filled(mapping: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return {key: value for key, value in (mapping or {}).items() if value is not None}


def _is_one(left: Any, right: Any) -> bool:
    """Whether two custom values are one: a number is no flag, whatever it is written as."""
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    return bool(left == right) or _are_one_number(left, right)


def _are_one_number(left: Any, right: Any) -> bool:
    """Whether a decimal and a float are written in the same digits."""
    if isinstance(left, float) and isinstance(right, Decimal):
        return Decimal(repr(left)) == right
    return isinstance(left, Decimal) and isinstance(right, float) and _are_one_number(right, left)


def _meaning(value: Any) -> Any:
    if isinstance(value, PersonName):
        return value.full
    if isinstance(value, EmailAddress):
        return value.address or value.raw
    if isinstance(value, PhoneNumber):
        return (value.e164 or value.raw, value.extension)
    if isinstance(value, Owner):
        return value if value.id is None else value.id
    return value


@cache
def leaf_type(path: str) -> Any:
    """Return the declared type of the leaf at `path`, constraints included."""
    field, _, part = path.partition(".")
    owner = PARTS[field][0] if part else Lead
    info = owner.model_fields[part or field]
    return Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
