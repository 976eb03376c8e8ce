"""Payloads a vendor might send: its own keys with plausible, null and absurd values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from tests.laws.json_values import JSON_VALUES, NUMBERS, SCALARS, TEXTS
from tests.laws.leads import WORDS

from leadgateway.frozen import freeze
from leadgateway.mapping import Field, RuleSet
from leadgateway.mapping.rules import place

PLAUSIBLE = st.one_of(
    WORDS,
    st.sampled_from(
        [
            "Rita Alves",
            "rita@empresa.example",
            "+5511987650001",
            "2026-07-03T12:00:00Z",
            "2026-07-03T12:00:00.123456789+02:00",
            "2026-07-03 12:00:00",
            "0001-01-01T00:00:00+14:00",
            ("feira", "feira", "x"),
            {"id": "o1", "name": "Bo", "role_name": None},
            {"id": "s1", "slug": "new", "name": "New", "color": None},
            {"budget": 10, "lead_line": "buyer", "list": ("a",)},
            125000,
            75,
            True,
        ]
    ),
    NUMBERS,
    st.dictionaries(TEXTS, SCALARS, max_size=2),
)


def payloads(table: RuleSet) -> st.SearchStrategy[Mapping[str, Any]]:
    """Return payloads over the keys of `table` and over keys nobody knows."""
    keys = sorted(
        {key for rule in table.rules for key in _read_keys(rule)} | {table.id_key, "unheard_of"}
    )
    values = st.one_of(PLAUSIBLE, st.none(), JSON_VALUES)
    return st.fixed_dictionaries({}, optional=dict.fromkeys(keys, values)).map(_nested)


def _read_keys(rule: Any) -> tuple[str, ...]:
    return (rule.key,) if isinstance(rule, Field) else rule.keys


def _nested(flat: Mapping[str, Any]) -> Mapping[str, Any]:
    payload: dict[str, Any] = {}
    for key in sorted(flat, key=lambda key: key.count(".")):
        place(payload, key, flat[key])
    frozen: Mapping[str, Any] = freeze(payload)
    return frozen
