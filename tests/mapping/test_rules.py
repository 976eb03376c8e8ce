"""Rows and tables: where values stand, which rule speaks for them, what a body needs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.mapping.writings import EVERY_USE, losses, table, wrote

from leadgateway import Lead
from leadgateway.errors import FidelityError, MappingError
from leadgateway.exchange import loads
from leadgateway.frozen import FrozenDict
from leadgateway.mapping import (
    BULK,
    CREATE,
    CREATE_AND_UPDATE,
    MISSING,
    STRICT,
    UPDATE,
    CustomFields,
    Field,
    Flag,
    Joint,
    Limit,
    NameParts,
    Needs,
    RuleSet,
    Tags,
    Terms,
    Text,
    Use,
    disagreements,
)
from leadgateway.mapping.leaves import PATHS, agree, is_empty, leaf_type, put_together, take_apart
from leadgateway.mapping.rules import fetch, place
from leadgateway.taxonomy import Fidelity
from leadgateway.values import (
    Coded,
    Company,
    Loss,
    Money,
    Owner,
    PersonName,
    PhoneNumber,
    Qualification,
    Stage,
)

NESTED = {"a": {"b": 1, "n": None}, "x": "text", "a.dot": 2}


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("a.b", 1),
        ("a.c", MISSING),
        ("a.n", None),
        ("a.n.deeper", None),
        ("x.y", MISSING),
        ("a.dot", 2),
        ("zero", MISSING),
    ],
)
def test_a_dotted_key_finds_what_stands_there(key: str, found: object) -> None:
    assert fetch(NESTED, key) == found


def test_a_dotted_key_is_built_on_the_way() -> None:
    body: dict[str, Any] = {"a": FrozenDict(b=1), "t": "text"}
    place(body, "a.c", 2)
    place(body, "t.u", 3)
    place(body, "plain", 4)
    assert body == {"a": {"b": 1, "c": 2}, "t": {"u": 3}, "plain": 4}


def test_something_else_than_an_object_on_the_way_is_reported() -> None:
    rules = table(Field("stage.slug", "stage.slug", Text()), Field("stage.id", "stage.id", Text()))
    lead = rules.read({"stage": "new"}, Terms())
    assert not lead.knows("stage")
    assert {(issue.path, issue.code) for issue in lead.issues} == {
        ("stage.slug", "wrong_type"),
        ("stage.id", "wrong_type"),
    }
    assert rules.read({"stage": None}, Terms()).stage == Stage(slug=None, id=None)
    assert not rules.read({"stage": {}}, Terms()).knows("stage")


def test_a_row_may_be_read_only_or_write_only() -> None:
    rules = table(
        Field("notes", "notes", Text()),
        Field("intent", "intent", Text(), on=CREATE, reads=False),
    )
    lead = rules.read({"notes": "n", "intent": "i"}, Terms())
    assert (lead.notes, lead.knows("intent")) == ("n", False)
    draft = wrote(rules, Lead(notes="n", intent="i"))
    assert draft.fields == {"intent": "i"}
    assert losses(draft) == [("notes", "dropped", "read_only")]


@pytest.mark.parametrize(
    ("on", "use", "reason"),
    [(CREATE, Use.UPDATE, "not_on_update"), (BULK, Use.CREATE, "not_on_create"),
     (UPDATE, Use.BULK, "not_on_bulk")],
)  # fmt: skip
def test_a_row_that_is_not_written_in_this_use_is_named(
    on: frozenset[Use], use: Use, reason: str
) -> None:
    draft = wrote(table(Field("notes", "k", Text(), on=on)), Lead(notes="n"), use)
    assert losses(draft) == [("notes", "dropped", reason)]


def test_what_an_update_can_write_is_said_of_what_a_create_cannot() -> None:
    rules = table(Field("notes", "k", Text(), on=UPDATE), Field("intent", "i", Text(), on=BULK))
    draft = wrote(rules, Lead(notes="n", intent="i", line="buyer"))
    assert {loss.path: loss.detail for loss in draft.losses} == {
        "notes": "an update can write it",
        "intent": "",
        "line": "",
    }
    with pytest.raises(FidelityError, match=r"\(not_on_create: an update can write it\)"):
        STRICT.check(draft.losses)


def test_null_clears_where_the_vendor_says_so_and_is_named_elsewhere() -> None:
    rules = table(
        Field("notes", "notes", Text(), on=CREATE_AND_UPDATE, clears=True),
        Field("intent", "intent", Text(), on=CREATE_AND_UPDATE),
        Joint(("name",), ("first", "last"), NameParts("first", "last"), on=CREATE_AND_UPDATE),
    )
    lead = Lead(notes=None, intent=None, name=None)
    updated, created = wrote(rules, lead, Use.UPDATE), wrote(rules, lead)
    assert updated.fields == {"notes": None}
    assert sorted(losses(updated)) == [
        ("intent", "dropped", "clearing_undocumented"),
        ("name", "dropped", "clearing_undocumented"),
    ]
    assert (created.fields, created.losses) == ({}, ())


def test_two_rows_for_one_leaf_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="two rules speak for 'notes'"):
        table(Field("notes", "a", Text()), Field("notes", "b", Text()))


def test_two_rows_that_write_one_key_for_one_use_are_a_mistake() -> None:
    notes = Field("notes", "memo", Text(), on=CREATE)
    written = Field("intent", "wish", Text(), on=EVERY_USE, write_key="memo")
    joint = Joint(("name",), ("memo", "last"), NameParts("memo", "last"), on=CREATE)
    for other in (Field("intent", "memo", Text(), on=CREATE), written, joint):
        with pytest.raises(ValueError, match="are both written to 'memo' on create"):
            table(notes, other)


def test_two_rows_may_read_one_key_or_write_it_for_different_uses() -> None:
    table(Field("notes", "memo", Text(), on=CREATE), Field("intent", "memo", Text()))
    table(Field("notes", "memo", Text(), on=CREATE), Field("intent", "memo", Text(), on=UPDATE))


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("email", "emails"),
        ("phone", "phones"),
        ("company", "company.name"),
        ("company.industri", "company.industry"),
        ("custom.budget", "custom"),
        ("ref", "name, company.name"),
    ],
)
def test_a_row_for_what_no_lead_has_is_a_mistake(path: str, near: str) -> None:
    with pytest.raises(ValueError, match=f"no lead has a part '{path}'; paths: .*{near}"):
        table(Field(path, "key", Text(), on=CREATE))


def test_a_row_is_overridden_with_everything_it_speaks_for() -> None:
    rules = table(
        Joint(("name", "line"), ("first", "last"), NameParts("first", "last"), on=EVERY_USE),
        Field("notes", "notes", Text(), on=EVERY_USE),
    )
    changed = rules.overridden([Field("name", "full", Text(), on=EVERY_USE)])
    assert set(changed.by_path) == {"notes", "name"}
    assert changed.vendor == rules.vendor


NEEDS = Needs((("email",), ("name", "org.title")), on=CREATE)


@pytest.mark.parametrize(
    ("lead", "met"),
    [
        (Lead(intent="a@example.com"), True),
        (Lead(notes="n", company="c"), True),
        (Lead(notes="n"), False),
        (Lead(notes="n", company=""), False),
        (Lead(), False),
    ],
)
def test_a_body_needs_all_keys_of_one_alternative(lead: Lead, met: bool) -> None:
    rules = RuleSet(
        "harbour",
        (
            Field("intent", "email", Text(), on=EVERY_USE),
            Field("notes", "name", Text(), on=EVERY_USE),
            Field("company.name", "org.title", Text(), on=EVERY_USE),
        ),
        needs=(NEEDS,),
    )
    assert str(NEEDS) == "email, or name with org.title"
    assert wrote(rules, lead, Use.UPDATE)
    if met:
        assert wrote(rules, lead)
        return
    with pytest.raises(MappingError, match=r"needs email, or name with org\.title"):
        wrote(rules, lead)


def test_what_was_needed_and_lost_is_said_without_its_value() -> None:
    rules = RuleSet(
        "harbour",
        (Field("notes", "name", Text(), on=EVERY_USE), Field("intent", "i", Text(), on=EVERY_USE)),
        needs=(Needs((("name",),)),),
    )
    with pytest.raises(MappingError) as caught:
        wrote(rules, Lead(notes="canary\x00", intent="x\x00"))
    assert str(caught.value) == (
        "lead: precondition (harbour needs name (notes control_character))"
    )


def test_an_id_is_kept_digit_for_digit_and_an_absurd_one_reported() -> None:
    rules = table()
    ref = rules.read(loads(b'{"id": 18446744073709551617}'), Terms(), "prod").ref
    assert ref is not None
    assert (ref.vendor, ref.connection, ref.id) == ("harbour", "prod", "18446744073709551617")
    for odd in (True, ["x"], {}, 1.5):
        lead = rules.read({"id": odd}, Terms())
        assert lead.ref is None
        assert [issue.path for issue in lead.issues] == ["ref"]
    assert rules.read({"id": None}, Terms()).issues == ()
    assert rules.read({}, Terms()).ref is None


def test_an_echo_shows_what_was_written_where_the_vendor_shows_it() -> None:
    rules = table(
        Field("line", "extra.line", Text(), on=EVERY_USE, write_key="line"),
        Field("custom", "extra", CustomFields(frozenset({"line"})), on=EVERY_USE),
        Field("owner", "owner", Text(), on=EVERY_USE, write_key="owner_id", echo_key="owner.id"),
        Field("tags", "tags", Tags(), on=EVERY_USE),
    )
    shown = rules.echo({"line": "buyer", "extra": {"a": 1}, "owner_id": "u1", "unknown": 1})
    assert shown == {"extra": {"line": "buyer", "a": 1}, "owner": {"id": "u1"}}
    assert rules.echo({"extra": {"a": 1}}) == {"extra": {"a": 1}}


def test_a_leaf_is_taken_apart_and_put_together() -> None:
    lead = Lead(
        notes="n",
        company=Company(name="c"),
        stage=None,
        qualification=Qualification(timeline="soon"),
        tags=None,
    )
    leaves = take_apart(lead)
    assert leaves == {
        "notes": "n",
        "company.name": "c",
        "stage.pipeline_id": None,
        "stage.id": None,
        "stage.slug": None,
        "stage.name": None,
        "qualification.timeline": "soon",
        "tags": None,
    }
    again = Lead(**put_together(leaves))
    assert again.company == lead.company
    assert again.qualification == lead.qualification
    assert "company.size" in PATHS
    assert not {"ref", "raw", "issues"} & set(PATHS)
    assert leaf_type("notes") == str | None


@pytest.mark.parametrize("value", [None, (), {}, Coded(value="unknown")])
def test_nothing_is_empty(value: Any) -> None:
    assert is_empty(value)


@pytest.mark.parametrize("value", ["", 0, False, Coded(value="other"), Owner(), (None,)])
def test_blank_zero_and_false_are_not_empty(value: Any) -> None:
    assert not is_empty(value)


def coded(value: str, native: str | None = None) -> Coded[Any]:
    return Coded(value=value, native=native)


def money(amount: str, currency: str | None = None) -> Money:
    return Money(amount=amount, currency=currency)


@pytest.mark.parametrize(
    ("left", "right", "agreed"),
    [
        (None, (), True),
        (None, "", False),
        ("a", "a", True),
        (1, True, False),
        (1, 1.0, True),
        ((), None, True),
        (("a",), ("a", "b"), False),
        ({"a": 1, "b": None}, {"a": 1}, True),
        ({"a": 1}, {"a": True}, False),
        # A decimal and the float of the same digits are one number.
        ({"a": Decimal("1.10")}, {"a": 1.1}, True),
        ({"a": Decimal("0.1000000000000000055511151231257827")}, {"a": 0.1}, False),
        ({"a": Decimal(1)}, {"a": True}, False),
        ({"a": 1}, None, False),
        ({"a": None}, None, True),
        (coded("converted", "won"), coded("converted", "Ganhou"), True),
        (coded("converted"), coded("lost"), False),
        (coded("other", "x"), coded("unknown", "x"), True),
        (coded("other", "x"), coded("other", "y"), False),
        (coded("other"), coded("other", "y"), True),
        (coded("other"), coded("unknown", "y"), False),
        (coded("unknown"), None, True),
        (money("1.50", "EUR"), money("1.5", "EUR"), True),
        (money("1.5", "EUR"), money("1.5"), True),
        (money("1.5", "EUR"), money("1.5", "BRL"), False),
        (money("1.5"), money("1.6"), False),
        (Owner(id="1", name="Bo"), Owner(id="1"), True),
        (Owner(name="Bo"), Owner(id="1"), False),
        (Owner(name="Bo"), Owner(name="Jo"), False),
        (PersonName(full="Ana", given="Ana"), PersonName(full="Ana"), True),
        ((PhoneNumber(raw="1", e164="+1"),), (PhoneNumber(raw="+1", e164="+1"),), True),
        ((PhoneNumber(raw="1"),), (PhoneNumber(raw="2"),), False),
        (
            (PhoneNumber(raw="1", e164="+1", extension="2"),),
            (PhoneNumber(raw="1", e164="+1"),),
            False,
        ),
        (Owner(id="1"), "1", False),
    ],
)
def test_two_leaves_agree_if_they_say_the_same(left: Any, right: Any, agreed: bool) -> None:
    assert agree(left, right) is agreed
    assert agree(right, left) is agreed


def test_only_what_differs_is_updated() -> None:
    rules = table(
        Field("notes", "notes", Text(), on=EVERY_USE),
        Field("qualified", "qualified", Flag(), on=EVERY_USE, clears=True),
        Joint(("name",), ("first", "last"), NameParts("first", "last"), on=EVERY_USE),
    )
    base = {"id": "1", "notes": "n", "first": "Ana", "last": "Souza", "more": {"kept": [1]}}
    lead = rules.read(base, Terms())
    assert wrote(rules, lead, Use.UPDATE, base).fields == {}
    assert wrote(rules, Lead(notes="m", name="Ana Souza"), Use.UPDATE, base).fields == {
        "notes": "m"
    }
    assert wrote(rules, Lead(qualified=None), Use.UPDATE, base).fields == {"qualified": None}


def test_what_the_vendor_holds_already_is_not_sent_again() -> None:
    rules = table(
        Field("notes", "notes", Text(), on=EVERY_USE, limit=Limit(3)),
        Field("company.name", "org.title", Text(), on=EVERY_USE),
        Field("company.size", "org.size", Text(), on=EVERY_USE, limit=Limit(1)),
        Field("qualified", "qualified", Flag(), on=EVERY_USE),
    )
    lead = Lead(notes="abcd", company=Company(name="c", size="10"), qualified=True)
    draft = wrote(rules, lead, Use.UPDATE, {"notes": "abc", "org": {"title": "b", "size": "1"}})
    assert draft.fields == {"org": {"title": "c"}, "qualified": True}
    assert {loss.path for loss in draft.losses} == {"notes", "company.size"}
    both = wrote(rules, lead, Use.UPDATE, {"org": {"title": "b", "size": "2"}, "qualified": 1})
    assert both.fields == {"notes": "abc", "org": {"title": "c", "size": "1"}, "qualified": True}


def test_only_unannounced_differences_are_disagreements() -> None:
    sent = Lead(notes="n", intent="i", email="a@example.com", tags=())
    found = Lead(notes="m", email="A@example.com")
    lost = [Loss(path="intent", fidelity=Fidelity.DROPPED, reason="no_such_field")]
    assert disagreements(sent, found, lost) == ("emails", "notes")
    assert disagreements(sent, found, ()) == ("emails", "intent", "notes")
    assert disagreements(sent, sent, ()) == ()


def test_a_draft_is_bytes_before_anything_is_sent() -> None:
    draft = wrote(table(Field("notes", "n", Text(), on=EVERY_USE)), Lead(notes="é"))
    assert draft.body == '{"n":"é"}'.encode()
    with pytest.raises(TypeError):
        draft.fields["n"] = "changed"  # type: ignore[index]  # frozen, which is the point
