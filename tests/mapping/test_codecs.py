"""Single values: text, numbers, money, instants, tags, stages, settings, custom fields."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.mapping.writings import EVERY_USE, losses, table, wrote

from leadgateway import Lead
from leadgateway.mapping import (
    Cents,
    Codec,
    CustomFields,
    Field,
    Flag,
    FromSetting,
    Integer,
    Limit,
    StageWord,
    Tags,
    Terms,
    Text,
    Timestamp,
    Use,
)
from leadgateway.normalize.text import Unit
from leadgateway.values import ExternalRef, Money, Stage

ELSEWHERE = ExternalRef(vendor="elsewhere", connection="prod", id="1")


def read(codec: Codec, path: str, native: Any, **terms: Any) -> Lead:
    return table(Field(path, "k", codec)).read({"k": native}, Terms(**terms))


def issues(lead: Lead) -> list[tuple[str, str, str]]:
    return [(issue.path, issue.code, issue.detail) for issue in lead.issues]


def write(codec: Codec, path: str, lead: Lead, limit: Limit | None = None, **terms: Any) -> Any:
    draft = wrote(table(Field(path, "k", codec, on=EVERY_USE, limit=limit)), lead, **terms)
    return draft.fields.get("k"), losses(draft)


@pytest.mark.parametrize(
    ("codec", "path", "native", "name"),
    [
        (Text(), "notes", 7, "int"),
        (Text(), "notes", True, "bool"),
        (Flag(), "qualified", 1, "int"),
        (Flag(), "qualified", "true", "str"),
        (Integer(0, 100), "score", True, "bool"),
        (Integer(0, 100), "score", 1.0, "float"),
        (Timestamp(), "created_at", 1719999999, "int"),
        (Tags(), "tags", "a,b", "str"),
        (Cents(), "value", 10.5, "float"),
        (StageWord(), "stage.slug", {"slug": "new"}, "FrozenDict"),
        (FromSetting("x"), "stage.pipeline_id", 5, "int"),
        (CustomFields(), "custom", [1], "tuple"),
    ],
)
def test_a_value_of_another_type_is_reported_and_unknown(
    codec: Codec, path: str, native: Any, name: str
) -> None:
    lead = read(codec, path, native)
    assert not lead.knows(path.partition(".")[0])
    assert issues(lead) in ([(path, "wrong_type", name)], [(path, "wrong_type", "dict")],
                            [(path, "wrong_type", "list")])  # fmt: skip
    assert lead.raw["k"] in (native, tuple(native) if isinstance(native, list) else native)


def test_null_is_known_to_be_empty_and_a_missing_key_is_unknown() -> None:
    rules = table(Field("notes", "k", Text()))
    assert rules.read({"k": None}, Terms()).knows("notes")
    assert not rules.read({}, Terms()).knows("notes")


@pytest.mark.parametrize("value", ["", " ", "null", "0", "ünïcødé", "line\nbreak"])
def test_text_goes_as_it_is(value: str) -> None:
    assert write(Text(), "notes", Lead(notes=value)) == (value, [])


def test_zero_and_false_are_values() -> None:
    assert write(Integer(), "score", Lead(score=0)) == (0, [])
    assert write(Flag(), "qualified", Lead(qualified=False)) == (False, [])
    assert write(Cents(), "value", Lead(value=Money(amount=Decimal(0)))) == (0, [])


@pytest.mark.parametrize(
    ("text", "limit", "kept", "named"),
    [
        ("12345", Limit(5), "12345", []),
        ("123456", Limit(5), "12345", ["too_long"]),
        ("ab\u0301c", Limit(2), "a", ["too_long"]),
        ("üü", Limit(3, Unit.BYTES), "ü", ["too_long"]),
        ("a😀b", Limit(2, Unit.UTF16), "a", ["too_long"]),
        ("👩‍👩‍👧", Limit(2), None, ["too_long"]),
        ("a\x00b", None, None, ["control_character"]),
        ("half \ud800", None, None, ["surrogate"]),
    ],
)
def test_a_text_is_cut_on_a_border_or_left_out_and_named(
    text: str, limit: Limit | None, kept: str | None, named: list[str]
) -> None:
    native, lost = write(Text(), "notes", Lead(notes=text), limit)
    assert native == kept
    assert [reason for _, _, reason in lost] == named
    assert all(fidelity == ("narrowed" if kept else "dropped") for _, fidelity, _ in lost)


def test_a_number_out_of_range_is_reported() -> None:
    assert read(Integer(0, 100), "score", 100).score == 100
    for native in (-1, 101, 10**400):
        lead = read(Integer(0, 100), "score", native)
        assert not lead.knows("score")
        assert issues(lead) == [("score", "out_of_range", "")]
    assert read(Integer(), "interaction_count", 10**30).interaction_count == 10**30


def test_a_row_that_lets_a_number_out_of_range_through_poisons_no_lead() -> None:
    lead = table(Field("score", "k", Integer()), Field("notes", "n", Text())).read(
        {"k": 4711, "n": "kept"}, Terms()
    )
    assert lead.notes == "kept"
    assert not lead.knows("score")
    assert issues(lead) == [("score", "less_than_equal", "")]


def test_instants_are_read_with_a_zone_or_in_the_declared_one() -> None:
    noon = datetime(2026, 7, 3, 12, tzinfo=UTC)
    assert read(Timestamp(), "created_at", "2026-07-03T12:00:00Z").created_at == noon
    local = read(Timestamp(), "created_at", "2026-07-03T09:00:00", zone="America/Sao_Paulo")
    assert local.created_at == noon
    assert issues(read(Timestamp(), "created_at", "2026-07-03T12:00:00")) == [
        ("created_at", "naive", "")
    ]
    assert issues(read(Timestamp(), "created_at", "yesterday")) == [
        ("created_at", "not_an_instant", "")
    ]


def test_instants_are_written_in_utc() -> None:
    lead = Lead(created_at=datetime(2026, 7, 3, 12, 0, 0, 5, tzinfo=UTC))
    assert write(Timestamp(), "created_at", lead) == ("2026-07-03T12:00:00.000005Z", [])


def test_tags_that_are_no_text_are_left_out_and_reported() -> None:
    lead = read(Tags(), "tags", ["a", 1, None, "b", "a"])
    assert lead.tags == ("a", "b")
    assert [code for _, code, _ in issues(lead)] == ["partly_read"]
    assert read(Tags(), "tags", []).tags == ()


def test_tags_are_fitted_one_by_one() -> None:
    lead = Lead(tags=["fits", "too long", "nul\x00"])
    assert write(Tags(), "tags", lead, Limit(4)) == (
        ("fits", "too "),
        [("tags", "narrowed", "too_long"), ("tags", "dropped", "control_character")],
    )


def test_tags_none_of_which_fits_leave_the_vendors_own_alone() -> None:
    assert write(Tags(), "tags", Lead(tags=["\x00"])) == (
        None,
        [("tags", "dropped", "control_character")],
    )


@pytest.mark.parametrize(
    ("amount", "currency", "ours", "cents", "named"),
    [
        ("1999.99", None, None, 199999, []),
        ("1999.99", "EUR", "EUR", 199999, []),
        ("-0.01", None, None, -1, []),
        ("1E+3", None, None, 100000, []),
        ("0E-50", None, None, 0, []),
        ("1999.99", None, "EUR", 199999, [("normalized", "currency_assumed")]),
        ("1999.99", "EUR", None, 199999, [("narrowed", "currency_not_carried")]),
        ("1999.99", "EUR", "BRL", None, [("dropped", "other_currency")]),
        ("0.019", None, None, 1, [("narrowed", "fraction_of_a_cent")]),
        ("-0.019", None, None, -1, [("narrowed", "fraction_of_a_cent")]),
        ("1E+40", None, None, None, [("dropped", "out_of_range")]),
        ("1E-5000", None, None, None, [("dropped", "out_of_range")]),
        ("123456789012345678901234567890.12", None, None, 12345678901234567890123456789012, []),
        ("123456789012345678901234567890.123", None, None, 12345678901234567890123456789012,
         [("narrowed", "fraction_of_a_cent")]),
    ],
)  # fmt: skip
def test_money_becomes_hundredths_to_the_last_digit(
    amount: str, currency: str | None, ours: str | None, cents: int | None, named: list[Any]
) -> None:
    lead = Lead(value=Money(amount=Decimal(amount), currency=currency))
    native, lost = write(Cents(), "value", lead, currency=ours)
    assert native == cents
    assert [(fidelity, reason) for _, fidelity, reason in lost] == named


def test_hundredths_become_money_to_the_last_digit() -> None:
    lead = read(Cents(), "value", 12345678901234567890123456789012345, currency="BRL")
    assert lead.value == Money(
        amount=Decimal("123456789012345678901234567890123.45"), currency="BRL"
    )
    assert read(Cents(), "value", -5).value == Money(amount=Decimal("-0.05"))


@pytest.mark.parametrize(
    ("ref", "slug", "stages", "native", "named"),
    [
        (None, "new", {}, "new", []),
        (None, "new", {"new": "new"}, "new", []),
        (None, "new", {"new": "novo"}, "novo", [("normalized", "stage_map")]),
        (ELSEWHERE, "new", {}, None, [("dropped", "stage_unmapped")]),
        (ELSEWHERE, "new", {"new": "novo"}, "novo", [("normalized", "stage_map")]),
    ],
)
def test_a_stage_of_another_system_needs_the_connections_map(
    ref: ExternalRef | None, slug: str, stages: dict[str, str], native: Any, named: list[Any]
) -> None:
    lead = Lead(ref=ref, stage=Stage(slug=slug))
    written, lost = write(StageWord(), "stage.slug", lead, stage_map=stages)
    assert written == native
    assert [(fidelity, reason) for _, fidelity, reason in lost] == named


class Piped(Terms):
    """Terms with a setting of an adapter's own."""

    pipeline: str | None = None


@pytest.mark.parametrize(
    ("setting", "lead", "native", "named"),
    [
        ("p1", Lead(), "p1", []),
        ("p1", Lead(stage=Stage(pipeline_id="p1")), "p1", []),
        ("p1", Lead(stage=Stage(pipeline_id="p2")), "p1", [("dropped", "replaced_by_setting")]),
        (None, Lead(stage=Stage(pipeline_id="p2")), "p2", []),
        (None, Lead(), None, []),
        (None, Lead(ref=ELSEWHERE, stage=Stage(pipeline_id="p2")), None,
         [("dropped", "of_another_system")]),
    ],
)  # fmt: skip
def test_a_setting_dictates_a_value(
    setting: str | None, lead: Lead, native: str | None, named: list[Any]
) -> None:
    row = Field("stage.pipeline_id", "k", FromSetting("pipeline"), on=EVERY_USE, always=True)
    draft = table(row).write(lead, Use.CREATE, Piped(pipeline=setting))
    assert draft.fields.get("k") == native
    assert [(fidelity, reason) for _, fidelity, reason in losses(draft)] == named
    assert Terms().setting("pipeline") is None


SCALARS = {"text": "", "zero": 0, "no": False, "odd": Decimal("1.10"), "big": 10**30}


def test_custom_scalars_go_as_they_are() -> None:
    assert write(CustomFields(), "custom", Lead(custom=SCALARS)) == (SCALARS, [])
    assert read(CustomFields(), "custom", SCALARS).custom == SCALARS


def test_a_list_goes_only_where_lists_do() -> None:
    lead = Lead(custom={"colours": ["red", "blue"], "n": 1})
    assert write(CustomFields(), "custom", lead) == (
        {"n": 1},
        [("custom.colours", "dropped", "not_a_scalar")],
    )
    assert write(CustomFields(lists=True), "custom", lead) == (
        {"colours": ("red", "blue"), "n": 1},
        [],
    )
    assert write(CustomFields(), "custom", Lead(custom={"colours": ["red"]}))[0] is None
    assert CustomFields().conditions
    assert not CustomFields(lists=True).conditions


def test_what_is_no_custom_value_is_reported_by_its_slug() -> None:
    lead = read(CustomFields(), "custom", {"deep": {"a": 1}, "list": ["a"], "ok": None})
    assert lead.custom == {"ok": None}
    assert {path for path, _, _ in issues(lead)} == {"custom.deep", "custom.list"}


def test_what_no_encoding_can_carry_is_dropped_wherever_it_stands() -> None:
    lead = Lead(custom={"list": ["ok", "nul\x00"], "half \ud800": 1, "a": "\ud800", "n": ["x"]})
    native, lost = write(CustomFields(lists=True), "custom", lead)
    assert native == {"n": ("x",)}
    assert [(path, fidelity) for path, fidelity, _ in lost] == [
        ("custom.list", "dropped"),
        ("custom", "dropped"),
        ("custom.a", "dropped"),
    ]


def test_null_in_a_custom_field_clears_on_update_and_says_nothing_on_create() -> None:
    row = table(Field("custom", "k", CustomFields(), on=EVERY_USE))
    lead = Lead(custom={"a": None, "b": 1})
    created, updated = wrote(row, lead), wrote(row, lead, Use.UPDATE)
    assert (created.fields, losses(created)) == (
        {"k": {"b": 1}},
        [("custom.a", "normalized", "null_left_out")],
    )
    assert (updated.fields, losses(updated)) == ({"k": {"a": None, "b": 1}}, [])


def test_null_in_a_custom_field_is_written_where_a_create_documents_it() -> None:
    lead = Lead(custom={"a": None, "b": 1})
    assert write(CustomFields(nulls=True), "custom", lead) == ({"a": None, "b": 1}, [])


def test_custom_names_are_translated_both_ways_and_never_merged() -> None:
    names = {"budget": "orcamento", "colour": "cor"}
    lead = Lead(custom={"budget": 1, "colour": "red", "cor": "blue", "other": 2})
    assert write(CustomFields(), "custom", lead, custom_map=names) == (
        {"orcamento": 1, "cor": "red", "other": 2},
        [("custom.cor", "dropped", "reserved")],
    )
    again = read(CustomFields(), "custom", {"orcamento": 1, "cor": "red"}, custom_map=names)
    assert again.custom == {"budget": 1, "colour": "red"}
    clash = read(CustomFields(), "custom", {"orcamento": 1, "budget": 2}, custom_map=names)
    assert clash.custom == {"budget": 1}
    assert issues(clash) == [("custom.budget", "name_taken", "by custom_map")]
    swapped = {"a": "b", "b": "a"}
    assert read(CustomFields(), "custom", {"a": 1, "b": 2}, custom_map=swapped).custom == {
        "b": 1,
        "a": 2,
    }


def test_slugs_with_a_field_of_their_own_and_the_marker_are_reserved() -> None:
    codec = CustomFields(frozenset({"lead_line"}))
    lead = Lead(custom={"lead_line": "buyer", "came_from": "x", "a": "1"})
    assert write(codec, "custom", lead, marker="came_from") == (
        {"a": "1"},
        [("custom.lead_line", "dropped", "reserved"), ("custom.came_from", "dropped", "reserved")],
    )
    payload = {"lead_line": "buyer", "came_from": "x", "a": "1"}
    assert read(codec, "custom", payload, marker="came_from").custom == {"a": "1"}


def test_a_custom_text_is_cut_by_its_own_path() -> None:
    lead = Lead(custom={"long": "123456", "nul": "\x00"})
    assert write(CustomFields(), "custom", lead, Limit(5)) == (
        {"long": "12345"},
        [("custom.long", "narrowed", "too_long"), ("custom.nul", "dropped", "control_character")],
    )
