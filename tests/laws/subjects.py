"""Everything the laws hold for: the shipped adapters, found, and the invented tables."""

from __future__ import annotations

import inspect
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tests.laws.invented_tables import HARBOUR, SUMMIT

from leadgateway.adapter import Adapter
from leadgateway.errors import ConfigError
from leadgateway.mapping import Joint, RuleSet, Terms, Use
from leadgateway.mapping.rules import Rule

VENDORS = ("apollo_space", "mega", "novala", "v1_leads")

CANDIDATES: dict[str, Any] = {
    "token": "laws-token",
    "base_url": "https://vendor.example",
    "organization_id": "5b0c2f1e-6d1a-4f0e-9a55-0d6a1c7e4b21",
    "pipeline_id": "c2a7d9f0-3b44-4c1e-8f5d-7e9b1a2c3d4e",
    "customer_id": "0a9b8c7d-2222-4333-8444-555566667777",
    "tenant": "acme",
}


class Subject:
    """A table and the terms it is read and written under; printed by its name alone."""

    def __init__(self, name: str, table: RuleSet, terms: Terms) -> None:
        self.name, self.table, self.terms = name, table, terms

    def __repr__(self) -> str:
        return self.name

    def without_needs(self) -> Subject:
        """Return the same table willing to write anything, so that every lead can be tried."""
        return Subject(self.name, replace(self.table, needs=()), self.terms)

    def updating(self) -> Subject:
        """Return the same table with every writable row written on update, and clearing."""
        rules = tuple(map(_updating, self.table.rules))
        return Subject(self.name, replace(self.table, rules=rules, needs=()), self.terms)


def adapters() -> list[type[Adapter[Any]]]:
    """Return the adapter class of every shipped vendor."""
    found = []
    for vendor in VENDORS:
        module = f"leadgateway_{vendor}.adapter"
        if find_spec(module) is None:
            continue
        found += [
            kind
            for _, kind in inspect.getmembers(import_module(module), inspect.isclass)
            if issubclass(kind, Adapter) and kind.__module__ == module
        ]
    return found


def settings_of(adapter: type[Adapter[Any]], **more: Any) -> Any:
    """Return settings an adapter can be opened with; no vendor knows them."""
    known = adapter.settings_type.model_fields
    return adapter.settings_type.of(
        {**{name: value for name, value in CANDIDATES.items() if name in known}, **more}
    )


def subjects(**terms: Any) -> list[Subject]:
    """Return every table there is, under the same options of a connection."""
    shipped = [Subject(kind.vendor, kind.rules, _acceptable(kind, terms)) for kind in adapters()]
    options = Terms(**terms)
    return [
        *shipped,
        Subject("harbour", HARBOUR, options),
        Subject("summit", SUMMIT, options),
    ]


def _acceptable(kind: type[Adapter[Any]], terms: dict[str, Any]) -> Any:
    """Return settings with these terms, without the words to write that the vendor refuses."""
    try:
        return settings_of(kind, **terms)
    except ConfigError:
        kept = {name: terms[name] for name in terms if not name.startswith("fallback_")}
        kept = {name: kept[name] for name in kept if not name.endswith("_out")}
        return settings_of(kind, **kept)


def _updating(rule: Rule) -> Rule:
    if not rule.on:
        return rule
    changed: dict[str, Any] = {"on": rule.on | {Use.UPDATE}, "always": False}
    if not isinstance(rule, Joint):
        changed["clears"] = True
    return replace(rule, **changed)  # type: ignore[type-var]  # every rule is a dataclass
