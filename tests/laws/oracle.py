"""When two values are the same: decided here, not by the code under test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadgateway.taxonomy import Fidelity
from leadgateway.values import Coded, EmailAddress, Loss, Money, Owner, PersonName, PhoneNumber

VAGUE = {"unknown", "other"}


def is_known(value: Any) -> bool:
    """Whether a leaf holds something that could be missed."""
    if isinstance(value, Coded):
        return value.value != "unknown" or value.native is not None
    return value is not None and value not in ((), {})


def same(left: Any, right: Any) -> bool:
    """Whether a value arrived, its spelling, inferred parts and native word aside."""
    if isinstance(left, Coded) and isinstance(right, Coded):
        return left.value == right.value or {left.value, right.value} <= VAGUE
    if isinstance(left, PersonName) and isinstance(right, PersonName):
        return left.full == right.full
    if isinstance(left, Owner) and isinstance(right, Owner):
        return left.id == right.id
    if isinstance(left, Money) and isinstance(right, Money):
        return left.amount == right.amount and (
            left.currency == right.currency or None in (left.currency, right.currency)
        )
    if isinstance(left, EmailAddress) and isinstance(right, EmailAddress):
        return (left.address or left.raw) == (right.address or right.raw)
    if isinstance(left, PhoneNumber) and isinstance(right, PhoneNumber):
        return (left.e164 or left.raw, left.extension) == (right.e164 or right.raw, right.extension)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return identical(left, right)


def exact(left: Any, right: Any) -> bool:
    """Whether a value arrived without any change that a loss would have to name."""
    if isinstance(left, Coded) and isinstance(right, Coded):
        one_word = left.native in (None, right.native)
        vague = {left.value, right.value} <= VAGUE and left.native is not None
        return one_word and (left.value == right.value or vague)
    if isinstance(left, PersonName) and isinstance(right, PersonName) and not left.inferred:
        explicit = (left.given, left.family)
        return left.full == right.full and explicit in {
            (None, None),
            (right.given, right.family),
        }
    if isinstance(left, Owner) and isinstance(right, Owner):
        return left == right
    return same(left, right)


def identical(left: Any, right: Any) -> bool:
    """Whether two JSON values are one, types and digits included."""
    if isinstance(left, Mapping) and isinstance(right, Mapping | None):
        one, other = _said(left), _said(right or {})
        return one.keys() == other.keys() and all(identical(one[k], other[k]) for k in one)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(identical, left, right))
    return type(left) is type(right) and bool(left == right) and str(left) == str(right)


def _said(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in mapping.items() if value is not None}


def worst(path: str, losses: tuple[Loss, ...]) -> Fidelity:
    """Return the worst that the losses say of `path` or of a part of it."""
    mine = [x.fidelity for x in losses if x.path == path or x.path.startswith(f"{path}.")]
    return max(mine, key=lambda fidelity: fidelity.rank, default=Fidelity.EXACT)
