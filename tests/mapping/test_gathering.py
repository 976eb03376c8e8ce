"""A Lead that is put together at sight is the one that its own checks would have made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.laws.json_values import JSON_VALUES
from tests.laws.leads import FIELDS
from tests.laws.payloads import PLAUSIBLE

from leadgateway import Lead
from leadgateway.frozen import FrozenDict, freeze
from leadgateway.mapping import Reading, Terms
from leadgateway.mapping.gathering import gathered
from leadgateway.mapping.leaves import PATHS, put_together, take_apart
from leadgateway.values import ExternalRef

REF = ExternalRef(vendor="harbour", connection="prod", id="1")
RAW = FrozenDict({"id": "1"})


class Word(StrEnum):
    """A text that is not merely text."""

    ONE = "one"


ODD: tuple[Any, ...] = (
    *(Word.ONE, True, 7, 101, -1, 1.5, float("nan"), Decimal("NaN"), b"bytes", ("a", "a")),
    *(("a", 1), ["a"], FrozenDict(a=float("inf")), FrozenDict(a=FrozenDict()), {"a": [1]}),
    *(datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2)))),  # noqa: DTZ001  # naive on purpose
    *(datetime(2026, 1, 1, tzinfo=UTC), "\ud800", "ana@example.com", ()),
)
LEAVES = st.fixed_dictionaries(
    {},
    optional={
        path: st.one_of(
            st.none(), st.sampled_from(ODD), PLAUSIBLE.map(freeze), JSON_VALUES.map(freeze)
        )
        for path in PATHS
    },
)
WELL_FORMED = st.fixed_dictionaries({}, optional=FIELDS).map(
    lambda fields: take_apart(Lead(**fields))
)


def read(leaves: dict[str, Any]) -> tuple[Lead, Reading]:
    reading = Reading(Terms(), dict(leaves))
    reading.report("elsewhere", "odd")
    return gathered(reading, REF, RAW), reading


def validated(leaves: dict[str, Any], issues: tuple[Any, ...]) -> Lead:
    return Lead(**put_together(leaves), ref=REF, raw=RAW, issues=issues)


def assert_as_if_validated(leaves: dict[str, Any]) -> None:
    lead, reading = read(leaves)
    try:
        expected = validated(leaves, tuple(reading.issues[:1]))
    except ValidationError:
        assert len(reading.issues) > 1
        return
    assert lead == expected
    assert lead.__getstate__() == expected.__getstate__()
    assert list(lead.__dict__) == list(expected.__dict__)
    assert [type(part) for part in lead.__dict__.values()] == [
        type(part) for part in expected.__dict__.values()
    ]


@given(st.one_of(WELL_FORMED, LEAVES))
def test_every_lead_is_as_if_it_had_been_validated(leaves: dict[str, Any]) -> None:
    assert_as_if_validated(leaves)


@pytest.mark.parametrize("path", PATHS)
def test_no_odd_value_passes_for_a_leaf(path: str) -> None:
    for value in ODD:
        assert_as_if_validated({path: value})


@given(WELL_FORMED)
def test_what_was_read_rightly_is_not_validated(leaves: dict[str, Any]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Lead, "__init__", None)
        lead, _ = read(leaves)
    assert take_apart(lead) == leaves
