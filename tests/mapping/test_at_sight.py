"""What is told at sight is what is told one by one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.json_values import JSON_VALUES

from leadgateway.consulted import ConsultedWords
from leadgateway.frozen import FrozenDict, freeze
from leadgateway.mapping import CustomFields, Policy, Reading, SourceAndCapture, Terms
from leadgateway.mapping.leaves import PATHS
from leadgateway.taxonomy import CaptureMethod, Fidelity, LeadSource
from leadgateway.values import Loss

SLUGS = st.sampled_from(("a", "b", "line", "marked")) | st.text(max_size=3)
MAPS = st.dictionaries(SLUGS, JSON_VALUES | st.floats())
SOURCES = SourceAndCapture(
    "source",
    {
        "form": (LeadSource.WEBSITE, CaptureMethod.FORM),
        "friend": (LeadSource.REFERRAL, CaptureMethod.UNKNOWN),
        "chat": (LeadSource.UNKNOWN, CaptureMethod.CHAT),
        "none": (LeadSource.UNKNOWN, CaptureMethod.UNKNOWN),
    },
)


def told(codec: Any, native: Any, **terms: Any) -> tuple[Any, list[Any]]:
    reading = Reading(Terms(**terms))
    return codec.read(native, "custom", reading), reading.issues


@pytest.mark.parametrize("lists", [True, False])
@pytest.mark.parametrize("marker", [None, "marked"])
@given(fields=MAPS, frozen=st.booleans())
def test_fields_of_the_customers_own(
    lists: bool, marker: str | None, fields: dict[str, Any], frozen: bool
) -> None:
    codec = CustomFields(without=frozenset({"line"}), lists=lists)
    native = freeze(fields) if frozen else fields
    found, issues = told(codec, native, marker=marker)
    one_by_one, named = told(codec, native, marker=marker, custom_map={"no such": "field"})
    assert (repr(found), issues) == (repr(one_by_one), named)
    assert type(found) is FrozenDict


@pytest.mark.parametrize("word", ["form", "friend", "chat", "none", "other", None, 7])
def test_what_a_word_for_source_and_capture_says(word: Any) -> None:
    native = {"source": word}
    thoroughly = told(SOURCES, native, source_map={"no such": LeadSource.EVENT})
    assert told(SOURCES, native) == thoroughly
    overridden, _ = told(SOURCES, native, capture_map={"form": CaptureMethod.EMAIL})
    assert (word == "form") is (overridden != thoroughly[0])


@given(
    st.lists(st.sampled_from((*PATHS, "company", "custom.a", "custom"))),
    st.lists(
        st.tuples(st.sampled_from((*PATHS, "custom.a", "custom.b")), st.sampled_from(Fidelity))
    ),
)
def test_losses_that_nobody_accepted(accept: list[str], lost: list[tuple[str, Fidelity]]) -> None:
    policy = Policy(tuple(accept))
    losses = [Loss.of(path, fidelity, "r") for path, fidelity in lost]
    expected = [x for x in losses if x.fidelity.is_lossy and not policy.covers(x.path)]
    assert list(policy.refused(losses)) == expected


def test_a_plugin_is_asked_what_a_word_means_that_the_vendor_documents_too() -> None:
    decided = ConsultedWords({}, lambda native: LeadSource.EVENT if native == "form" else None)
    reading = Reading(Terms().model_copy(update={"source_map": decided}))
    form, friend = (
        SOURCES.read({"source": word}, "source", reading) for word in ("form", "friend")
    )
    assert (form["source"].value, friend["source"].value) == ("event", "referral")
