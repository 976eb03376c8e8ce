"""When the record that a vendor answers with is looked at closely, and when at a glance."""

from __future__ import annotations

from typing import Any

import pytest

from leadgateway.frozen import freeze
from leadgateway.mapping.keeping import shows

SENT: dict[str, Any] = {"name": "Ana", "tags": ["a", "b"], "cents": 100, "fields": {"vip": True}}


@pytest.mark.parametrize("more", [{}, {"id": "1", "stage": None}])
def test_a_record_shows_what_was_sent_whatever_else_it_holds(more: dict[str, Any]) -> None:
    assert shows(freeze({**SENT, **more}), freeze(SENT))


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "ana"},
        {"name": None},
        {"tags": ["b", "a"]},
        {"tags": ["a"]},
        {"cents": 100.0},
        {"cents": "100"},
        {"fields": {"vip": 1}},
        {"fields": {}},
        {"fields": {"vip": True, "more": 1}},
    ],
)
def test_any_other_form_is_looked_at_closely(changed: dict[str, Any]) -> None:
    assert not shows(freeze({**SENT, **changed}), freeze(SENT))


def test_a_key_that_is_not_shown_is_not_stored() -> None:
    assert not shows(freeze({"name": "Ana"}), freeze({"name": "Ana", "tags": []}))
