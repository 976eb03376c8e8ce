"""From leaves to a Lead: at sight where each is of its kind, by the Lead's own checks where not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import ValidationError

from leadgateway.frozen import FrozenDict, freeze
from leadgateway.lead import Lead, are_custom_values
from leadgateway.mapping.leaves import PARTS, PATHS, PLACES, put_together
from leadgateway.mapping.rules import Reading
from leadgateway.normalize.assembly import assembled
from leadgateway.taxonomy import CaptureMethod, LeadSource, LeadStatus
from leadgateway.values import (
    Coded,
    EmailAddress,
    ExternalRef,
    Money,
    Owner,
    PersonName,
    PhoneNumber,
)

_HIGHEST_SCORE: Final = 100


def _is_instant(value: Any) -> bool:
    return type(value) is datetime and value.tzinfo is UTC


def _is_map(value: Any) -> bool:
    return type(value) is FrozenDict and are_custom_values(value.values())


def _is_tuple_of(kind: type) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        if type(value) is not tuple:
            return False
        for each in value:  # noqa: SIM110  # a generator would cost more than its work
            if type(each) is not kind:
                return False
        return True

    return check


_are_texts = _is_tuple_of(str)


def _are_tags(value: Any) -> bool:
    return _are_texts(value) and len({*value}) == len(value)


_CHECKS: Final[dict[str, Callable[[Any], bool]]] = {
    "emails": _is_tuple_of(EmailAddress),
    "phones": _is_tuple_of(PhoneNumber),
    "score": lambda value: type(value) is int and 0 <= value <= _HIGHEST_SCORE,
    "tags": _are_tags,
    "attribution": _is_map,
    "custom": _is_map,
    "created_at": _is_instant,
    "updated_at": _is_instant,
    "last_interaction_at": _is_instant,
    "qualification.completed_at": _is_instant,
}
"""The leaves that have to be looked into."""

_KINDS: Final[dict[str, type]] = {path: str for path in PATHS if path not in _CHECKS} | {
    "name": PersonName,
    "status": Coded[LeadStatus],
    "source": Coded[LeadSource],
    "capture": Coded[CaptureMethod],
    "qualified": bool,
    "owner": Owner,
    "value": Money,
    "interaction_count": int,
}
"""The leaves of which their kind says all."""


def _never(_value: Any) -> bool:
    return False


_SLOTS: Final = {
    path: (*PLACES[path], _KINDS.get(path), _CHECKS.get(path, _never)) for path in PATHS
}
"""Each leaf's field, its part of that, and what shows that it fits: its kind or, next, a check."""

# Plain dicts: those are copied at once.
_NOTHING: Final = {name: field.get_default() for name, field in Lead.model_fields.items()}
_NO_PARTS: Final = {name: dict.fromkeys(parts) for name, (_, parts) in PARTS.items()}


def gathered(reading: Reading, ref: ExternalRef | None, payload: Mapping[str, Any]) -> Lead:
    """Return the Lead that was read from `payload`; a field that does not fit is reported."""
    fields = _at_sight(reading.leaves)
    if fields is None:
        return _checked(reading, ref, payload)
    if ref is not None:
        fields["ref"] = ref
    fields["raw"], fields["issues"] = freeze(payload), tuple(reading.issues)
    return assembled(Lead, _NOTHING | fields, set(fields))


def _at_sight(leaves: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the fields of a Lead if each leaf is, to the letter, what the Lead would hold."""
    fields: dict[str, Any] = {}
    grouped: dict[str, dict[str, Any]] = {}
    for path, leaf in leaves.items():
        slot = _SLOTS.get(path)
        if slot is None:
            return None
        field, part, kind, check = slot
        if leaf is not None and type(leaf) is not kind and not check(leaf):
            return None
        if part is None:
            fields[field] = leaf
        elif field in grouped:
            grouped[field][part] = leaf
        else:
            grouped[field] = {part: leaf}
    for field, parts in grouped.items():
        fields[field] = assembled(PARTS[field][0], _NO_PARTS[field] | parts, set(parts))
    return fields


def _checked(reading: Reading, ref: ExternalRef | None, payload: Mapping[str, Any]) -> Lead:
    fields = put_together(reading.leaves)
    if ref is not None:
        fields["ref"] = ref
    try:
        return Lead(**fields, raw=payload, issues=tuple(reading.issues))
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            fields.pop(str(fault["loc"][0]), None)
            reading.report(str(fault["loc"][0]), fault["type"])
        return Lead(**fields, raw=payload, issues=tuple(reading.issues))
