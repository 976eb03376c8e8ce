"""Looking closely: the same parts, every entry of a map, the mark of where a lead came from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.mapping.writings import EVERY_USE, table, wrote

from leadgateway import Lead
from leadgateway.mapping import CREATE, CustomFields, Field, Terms, Text, Use
from leadgateway.mapping.leaves import kept, spread
from leadgateway.values import Company, Money, PersonName, PhoneNumber

EXTENDED = PhoneNumber(raw="+14155552671 x7", e164="+14155552671", extension="7")


@pytest.mark.parametrize(
    ("sent", "found", "as_it_was"),
    [
        ("a", "a", True),
        ("a", "b", False),
        (None, None, True),
        (PersonName(full="Ana Souza"), PersonName(full="Ana Souza", given="Ana"), True),
        (
            PersonName(full="Ana Souza", given="Ana", family="Souza"),
            PersonName(full="Ana Souza", given="Ana", family="Souza", inferred=True),
            True,
        ),
        (
            PersonName(full="Ana Lee Souza", given="Ana", family="Lee Souza"),
            PersonName(full="Ana Lee Souza", given="Ana Lee", family="Souza"),
            False,
        ),
        (
            PersonName(full="Ana Lee", given="Ana", inferred=True),
            PersonName(full="Ana Lee"),
            True,
        ),
        ((EXTENDED,), (EXTENDED.model_copy(update={"raw": "+14155552671"}),), True),
        ((EXTENDED,), (EXTENDED.model_copy(update={"raw": "+14155552671;ext=7"}),), False),
        (Money(amount=Decimal(1), currency="EUR"), Money(amount=Decimal(1)), False),
        (Money(amount=Decimal(1)), Money(amount=Decimal(1), currency="EUR"), True),
    ],
)
def test_a_value_is_kept_with_its_parts(sent: Any, found: Any, as_it_was: bool) -> None:
    assert kept(sent, found) is as_it_was


def test_every_entry_of_a_map_has_a_path_of_its_own() -> None:
    lead = Lead(notes="n", company=Company(name="c"), custom={"a": 1, "b": None}, attribution={})
    assert spread(lead) == {"notes": "n", "company.name": "c", "custom.a": 1, "custom.b": None}


CUSTOM = table(Field("custom", "extra", CustomFields(), on=EVERY_USE))


def test_a_draft_carries_the_mark_beside_what_it_holds() -> None:
    terms = Terms(marker="came_from")
    draft = wrote(CUSTOM, Lead(custom={"a": 1}))
    marked = CUSTOM.marked(draft, terms, "harbour:1")
    assert marked.fields == {"extra": {"a": 1, "came_from": "harbour:1"}}
    assert marked.losses == draft.losses
    assert CUSTOM.mark_of(marked.fields, terms) == "harbour:1"
    assert CUSTOM.read(marked.fields, terms).custom == {"a": 1}
    bare = CUSTOM.marked(wrote(CUSTOM, Lead()), terms, "harbour:1")
    assert bare.fields == {"extra": {"came_from": "harbour:1"}}


def test_without_a_place_for_it_there_is_no_mark() -> None:
    draft = wrote(CUSTOM, Lead(custom={"a": 1}))
    assert CUSTOM.marked(draft, Terms(), "x") is draft
    assert CUSTOM.mark_of({"extra": {"came_from": "x"}}, Terms()) is None
    assert CUSTOM.mark_of({"extra": {"came_from": 5}}, Terms(marker="came_from")) is None
    plain = table(Field("notes", "notes", Text(), on=EVERY_USE))
    noted = wrote(plain, Lead(notes="n"))
    assert plain.marked(noted, Terms(marker="m"), "x") is noted
    assert plain.mark_of({"m": "x"}, Terms(marker="m")) is None
    once = table(Field("custom", "extra", CustomFields(), on=CREATE))
    update = once.write(Lead(), Use.UPDATE, Terms())
    assert once.marked(update, Terms(marker="m"), "x") is update
