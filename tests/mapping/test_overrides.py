"""What one connection says about its own dialect, for every table, both ways."""

from __future__ import annotations

from typing import Any

import pytest
from tests.laws.subjects import Subject, adapters, settings_of, subjects

from leadgateway import Lead
from leadgateway.errors import ConfigError
from leadgateway.mapping import MISSING, Choice, Joint, NameParts, SourceAndCapture, Use
from leadgateway.mapping.rules import fetch
from leadgateway.values import Coded, ExternalRef, Owner, Stage

ELSEWHERE = ExternalRef(vendor="somewhere_else", connection="prod", id="1")


def having(path: str, **terms: Any) -> list[Subject]:
    return [subject for subject in subjects(**terms) if path in subject.table.by_path]


def write(subject: Subject, lead: Lead, use: Use = Use.CREATE) -> Any:
    return subject.without_needs().table.write(lead, use, subject.terms)


def choice_of(subject: Subject, path: str) -> Any:
    codec = subject.table.by_path[path].codec
    return getattr(codec, "choice", codec)


@pytest.mark.parametrize("axis", ["source", "status", "capture"])
def test_a_word_of_the_customers_own_is_read_by_the_map(axis: str) -> None:
    meaning = {"source": "partner", "status": "nurturing", "capture": "sms"}[axis]
    mapped = having(axis, **{f"{axis}_map": {"Palavra": meaning}})
    assert mapped
    for subject in mapped:
        rule = subject.table.by_path[axis]
        key = rule.keys[0] if isinstance(rule, Joint) else rule.key  # type: ignore[attr-defined]  # the other kind of row
        lead = subject.table.read({key: "Palavra"}, subject.terms)
        coded = getattr(lead, axis)
        assert (coded.value, coded.native) == (meaning, "Palavra")
        if choice_of(subject, axis).vocabulary and not rule.on:
            assert fetch(write(subject, lead).fields, key) is MISSING


@pytest.mark.parametrize("axis", ["source", "capture"])
def test_the_preferred_word_of_a_value_can_be_chosen(axis: str) -> None:
    value = {"source": "partner", "capture": "sms"}[axis]
    chosen = 0
    for plain in having(axis):
        rule, codec = plain.table.by_path[axis], choice_of(plain, axis)
        word = min(codec.words)
        kind = next((kind for kind in adapters() if kind.vendor == plain.name), None)
        terms = {f"{axis}_out": {value: word}, f"{axis}_map": {word: value}}
        settings = settings_of(kind, **terms) if kind else type(plain.terms)(**terms)
        subject = Subject(plain.name, plain.table, settings)
        draft = write(subject, Lead(**{axis: value}))
        assert fetch(draft.fields, rule.keys[0]) == word
        assert not any(loss.path == axis and loss.fidelity.is_lossy for loss in draft.losses)
        again = subject.table.arrival(draft, settings)
        assert getattr(again, axis).value == value
        chosen += 1
    assert chosen >= 3


def test_a_closed_vocabulary_takes_its_named_fallback_and_says_so() -> None:
    taken = 0
    for plain in having("source"):
        codec = choice_of(plain, "source")
        if isinstance(codec, Choice) and codec.open_ended:
            continue
        word = max(codec.words)
        kind = next((kind for kind in adapters() if kind.vendor == plain.name), None)
        terms = {"fallback_source": word}
        settings = settings_of(kind, **terms) if kind else type(plain.terms)(**terms)
        draft = write(Subject(plain.name, plain.table, settings), Lead(source="event"))
        assert fetch(draft.fields, plain.table.by_path["source"].keys[0]) == word
        named = [(x.path, str(x.fidelity), x.reason, x.detail) for x in draft.losses]
        assert ("source", "narrowed", "fallback", word) in named
        taken += 1
    assert taken >= 2


def test_a_word_the_vendor_does_not_have_is_refused_as_a_fallback() -> None:
    refusing = 0
    for kind in adapters():
        codec = getattr(kind.rules.by_path.get("source"), "codec", None)
        if isinstance(codec, SourceAndCapture) or (
            isinstance(codec, Choice) and not codec.open_ended
        ):
            with pytest.raises(ConfigError, match="fallback_source"):
                settings_of(kind, fallback_source="carrier_pigeon")
            refusing += 1
    assert refusing == 2


@pytest.mark.parametrize("subject", having("custom", custom_map={"budget": "orcamento"}), ids=str)
def test_custom_fields_are_renamed_both_ways(subject: Subject) -> None:
    draft = write(subject, Lead(custom={"budget": 5, "colour": "red"}))
    key = subject.table.by_path["custom"].keys[0]
    assert fetch(draft.fields, key) == {"orcamento": 5, "colour": "red"}
    assert subject.table.arrival(draft, subject.terms).custom == {"budget": 5, "colour": "red"}


@pytest.mark.parametrize(
    "subject", having("stage.slug", stage_map={"step-3": "qualified"}), ids=str
)
def test_stages_of_another_system_are_translated(subject: Subject) -> None:
    draft = write(subject, Lead(ref=ELSEWHERE, stage=Stage(slug="step-3")))
    assert fetch(draft.fields, subject.table.by_path["stage.slug"].keys[0]) == "qualified"
    unmapped = write(subject, Lead(ref=ELSEWHERE, stage=Stage(slug="step-4")))
    assert ("stage.slug", "stage_unmapped") in {(x.path, x.reason) for x in unmapped.losses}
    assert unmapped.fields.get(subject.table.by_path["stage.slug"].keys[0]) is None


@pytest.mark.parametrize(
    "subject",
    having("owner", owner_map={"bo@example.com": "11111111-2222-4333-8444-555555555555"}),
    ids=str,
)
def test_owners_of_another_system_are_translated_by_address(subject: Subject) -> None:
    rule = subject.table.by_path["owner"]
    use = Use.CREATE if Use.CREATE in rule.on else Use.BULK
    lead = Lead(ref=ELSEWHERE, owner=Owner(id="u1", email="bo@example.com"))
    assert write(subject, lead, use).fields[rule.keys[0]] == "11111111-2222-4333-8444-555555555555"
    stranger = write(subject, Lead(ref=ELSEWHERE, owner=Owner(id="u1")), use)
    assert rule.keys[0] not in stranger.fields


def test_a_demanded_name_part_takes_the_placeholder_and_gives_it_back_as_nothing() -> None:
    demanding = [
        subject
        for subject in subjects(name_placeholder="(sem nome)")
        if isinstance(subject.table.by_path["name"].codec, NameParts)
    ]
    assert {subject.name for subject in demanding} >= {"novala", "harbour"}
    for subject in demanding:
        draft = write(subject, Lead(name="Cher"))
        assert "(sem nome)" in draft.fields.values()
        again = subject.table.arrival(draft, subject.terms).name
        assert again is not None
        assert (again.full, again.given) == ("Cher", None)


def test_a_native_word_survives_a_visit_to_its_own_vendor() -> None:
    for subject in having("source", source_map={"Indicação": "referral"}):
        lead = Lead(source=Coded(value="referral", native="Indicação"))
        base = subject.updating()
        rule = subject.table.by_path["source"]
        stored = {rule.keys[0]: "Indicação"}
        draft = base.table.write(lead, Use.UPDATE, subject.terms, stored)
        assert fetch(draft.fields, rule.keys[0]) is MISSING
