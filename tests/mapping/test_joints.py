"""Leaves that share native keys: the parts of a name, a stage that is a status as well."""

from __future__ import annotations

from typing import Any

import pytest
from tests.mapping.writings import EVERY_USE, losses, table, wrote

from leadgateway import Lead
from leadgateway.mapping import (
    Choice,
    Field,
    Joint,
    JointCodec,
    Limit,
    NameParts,
    Reading,
    StageIsStatus,
    Terms,
    Text,
    Use,
    Writing,
)
from leadgateway.taxonomy import LeadStatus
from leadgateway.values import Coded, ExternalRef, PersonName, Stage

PARTS = table(
    Joint(("name",), ("first", "last"), NameParts("first", "last"), on=EVERY_USE, limit=Limit(10))
)
DEMANDED = table(
    Joint(("name",), ("first", "last"), NameParts("first", "last"), on=EVERY_USE, always=True)
)
PHASE = table(
    Joint(
        ("status", "stage.slug"),
        ("phase",),
        StageIsStatus(
            "phase",
            Choice(
                {"new": LeadStatus.NEW, "won": LeadStatus.CONVERTED},
                LeadStatus.UNKNOWN,
                open_ended=True,
            ),
        ),
        on=EVERY_USE,
        limit=Limit(12),
    )
)
ELSEWHERE = ExternalRef(vendor="elsewhere", connection="prod", id="1")


def named(draft: Any) -> list[tuple[str, str]]:
    return [(fidelity, reason) for _, fidelity, reason in losses(draft)]


@pytest.mark.parametrize(
    ("name", "terms", "body", "lost"),
    [
        ("Ana Souza", {}, ("Ana", "Souza"), [("normalized", "split")]),
        (PersonName(full="Ana Souza"), {}, ("Ana", "Souza"), [("normalized", "split")]),
        (PersonName(full="Ana Souza", given="Ana", family="Souza"), {}, ("Ana", "Souza"), []),
        (PersonName(full="Jo Ann Lee", given="Jo", family="Ann Lee"), {}, ("Jo", "Ann Lee"), []),
        # Parts that do not make the whole: the whole is the truth, and the parts are named.
        (PersonName(full="Ana Souza", given="Bea", family="Lima"), {}, ("Ana", "Souza"),
         [("narrowed", "parts_contradict_full")]),
        (PersonName(full="Ana Souza", given="Bea", family="Lima", inferred=True), {},
         ("Ana", "Souza"), [("normalized", "split")]),
        ("Cher", {}, (None, "Cher"), [("normalized", "split"), ("dropped", "part_missing")]),
        ("Cher", {"name_placeholder": "-"}, ("-", "Cher"),
         [("normalized", "split"), ("normalized", "placeholder")]),
        (PersonName(full="Cher", given="Cher"), {"name_placeholder": "-"}, ("Cher", "-"),
         [("normalized", "placeholder")]),
        # What looks like the placeholder is read back as nothing.
        (PersonName(full="- Souza", given="-", family="Souza"), {"name_placeholder": "-"},
         ("-", "Souza"), [("narrowed", "reads_as_placeholder")]),
        ("Ana Wolfeschlegelstein", {}, ("Ana", "Wolfeschle"),
         [("normalized", "split"), ("narrowed", "too_long")]),
        (PersonName(full=""), {"name_placeholder": "-"}, ("-", "-"),
         [("normalized", "split"), ("dropped", "empty"), ("normalized", "placeholder"),
          ("normalized", "placeholder")]),
        (PersonName(full="Ana ", given="Ana", family=""), {"name_placeholder": "-"}, ("Ana", "-"),
         [("narrowed", "empty"), ("normalized", "placeholder")]),
        (PersonName(full="\x00 Lee", given="\x00", family="Lee"), {}, (None, "Lee"),
         [("dropped", "control_character")]),
    ],
)  # fmt: skip
def test_a_name_is_written_in_parts(
    name: Any, terms: dict[str, Any], body: tuple[Any, Any], lost: list[Any]
) -> None:
    draft = wrote(PARTS, Lead(name=name), **terms)
    assert (draft.fields.get("first"), draft.fields.get("last")) == body
    assert named(draft) == lost


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        ({"first": "Ana", "last": "Souza"},
         PersonName(full="Ana Souza", given="Ana", family="Souza")),
        ({"first": "-", "last": "Cher"}, PersonName(full="Cher", family="Cher")),
        ({"first": None, "last": "Cher"}, PersonName(full="Cher", family="Cher")),
        ({"last": "Cher"}, PersonName(full="Cher", family="Cher")),
        ({"first": "", "last": "-"}, None),
    ],
)  # fmt: skip
def test_parts_are_read_as_a_name_and_the_placeholder_as_nothing(
    payload: dict[str, Any], name: PersonName | None
) -> None:
    lead = PARTS.read(payload, Terms(name_placeholder="-"))
    assert lead.knows("name")
    assert lead.name == name


def test_a_part_of_another_type_is_reported() -> None:
    lead = PARTS.read({"first": 7, "last": "Souza"}, Terms())
    assert not lead.knows("name")
    assert [issue.code for issue in lead.issues] == ["wrong_type"]


def test_a_demanded_name_is_filled_with_the_placeholder() -> None:
    draft = wrote(DEMANDED, Lead(email="a@example.com"), name_placeholder="(no name)")
    assert draft.fields == {"first": "(no name)", "last": "(no name)"}
    assert DEMANDED.read(draft.fields, Terms(name_placeholder="(no name)")).name is None


def phase(
    status: str | None = None,
    slug: str | None = None,
    native: str | None = None,
    ref: ExternalRef | None = None,
) -> Lead:
    fields: dict[str, Any] = {"ref": ref}
    if status is not None:
        fields["status"] = Coded[LeadStatus](value=LeadStatus(status), native=native)
    if slug is not None:
        fields["stage"] = Stage(slug=slug)
    return Lead(**fields)


@pytest.mark.parametrize(
    ("lead", "terms", "word", "lost"),
    [
        (phase("converted"), {}, "won", []),
        (phase("converted", "won"), {}, "won", []),
        (phase(None, "Proposta"), {}, "Proposta", []),
        (phase("unknown", "Proposta", "Proposta"), {}, "Proposta", []),
        # Known to be unknown says nothing against the stage.
        (phase("unknown", "won"), {}, "won", []),
        (phase("converted", "Ganhou", "Ganhou"), {"status_map": {"Ganhou": "converted"}},
         "Ganhou", []),
        (phase("converted", "won", "closed_won"), {}, "won",
         [("status", "normalized", "other_word")]),
        (phase("unknown", "Proposta", "Visita"), {}, "Proposta",
         [("status", "narrowed", "other_word")]),
        # A stage that contradicts the status gives way to it.
        (phase("converted", "new"), {}, "won", [("stage.slug", "dropped", "contradicts_status")]),
        (phase("converted", "step-3", ref=ELSEWHERE), {"stage_map": {"step-3": "new"}}, "won",
         [("stage.slug", "dropped", "contradicts_status")]),
        (phase("lost"), {}, "lost", []),
        (phase("lost", "lost", ref=ELSEWHERE), {}, "lost", []),
        (phase(None, "step-3", ref=ELSEWHERE), {}, None,
         [("stage.slug", "dropped", "stage_unmapped")]),
        (phase(None, "step-3", ref=ELSEWHERE), {"stage_map": {"step-3": "won"}}, "won",
         [("stage.slug", "normalized", "stage_map")]),
        (phase("converted", "step-3", ref=ELSEWHERE), {"stage_map": {"step-3": "won"}}, "won",
         [("stage.slug", "normalized", "stage_map")]),
        (phase(None, "a very long stage"), {}, "a very long ",
         [("stage.slug", "narrowed", "too_long")]),
        (phase("unknown", "a very long stage", "a very long stage"), {}, "a very long ",
         [("status", "narrowed", "too_long"), ("stage.slug", "narrowed", "too_long")]),
        (phase(None, "nul\x00"), {}, None, [("stage.slug", "dropped", "control_character")]),
    ],
)  # fmt: skip
def test_status_and_stage_are_written_as_one_text(
    lead: Lead, terms: dict[str, Any], word: str | None, lost: list[Any]
) -> None:
    draft = wrote(PHASE, lead, **terms)
    assert draft.fields.get("phase") == word
    assert sorted(losses(draft)) == sorted(lost)


def test_a_status_without_any_word_is_named() -> None:
    closed = StageIsStatus("phase", Choice({"new": LeadStatus.NEW}, LeadStatus.UNKNOWN))
    rules = table(Joint(("status", "stage.slug"), ("phase",), closed, on=EVERY_USE))
    draft = wrote(rules, phase("lost"))
    assert draft.fields == {}
    assert losses(draft) == [("status", "dropped", "no_such_word")]


def test_one_text_is_read_as_status_and_stage() -> None:
    won = PHASE.read({"phase": "won"}, Terms())
    assert won.status == Coded[LeadStatus](value=LeadStatus.CONVERTED, native="won")
    assert won.stage == Stage(slug="won")
    other = PHASE.read({"phase": "Proposta"}, Terms())
    assert other.status == Coded[LeadStatus](value=LeadStatus.UNKNOWN, native="Proposta")
    empty = PHASE.read({"phase": None}, Terms())
    assert empty.knows("status")
    assert (empty.status, empty.stage) == (None, Stage(slug=None))
    odd = PHASE.read({"phase": 3}, Terms())
    assert not odd.knows("status")
    assert [issue.code for issue in odd.issues] == ["wrong_type"]


def test_an_update_of_the_status_alone_moves_the_stage_with_it() -> None:
    base = {"phase": "new"}
    lead = Lead(status=Coded[LeadStatus](value=LeadStatus.CONVERTED))
    draft = wrote(PHASE, lead, Use.UPDATE, base)
    assert draft.fields == {"phase": "won"}
    assert draft.losses == ()


def changed(word: str | None, **fields: Any) -> Any:
    """Return the draft of a lead that was read in this phase and then changed."""
    base = {"phase": word}
    lead = PHASE.read(base, Terms()).model_copy(update=fields)
    return wrote(PHASE, lead, Use.UPDATE, base)


CONVERTED = Coded[LeadStatus](value=LeadStatus.CONVERTED)


@pytest.mark.parametrize(
    ("word", "fields", "written"),
    [
        ("new", {"stage": Stage(slug="won")}, "won"),
        ("new", {"status": CONVERTED}, "won"),
        ("new", {"status": CONVERTED, "stage": Stage(slug="won")}, "won"),
        ("proposal_sent", {"stage": Stage(slug="demo")}, "demo"),
        ("won", {"stage": Stage(slug="demo")}, "demo"),
        ("demo", {"status": CONVERTED}, "won"),
        (None, {"status": CONVERTED}, "won"),
        (None, {"stage": Stage(slug="demo")}, "demo"),
    ],
)
def test_of_a_stage_and_a_status_the_one_that_changed_decides(
    word: str | None, fields: dict[str, Any], written: str
) -> None:
    draft = changed(word, **fields)
    assert (draft.fields, draft.losses) == ({"phase": written}, ())


def test_where_both_changed_the_status_decides_as_on_a_create() -> None:
    draft = changed("new", status=CONVERTED, stage=Stage(slug="demo"))
    assert draft.fields == {"phase": "won"}
    assert losses(draft) == [("stage.slug", "dropped", "contradicts_status")]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"status": None}, "status"),
        ({"status": Coded[LeadStatus](value=LeadStatus.UNKNOWN)}, "status"),
        ({"stage": None}, "stage.slug"),
        ({"stage": Stage(slug=None)}, "stage.slug"),
    ],
)
def test_half_of_one_text_that_became_empty_is_named(fields: dict[str, Any], path: str) -> None:
    draft = changed("new", **fields)
    assert draft.fields == {}
    assert losses(draft) == [(path, "dropped", "clearing_undocumented")]


def test_what_takes_the_place_of_an_emptied_half_is_written_and_the_half_is_named() -> None:
    draft = changed("new", status=None, stage=Stage(slug="won"))
    assert draft.fields == {"phase": "won"}
    assert losses(draft) == [("status", "dropped", "clearing_undocumented")]


class Boxed(JointCodec):
    """A name in an object that others write into as well."""

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        return {}

    def write(self, value: Any, path: str, limit: Limit | None, writing: Writing) -> Any:
        return {"box": {"name": value["name"].full}}


def test_what_rows_write_into_one_object_is_all_there() -> None:
    rows = (
        Field("notes", "box.notes", Text(), on=EVERY_USE),
        Joint(("name",), ("box",), Boxed(), on=EVERY_USE),
    )
    for ordered in (rows, rows[::-1]):
        draft = wrote(table(*ordered), Lead(name="Ana", notes="n"))
        assert draft.fields == {"box": {"name": "Ana", "notes": "n"}}
