"""Values put together from parts that are known to be right, without asking pydantic again."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel

Built = TypeVar("Built", bound=BaseModel)

# The state of any pydantic model, as its `model_construct` sets it.
_slots = vars(BaseModel)
_set_fields = _slots["__dict__"].__set__
_set_known = _slots["__pydantic_fields_set__"].__set__
_set_extra = _slots["__pydantic_extra__"].__set__
_set_private = _slots["__pydantic_private__"].__set__


def assembled(kind: type[Built], parts: dict[str, Any], known: set[str] | None = None) -> Built:
    """Return `kind(**parts)` in half the time: `parts` holds every field, in order, and is kept.

    `known` are the fields that were given, and is kept too; it is all of them where it is left
    out. Nothing is checked.
    """
    value = object.__new__(kind)
    _set_fields(value, parts)
    _set_known(value, set(parts) if known is None else known)
    _set_extra(value, None)
    _set_private(value, None)
    return value
