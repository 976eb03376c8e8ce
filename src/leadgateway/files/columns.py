"""What a column of a table may hold, and the rules by which its cells become a lead's values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadgateway.errors import ConfigError
from leadgateway.files.cells import (
    MapCells,
    MoneyCells,
    NameCells,
    OneCell,
    OwnerCells,
    SeveralCells,
)
from leadgateway.mapping import Joint, JointCodec, RuleSet
from leadgateway.mapping.leaves import PATHS

ID = "id"
MAPS = ("custom", "attribution")
SEVERAL = ("emails", "phones", "tags")
_PARTS = {
    "name": ("given", "family"),
    "owner": ("id", "name", "email", "role"),
    "value": ("currency",),
}
_ALIASES = {
    "name.full": "name",
    "email": "emails",
    "phone": "phones",
    "company": "company.name",
    "stage": "stage.name",
    "owner": "owner.name",
    "value.amount": "value",
}
TARGETS = (
    ID,
    *(path for path in PATHS if path not in {*MAPS, "owner"}),
    *(f"{field}.{part}" for field, parts in _PARTS.items() for part in parts),
)
"""Every field a column may be, besides `custom.SLUG` and `attribution.KEY`."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a column holds: a leaf of the lead, or one part of it."""

    leaf: str
    part: str = ""


def target_of(path: Any) -> Target:
    """Return what the configured `path` stands for; `ConfigError` if it is no field."""
    known = _ALIASES.get(path, path) if isinstance(path, str) else ""
    field, _, part = known.partition(".")
    if field in MAPS and part:
        return Target(field, part)
    if known not in TARGETS:
        raise ConfigError(
            f"columns: {path!r} is no field of a lead; fields: {', '.join(TARGETS)}, custom.SLUG, "
            'attribution.KEY, or "" to leave the column out.'
        )
    return Target(field, part) if field in _PARTS else Target(known)


def rules_for(columns: Mapping[str, str], table: RuleSet) -> tuple[Joint, ...]:
    """Return one rule for each leaf that the columns hold; the leaf's codec is that of `table`.

    Two columns for one value are a `ConfigError`; addresses, numbers and tags may have many.
    """
    found: dict[str, dict[str, str]] = {}
    for column, path in columns.items():
        target = target_of(path)
        held = found.setdefault(target.leaf, {})
        other = next((name for name, part in held.items() if part == target.part), None)
        if other is not None and target.leaf not in SEVERAL:
            raise ConfigError(f"columns: {other!r} and {column!r} are both {path!r}.")
        held[column] = target.part
    found.pop(ID, None)
    return tuple(
        Joint((leaf,), tuple(held), _codec(leaf, held, table)) for leaf, held in found.items()
    )


def _codec(leaf: str, held: Mapping[str, str], table: RuleSet) -> JointCodec:
    inner = table.by_path[leaf].codec
    if leaf in SEVERAL:
        return SeveralCells(inner)
    if leaf in MAPS:
        return MapCells(inner, held)
    if leaf == "name":
        return NameCells(inner, held)
    if leaf == "owner":
        return OwnerCells(held)
    return MoneyCells(held) if leaf == "value" else OneCell(inner)
