"""Defects that earlier connectors shipped: each is named here, and cannot come back."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from typing import Any

import pytest
from tests.laws.subjects import Subject, adapters, settings_of, subjects

from leadgateway import Lead
from leadgateway.adapter import Adapter, LeadQuery
from leadgateway.mapping import MISSING, Choice, Field, SourceAndCapture, Use
from leadgateway.mapping.rules import fetch
from leadgateway.taxonomy import Fidelity
from leadgateway.values import Coded, Money, PersonName

EVERY = subjects()
every = pytest.mark.parametrize("subject", EVERY, ids=str)
shipped = pytest.mark.parametrize("adapter", adapters(), ids=lambda kind: kind.vendor)


def _takes_text(adapter: type[Adapter[Any]], name: str) -> bool:
    """Whether the vendor filters by `name` and knows it by no id."""
    id_of_a_stage = name == "stage" and "search" in adapter.capabilities.filters
    return name in adapter.capabilities.filters and not id_of_a_stage


def write(subject: Subject, lead: Lead, use: Use = Use.CREATE, base: Any = None) -> Any:
    return subject.without_needs().table.write(lead, use, subject.terms, base)


def texts(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {text for item in value.values() for text in texts(item)}
    if isinstance(value, list | tuple):
        return {text for item in value for text in texts(item)}
    return {value} if isinstance(value, str) else set()


def arrives(subject: Subject, lead: Lead) -> Lead:
    return subject.table.arrival(write(subject, lead), subject.terms)


@every
def test_mary_ann_van_der_berg_keeps_her_names(subject: Subject) -> None:
    name = arrives(subject, Lead(name="Mary Ann van der Berg")).name
    assert name is not None
    assert (name.full, name.given, name.family) == (
        "Mary Ann van der Berg",
        "Mary Ann",
        "van der Berg",
    )


@every
@pytest.mark.parametrize(
    "name", [PersonName(full="Berg", family="Berg"), PersonName(full="Berg", given="Berg"), None]
)
def test_a_missing_first_name_is_never_spelled_out(
    subject: Subject, name: PersonName | None
) -> None:
    body = write(subject, Lead(name=name)).fields
    found = " ".join(texts(body)).casefold()
    assert not {"undefined", "none", "null", "nan"} & set(found.split())
    again = subject.table.read(subject.table.echo(body), subject.terms).name
    assert again is None or again.full == "Berg"


@every
def test_what_a_row_writes_the_same_row_reads(subject: Subject) -> None:
    for rule in subject.table.rules:
        if not rule.on:
            continue
        shown: dict[str, Any] = {}
        rule.echo(dict.fromkeys(rule.keys, "written"), shown)
        keys = (rule.key,) if isinstance(rule, Field) else rule.keys
        assert rule.reads
        assert all(fetch(shown, key) is not MISSING for key in keys), rule


@every
@pytest.mark.parametrize("emails", [["nonsense"], ["not@", "work@example.com"]])
def test_an_unusable_address_never_blanks_the_vendors_own(
    subject: Subject, emails: list[str]
) -> None:
    row = subject.table.by_path["emails"]
    updating = subject.updating()
    base = updating.table.echo({row.keys[0]: "primary@example.com"})
    draft = updating.table.write(Lead(emails=emails), Use.UPDATE, subject.terms, base)
    assert fetch(draft.fields, row.keys[0]) is MISSING
    assert {loss.path for loss in draft.losses} == {"emails"}
    silent = updating.table.write(Lead(notes="n"), Use.UPDATE, subject.terms, base)
    assert fetch(silent.fields, row.keys[0]) is MISSING


@every
def test_cents_are_not_cut_off(subject: Subject) -> None:
    lead = Lead(value=Money(amount=Decimal("1999.99")))
    draft = write(subject, lead)
    if "value" in subject.table.by_path:
        assert draft.fields[subject.table.by_path["value"].keys[0]] == 199999
    else:
        assert ("value", Fidelity.DROPPED) in {(loss.path, loss.fidelity) for loss in draft.losses}


@every
def test_zero_and_false_are_values_and_no_null(subject: Subject) -> None:
    lead = Lead(
        score=0, qualified=False, custom={"zero": 0, "no": False}, value=Money(amount=Decimal(0))
    )
    for use in Use:
        body = json.loads(write(subject, lead, use).body)
        assert "null" not in json.dumps(body)
        held = fetch(body, subject.table.by_path["custom"].keys[0]) if _has_custom(subject) else {}
        if held is not MISSING and held:
            assert (held["zero"], held["no"]) == (0, False)
            assert held["no"] is False


def _has_custom(subject: Subject) -> bool:
    return "custom" in subject.table.by_path


@every
def test_further_phones_do_not_vanish_in_silence(subject: Subject) -> None:
    lead = Lead(phones=["+5511961234567", "+14155552671", "+442083661177"])
    losses = {loss.fidelity for loss in write(subject, lead).losses if loss.path == "phones"}
    assert losses & {Fidelity.NARROWED, Fidelity.DROPPED}


@pytest.mark.parametrize(
    ("adapter", "free"),
    [(kind, x) for kind in adapters() for x in ("search", "stage") if _takes_text(kind, x)],
)
def test_an_apostrophe_goes_through_a_query_as_it_is(
    adapter: type[Adapter[Any]], free: str
) -> None:
    made = adapter(settings_of(adapter))
    hostile = "O'Brien \"; DROP TABLE leads; -- & limit=0"
    request = next(made.list_page(LeadQuery(**{free: hostile}), None))
    assert [value for _, value in request.params].count(hostile) == 1
    assert "'" not in request.url


@every
@pytest.mark.parametrize("native", [None, "carrier pigeon"])
def test_an_unknown_source_is_never_the_last_of_the_list(
    subject: Subject, native: str | None
) -> None:
    for axis, value in (("source", "partner"), ("source", "other"), ("capture", "unknown")):
        rule = subject.table.by_path.get(axis)
        if rule is None or not isinstance(rule.codec, Choice | SourceAndCapture):
            continue
        lead = Lead(**{axis: Coded(value=value, native=native)})
        draft = write(subject, lead)
        written = fetch(draft.fields, rule.keys[0])
        open_ended = isinstance(rule.codec, Choice) and rule.codec.open_ended
        if open_ended:
            assert written in {native, value, MISSING}
        else:
            assert written is MISSING
            assert native is None or axis in {loss.path for loss in draft.losses}


@every
def test_a_then_b_then_a_is_written_again(subject: Subject) -> None:
    updating = subject.updating()
    one, other = Lead(name="Ana Souza"), Lead(name="Bea Lima")
    stored = updating.table.echo(write(updating, one).fields)
    for lead in (other, one, other):
        draft = updating.table.write(lead, Use.UPDATE, subject.terms, stored)
        assert draft.fields
        stored = updating.table.echo(draft.fields)
        assert updating.table.write(lead, Use.UPDATE, subject.terms, stored).fields == {}


@every
def test_nothing_of_a_contact_is_logged(subject: Subject, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    lead = Lead(name="Ana Canary", email="canary@example.com", phone="+5511961234567")
    draft = write(subject, lead)
    subject.table.read(subject.table.echo(draft.fields), subject.terms)
    assert caplog.records == []
    assert "anary" not in repr(draft)
