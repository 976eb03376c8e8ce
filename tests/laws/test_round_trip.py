"""Every value arrives, or a loss names it; nothing is written that nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.laws.leads import LEADS
from tests.laws.oracle import exact, is_known, same, worst
from tests.laws.payloads import payloads
from tests.laws.strength import law
from tests.laws.subjects import VENDORS, Subject, adapters, subjects

from leadgateway import Lead
from leadgateway.mapping import MISSING, CustomFields, Draft, Use
from leadgateway.mapping.leaves import agree, take_apart
from leadgateway.mapping.rules import Rule, fetch
from leadgateway.taxonomy import Fidelity
from leadgateway.values import Loss

DEMANDED = {"fallback", "placeholder", "part_missing", "says_more"}
TRANSLATED = {"owner_map", "stage_map", "e164_by_region"}
ONE_TEXT = {"status", "stage.slug"}

PLAIN = subjects()
SUBJECTS = [
    *PLAIN,
    *subjects(
        region="BR",
        currency="EUR",
        name_placeholder="-",
        fallback_source="direct",
        fallback_capture="import",
        fallback_status="active",
        source_map={"Ganhou": "partner", "google_ads": "outbound"},
        status_map={"Ganhou": "converted"},
        stage_map={"new": "novo", "won": "lost", "Ganhou": "won"},
        owner_map={
            "ana": "0b5f8f0e-7a7e-4f0c-9d55-3f1f6f3d2a10",
            "": "77a1b0c2-0d3e-4f55-8a66-b7c8d9e0f112",
        },
        custom_map={"budget": "orcamento", "colour": "score"},
    ),
    *subjects(source_out={"partner": "direct", "other": "mcp"}, capture_out={"chat": "phone"}),
]
subject = pytest.mark.parametrize("subject", SUBJECTS, ids=str)


def test_every_shipped_vendor_is_bound_by_the_laws() -> None:
    assert {kind.vendor for kind in adapters()} == set(VENDORS)


@st.composite
def travellers(draw: st.DrawFn) -> Lead:
    """A lead somebody made up, or one as some vendor's payload reads."""
    origin = draw(st.one_of(st.none(), st.sampled_from(PLAIN)))
    if origin is None:
        return draw(LEADS)
    return origin.table.read(draw(payloads(origin.table)), origin.terms, "prod")


@subject
@law
@given(lead=travellers(), use=st.sampled_from([Use.CREATE, Use.BULK, Use.UPDATE]))
def test_a_known_value_arrives_or_a_loss_names_it(subject: Subject, lead: Lead, use: Use) -> None:
    table, terms = subject.without_needs().table, subject.terms
    draft = table.write(lead, use, terms)
    arrived = take_apart(table.arrival(draft, terms))
    for path, sent in take_apart(lead).items():
        if not is_known(sent):
            continue
        there = arrived.get(path)
        fidelity = worst(path, draft.losses)
        if fidelity is Fidelity.EXACT:
            assert exact(sent, there), str((path, sent, there))
            assert agree(sent, there), str((path, sent, there))
        elif fidelity is Fidelity.NORMALIZED and not _is_translated(path, draft):
            assert same(sent, there), str((path, sent, there, draft.losses))
            assert agree(sent, there), str((path, sent, there, draft.losses))


@subject
@law
@given(lead=travellers(), use=st.sampled_from(Use))
def test_a_loss_speaks_of_a_value_the_lead_had_and_never_repeats_it(
    subject: Subject, lead: Lead, use: Use
) -> None:
    table = subject.without_needs().table
    draft = table.write(lead, use, subject.terms)
    known = take_apart(lead)
    for loss in draft.losses:
        field = loss.path.partition(".")[0]
        said = loss.path in known or field in known
        assert said or loss.reason in DEMANDED or _is_named(loss, lead)
        for text in _texts(known):
            of_a_person = len(text) >= 12 and text not in table.vocabulary
            assert not of_a_person or text not in loss.detail


def _is_named(loss: Loss, lead: Lead) -> bool:
    return loss.reason == "unread" and (loss.path, loss.detail) in {
        (issue.path, issue.code) for issue in lead.issues
    }


@subject
@law
@given(lead=travellers(), use=st.sampled_from(Use))
def test_what_was_not_read_is_named_as_lost(subject: Subject, lead: Lead, use: Use) -> None:
    draft = subject.without_needs().table.write(lead, use, subject.terms)
    lost = {loss.path for loss in draft.losses if loss.reason == "unread"}
    known, custom = take_apart(lead), (lead.custom or {})
    for issue in lead.issues:
        field, _, part = issue.path.partition(".")
        read = issue.path in known or (field == "custom" and part in custom)
        within = any(path.startswith(f"{issue.path}.") for path in known)
        assert issue.path in lost or read or within or issue.path == "ref"


@subject
@law
@given(lead=travellers(), use=st.sampled_from(Use))
def test_no_key_is_written_for_a_value_nobody_knows(subject: Subject, lead: Lead, use: Use) -> None:
    table = subject.without_needs().table
    draft = table.write(lead, use, subject.terms)
    known = {path for path, value in take_apart(lead).items() if is_known(value)}
    named = set(take_apart(lead))
    for rule in table.rules:
        for key in rule.keys:
            native = fetch(draft.fields, key)
            if native is MISSING or rule.always:
                continue
            if native is None:
                assert use is Use.UPDATE
                assert named & set(rule.paths)
            else:
                assert known & set(rule.paths), (key, native)
    if use is not Use.UPDATE:
        documented = {key for rule in table.rules for key in rule.keys if _takes_nulls(rule)}
        rest = {key: native for key, native in draft.fields.items() if key not in documented}
        assert not _holds_null(rest)


@subject
@law
@given(data=st.data())
def test_what_was_read_and_not_changed_is_not_written(subject: Subject, data: Any) -> None:
    table, terms = subject.updating().table, subject.terms
    payload = data.draw(payloads(table))
    draft = table.write(table.read(payload, terms), Use.UPDATE, terms, base=payload)
    assert draft.fields == {}
    assert draft.losses == ()


@subject
@law
@given(lead=travellers(), data=st.data())
def test_a_change_touches_only_the_keys_of_the_rows_it_changes(
    subject: Subject, lead: Lead, data: Any
) -> None:
    table, terms = subject.updating().table, subject.terms
    payload = data.draw(payloads(table))
    before = take_apart(table.read(payload, terms))
    after = take_apart(lead)
    draft = table.write(lead, Use.UPDATE, terms, base=payload)
    for rule in table.rules:
        changed = [path for path in rule.paths if path in after]
        if all(path in before and after[path] == before[path] for path in changed):
            assert all(fetch(draft.fields, key) is MISSING for key in rule.keys)


@subject
@law
@given(lead=travellers())
def test_an_update_that_was_made_is_not_made_again(subject: Subject, lead: Lead) -> None:
    table, terms = subject.updating().table, subject.terms
    # A line that shows among the custom fields makes their map another than the one written.
    lead = Lead(**{field: getattr(lead, field) for field in lead.model_fields_set - {"line"}})
    made = table.write(lead, Use.UPDATE, terms)
    # What gave way to its partner in one text is, looked at alone, a change of that text.
    assume(not any(x.path in ONE_TEXT and x.fidelity.is_lossy for x in made.losses))
    assert table.write(lead, Use.UPDATE, terms, base=table.echo(made.fields)).fields == {}


@subject
@law
@given(data=st.data())
def test_reading_never_raises_and_keeps_the_payload_as_it_came(subject: Subject, data: Any) -> None:
    payload = data.draw(payloads(subject.table))
    lead = subject.table.read(payload, subject.terms, "prod")
    assert lead.raw == payload
    assert Lead.model_validate_json(lead.model_dump_json()) == lead


def _is_translated(path: str, draft: Draft) -> bool:
    return any(loss.path == path and loss.reason in TRANSLATED for loss in draft.losses)


def _takes_nulls(rule: Rule) -> bool:
    return isinstance(rule.codec, CustomFields) and rule.codec.nulls


def _holds_null(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_null, value.values()))
    if isinstance(value, tuple):
        return any(map(_holds_null, value))
    return value is None


def _texts(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, tuple):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []
