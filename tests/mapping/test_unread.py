"""What was never read of a lead is lost wherever it is written, and named."""

from __future__ import annotations

import pytest
from tests.mapping.writings import EVERY_USE, losses, table

from leadgateway import Lead
from leadgateway.errors import MappingError
from leadgateway.mapping import (
    CustomFields,
    Field,
    Integer,
    Policy,
    RuleSet,
    Tags,
    Terms,
    Text,
    Use,
)
from leadgateway.values import ExternalRef, Issue

ROWS = (
    Field("notes", "memo", Text(), on=EVERY_USE),
    Field("score", "points", Integer(0, 100), on=EVERY_USE),
    Field("tags", "labels", Tags(), on=EVERY_USE),
    Field("custom", "extra", CustomFields(), on=EVERY_USE),
)
THERE = {"id": "7", "memo": "hello", "points": 150, "labels": ["a", 1], "extra": {"x": [1], "y": 2}}
LOST = [
    ("score", "dropped", "unread"),
    ("tags", "narrowed", "unread"),
    ("custom.x", "dropped", "unread"),
]
TERMS = Terms()


def other() -> RuleSet:
    """The table of another vendor."""
    return RuleSet("another", ROWS)


@pytest.mark.parametrize("use", Use)
def test_what_could_not_be_read_is_lost_at_another_vendor(use):
    lead = table(*ROWS).read(THERE, TERMS)
    draft = other().write(lead, use, TERMS)
    assert losses(draft) == LOST
    assert [loss.detail for loss in draft.losses] == ["out_of_range", "partly_read", "wrong_type"]


def test_what_could_not_be_read_stays_in_the_record_it_came_from():
    rules = table(*ROWS)
    lead = rules.read(THERE, TERMS)
    change = lead.model_copy(update={"notes": "bye"})
    assert losses(rules.write(change, Use.UPDATE, TERMS, base=THERE)) == []
    twin = {**THERE, "id": "8"}
    assert losses(rules.write(change, Use.UPDATE, TERMS, base=twin)) == LOST
    elsewhere = change.model_copy(
        update={"ref": ExternalRef(vendor="another", connection="", id="7")}
    )
    assert losses(rules.write(elsewhere, Use.UPDATE, TERMS, base=THERE)) == LOST


def test_what_somebody_has_put_right_is_not_lost():
    lead = table(*ROWS).read(THERE, TERMS)
    mended = lead.model_copy(update={"score": 100, "custom": {"x": "1", "y": 2}})
    assert losses(other().write(mended, Use.CREATE, TERMS)) == [LOST[1]]
    company = Issue(path="company", code="extra_forbidden")
    named = Lead(company="Acme", issues=(company,))
    assert ("company", "dropped", "unread") not in losses(other().write(named, Use.CREATE, TERMS))


def test_what_was_read_as_typed_is_not_lost():
    lead = Lead(name="Ana", email="no address", phone="12", notes="x")
    assert {issue.path for issue in lead.issues} == {"emails", "phones"}
    assert "unread" not in {reason for *_, reason in losses(other().write(lead, Use.CREATE, TERMS))}


def test_a_text_with_half_a_character_is_spelt_otherwise():
    lead = Lead(name="Ann \ud83d Lee")
    rules = table(Field("name", "name", Text(), on=EVERY_USE))
    said = losses(RuleSet("another", rules.rules[:0]).write(lead, Use.CREATE, TERMS))
    assert ("name", "narrowed", "unread") in said


@pytest.mark.parametrize("code", ["ragged", "not_csv"])
def test_what_belongs_to_no_field_is_lost_as_the_record(code):
    issue = Issue(path="raw", code=code, detail="line 3: 2 cells more than the header")
    lead = Lead(notes="x", issues=(issue,))
    draft = other().write(lead, Use.CREATE, TERMS)
    assert losses(draft) == [("raw", "dropped", "unread")]
    assert Policy(("raw",)).refused(draft.losses) == ()
    assert Policy().refused(draft.losses) == draft.losses


def test_a_record_of_which_nothing_was_read_is_not_written_and_says_why():
    issue = Issue(path="raw", code="not_csv", detail="line 2: a quote is not closed")
    ref = ExternalRef(vendor="csv", connection="f", id="row-1")
    with pytest.raises(MappingError, match=r"not_csv.*line 2: a quote is not closed"):
        other().write(Lead(ref=ref, issues=(issue,)), Use.CREATE, TERMS)


def test_an_id_that_was_not_read_or_stands_twice_is_no_value():
    lead = Lead(notes="x", issues=(Issue(path="ref", code="wrong_type"),))
    assert losses(other().write(lead, Use.CREATE, TERMS)) == []
