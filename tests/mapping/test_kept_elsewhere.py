"""Relocation by hand: a value kept in a custom field, a tag or the notes, and found there again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.mapping.writings import EVERY_USE, losses, table

from leadgateway import Lead
from leadgateway.errors import ConfigError
from leadgateway.mapping import (
    CREATE,
    Cents,
    CustomFields,
    Field,
    Limit,
    Phone,
    RuleSet,
    Tags,
    Terms,
    Text,
    Use,
)
from leadgateway.values import Company, Money

ROWS = (
    Field("name", "title", Text(), on=CREATE),
    Field("phones", "tel", Phone(), on=EVERY_USE),
    Field("value", "cents", Cents(), on=EVERY_USE),
    Field("custom", "extra.fields", CustomFields(), on=EVERY_USE, limit=Limit(30)),
    Field("tags", "labels", Tags(), on=EVERY_USE, limit=Limit(30)),
    Field("notes", "notes", Text(), on=EVERY_USE, limit=Limit(60)),
)


def relocating(**places: str) -> tuple[RuleSet, Terms]:
    terms = Terms(relocate={path.replace("__", "."): place for path, place in places.items()})
    return table(*ROWS).for_terms(terms), terms


def sent(lead: Lead, use: Use = Use.CREATE, base: Any = None, **places: str) -> Any:
    rules, terms = relocating(**places)
    return rules.write(lead, use, terms, base)


def back(fields: Any, **places: str) -> Lead:
    rules, terms = relocating(**places)
    return rules.read(rules.echo(fields), terms)


@pytest.mark.parametrize(
    ("place", "fields"),
    [
        ("custom:why", {"extra": {"fields": {"why": "a\nb"}}}),
        ("tag", {"labels": ("intent=a\nb",)}),
        ("notes", {"notes": "[intent] a\\nb"}),
    ],
)
def test_a_lost_value_goes_to_its_place_and_comes_back(place: str, fields: Any) -> None:
    lead = Lead(intent="a\nb")
    draft = sent(lead, intent=place)
    assert draft.fields == fields
    assert losses(draft) == [("intent", "relocated", "relocated")]
    again = back(draft.fields, intent=place)
    assert again.intent == "a\nb"
    assert not again.custom
    assert not again.tags
    assert not again.notes


@pytest.mark.parametrize("place", ["custom:x", "tag", "notes"])
@pytest.mark.parametrize(
    "text", ["", " ", "\\n", "a\\\\b", "[intent] x", "intent=x", "{}", "ü\r\n"]
)
def test_odd_texts_come_back_as_they_were(place: str, text: str) -> None:
    for rest in (
        {},
        {"tags": ["a", "b"], "notes": "one\ntwo", "custom": {"a": 1}},
        {"tags": [], "notes": "", "custom": {}},
    ):
        lead = Lead(intent=text, **rest)
        again = back(sent(lead, intent=place).fields, intent=place)
        assert again.intent == text
        assert (again.tags or ()) == tuple(rest.get("tags", ()))
        assert again.notes == rest.get("notes")
        assert (again.custom or {}) == rest.get("custom", {})


def test_values_of_every_shape_come_back() -> None:
    lead = Lead(
        score=7,
        qualified=False,
        status="converted",
        company=Company(size="1-10"),
        attribution={"gclid": "x", "n": Decimal("1.10")},
        emails=["a@example.com", "b@example.com"],
        created_at="2026-07-03T12:00:00Z",
    )
    places = {
        "score": "custom:score",
        "qualified": "custom:qualified",
        "company__size": "custom:size",
        "status": "notes",
        "attribution": "notes",
    }
    wide = table(*ROWS[:-1], Field("notes", "notes", Text(), on=EVERY_USE))
    terms = Terms(relocate={path.replace("__", "."): place for path, place in places.items()})
    rules = wide.for_terms(terms)
    draft = rules.write(lead, Use.CREATE, terms)
    again = rules.read(rules.echo(draft.fields), terms)
    for field in ("score", "qualified", "company", "status", "attribution"):
        assert getattr(again, field) == getattr(lead, field)
    assert type(again.attribution["n"]) is Decimal
    assert again.notes is None


def test_a_value_that_fits_stays_in_its_own_field() -> None:
    lead = Lead(phone="+5511961234567", value=Money(amount=Decimal(5)))
    draft = sent(lead, phones="custom:tel", value="notes")
    assert draft.fields == {"tel": "+5511961234567", "cents": 500}
    assert draft.losses == ()


def test_a_narrowed_value_is_kept_whole_beside_its_field() -> None:
    lead = Lead(value=Money(amount=Decimal("0.125")))
    cramped = sent(lead, value="custom:exact")
    assert cramped.fields == {"cents": 12}
    assert losses(cramped) == [("value", "narrowed", "fraction_of_a_cent")]
    roomy = sent(lead, value="notes")
    assert roomy.fields["cents"] == 12
    assert losses(roomy) == [("value", "relocated", "relocated")]
    assert back(roomy.fields, value="notes").value == lead.value


@pytest.mark.parametrize(
    ("place", "lead"),
    [
        ("custom:x", Lead(intent="x" * 31)),
        ("tag", Lead(intent="x" * 30)),
        ("notes", Lead(intent="x" * 30, notes="y" * 30)),
        ("tag", Lead(intent="nul\x00")),
        ("custom:x", Lead(intent="half \ud800")),
        ("custom:x", Lead(intent=None)),
        ("notes", Lead()),
    ],
)
def test_a_value_that_does_not_fit_elsewhere_either_stays_lost(place: str, lead: Lead) -> None:
    draft = sent(lead, intent=place)
    named = [("intent", "dropped", "no_such_field")] if lead.intent else []
    assert losses(draft) == named
    assert "intent" not in str(draft.fields)


def test_a_map_that_no_encoding_can_carry_stays_lost() -> None:
    draft = sent(Lead(attribution={"a": "half \ud800"}), attribution="notes")
    assert (draft.fields, losses(draft)) == ({}, [("attribution", "dropped", "no_such_field")])


def test_what_the_lead_keeps_in_the_same_place_is_named() -> None:
    held = Lead(intent="new", custom={"why": "old", "a": 1})
    assert losses(sent(held, intent="custom:why")) == [
        ("intent", "relocated", "relocated"),
        ("custom.why", "dropped", "reserved"),
    ]
    tagged = sent(Lead(intent="new", tags=["intent=old", "a"]), intent="tag")
    assert tagged.fields == {"labels": ("a", "intent=new")}
    assert ("tags", "narrowed", "reserved") in losses(tagged)
    noted = sent(Lead(intent="new", notes="[intent] old"), intent="notes")
    assert losses(noted) == [("intent", "relocated", "relocated")]
    assert back(noted.fields, intent="notes").notes == "[intent] old"


def test_what_will_be_read_as_the_relocated_field_is_named() -> None:
    for place, lead, path in (
        ("custom:why", Lead(custom={"why": "old"}), "custom.why"),
        ("tag", Lead(tags=["intent=old"]), "tags"),
        ("notes", Lead(notes="a\n[intent] old"), "notes"),
    ):
        draft = sent(lead, intent=place)
        assert losses(draft) == [(path, "relocated", "reads_as")]
        assert back(draft.fields, intent=place).intent == "old"
    numeric = sent(Lead(tags=["score=high"]), score="tag")
    assert numeric.losses == ()
    again = back(numeric.fields, score="tag")
    assert again.tags == ("score=high",)
    assert [issue.code for issue in again.issues] == ["relocated_unreadable"]


def test_a_renamed_custom_field_is_named_by_our_name() -> None:
    terms = Terms(relocate={"intent": "custom:why"}, custom_map={"reason": "why"})
    rules = table(*ROWS).for_terms(terms)
    draft = rules.write(Lead(intent="new", custom={"reason": "old"}), Use.CREATE, terms)
    assert ("custom.reason", "dropped", "reserved") in losses(draft)


# --- updates -------------------------------------------------------------------------------------

STORED = {
    "extra": {"fields": {"why": "kept", "a": 1}},
    "labels": ["line=buyer", "vip"],
    "notes": "Called.\n[score] 7",
}
PLACES = {"intent": "custom:why", "line": "tag", "score": "notes"}


def test_what_is_kept_elsewhere_is_unchanged_when_it_is_unchanged() -> None:
    lead = back({}, **PLACES)
    rules, terms = relocating(**PLACES)
    lead = rules.read(STORED, terms)
    assert (lead.intent, lead.line, lead.score) == ("kept", "buyer", 7)
    assert (lead.custom, lead.tags, lead.notes) == ({"a": 1}, ("vip",), "Called.")
    draft = sent(lead, Use.UPDATE, STORED, **PLACES)
    assert (draft.fields, draft.losses) == ({}, ())


def test_a_change_rewrites_the_place_with_everything_else_it_holds() -> None:
    lead = Lead(intent="new", line="seller", score=8)
    draft = sent(lead, Use.UPDATE, STORED, **PLACES)
    assert draft.fields == {
        "extra": {"fields": {"why": "new", "a": 1}},
        "labels": ("vip", "line=seller"),
        "notes": "Called.\n[score] 8",
    }
    assert {fidelity for _, fidelity, _ in losses(draft)} == {"relocated"}


def test_a_change_of_the_place_keeps_what_was_put_there() -> None:
    lead = Lead(custom={"a": 2}, tags=["new"], notes="Called twice.")
    draft = sent(lead, Use.UPDATE, STORED, **PLACES)
    assert draft.fields == {
        "extra": {"fields": {"a": 2, "why": "kept"}},
        "labels": ("new", "line=buyer"),
        "notes": "Called twice.\n[score] 7",
    }
    assert draft.losses == ()


def test_clearing_takes_the_value_out_of_its_place() -> None:
    draft = sent(Lead(intent=None, line=None, score=None), Use.UPDATE, STORED, **PLACES)
    assert draft.fields == {
        "extra": {"fields": {"a": 1}},
        "labels": ("vip",),
        "notes": "Called.",
    }
    alone = sent(Lead(score=None), Use.UPDATE, {"notes": "[score] 7"}, **PLACES)
    assert alone.fields == {"notes": ""}


def test_two_values_share_the_notes() -> None:
    places = {"intent": "notes", "line": "notes"}
    lead = Lead(intent="buy", line="seller")
    draft = sent(lead, **places)
    assert draft.fields == {"notes": "[intent] buy\n[line] seller"}
    again = back(draft.fields, **places)
    assert (again.intent, again.line, again.notes) == ("buy", "seller", None)
    changed = sent(Lead(intent="rent"), Use.UPDATE, draft.fields, **places)
    assert changed.fields == {"notes": "[intent] rent\n[line] seller"}
    assert losses(changed) == [("intent", "relocated", "relocated")]


def test_without_the_stored_payload_an_update_leaves_the_place_alone() -> None:
    draft = sent(Lead(intent="new"), Use.UPDATE, **PLACES)
    assert draft.fields == {}
    assert losses(draft) == [("intent", "dropped", "no_such_field")]
    whole = sent(Lead(intent="new", custom={"a": 1}), Use.UPDATE, **PLACES)
    assert whole.fields == {"extra": {"fields": {"a": 1, "why": "new"}}}


def test_a_place_that_is_not_written_in_this_use_holds_nothing() -> None:
    rules = table(Field("notes", "notes", Text(), on=CREATE))
    terms = Terms(relocate={"intent": "notes"})
    draft = rules.for_terms(terms).write(Lead(intent="i"), Use.UPDATE, terms)
    assert (draft.fields, losses(draft)) == ({}, [("intent", "dropped", "no_such_field")])


# --- configuration -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relocate", "message"),
    [
        ({"intentions": "tag"}, "relocate.intentions"),
        ({"intent": "custom"}, "relocate.intent"),
        ({"intent": "custom:"}, "relocate.intent"),
        ({"intent": "tag:x"}, "relocate.intent"),
        ({"intent": "attic"}, "relocate.intent"),
        ({"tags": "tag"}, "relocate.tags"),
        ({"intent": "custom:x", "line": "custom:x"}, "relocate"),
        ({"intent": "custom:from"}, "relocate"),
    ],
)
def test_a_place_that_cannot_be_is_refused(relocate: dict[str, str], message: str) -> None:
    terms = Terms(relocate=relocate, marker="from")
    with pytest.raises(ConfigError, match=message):
        table(*ROWS).for_terms(terms)


def test_a_vendor_without_the_place_is_refused() -> None:
    for rules in (table(), table(Field("notes", "notes", Text())),
                  table(Field("notes", "notes", Text(), on=CREATE, reads=False))):  # fmt: skip
        with pytest.raises(ConfigError, match="this vendor has no notes to keep it in"):
            rules.for_terms(Terms(relocate={"intent": "notes"}))


def test_a_connection_that_relocates_nothing_has_the_vendors_table() -> None:
    rules = table(*ROWS)
    assert rules.for_terms(Terms()) is rules


@pytest.mark.parametrize("there", [5, "text", ["a"], {"a": "b"}, True], ids=type)
@pytest.mark.parametrize(
    ("kept", "key", "fits"),
    [("custom:trade", "extra", dict), ("tag", "labels", list), ("notes", "notes", str)],
)
def test_nothing_is_kept_where_something_else_stands_than_documented(there, kept, key, fits):
    rules, terms = relocating(company__industry=kept)
    base = {"id": "1", key: {"fields": there} if key == "extra" else there}
    draft = rules.write(Lead(company=Company(industry="wine")), Use.UPDATE, terms, base=base)
    relocated = isinstance(there, fits)
    said = ("relocated", "relocated") if relocated else ("dropped", "no_such_field")
    assert losses(draft) == [("company.industry", *said)]
    assert bool(draft.fields) is relocated


@pytest.mark.parametrize(
    "terms", [Terms(relocate={"intent": "custom:line"}), Terms(marker="line")], ids=str
)
def test_a_custom_field_that_is_a_field_of_its_own_holds_nothing_else(terms: Terms) -> None:
    own = Field("custom", "extra", CustomFields(without=frozenset({"line"})), on=EVERY_USE)
    with pytest.raises(ConfigError, match="custom field 'line' is harbour's own"):
        table(own).for_terms(terms)
