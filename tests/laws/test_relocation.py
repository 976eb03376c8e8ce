"""A value kept elsewhere comes back into its own field, and is gone from where it was kept."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.laws.leads import LEADS
from tests.laws.oracle import exact, identical, is_known, same, worst
from tests.laws.payloads import payloads
from tests.laws.stores import updated
from tests.laws.strength import law
from tests.laws.subjects import Subject, subjects

from leadgateway import Lead
from leadgateway.mapping import Use
from leadgateway.mapping.leaves import PATHS, agree, take_apart
from leadgateway.taxonomy import Fidelity

HOSTS = {"custom": "custom", "tag": "tags", "notes": "notes"}
TRANSLATED = {"owner_map", "stage_map", "e164_by_region"}


def _places(subject: Subject) -> list[str]:
    by_path = subject.table.by_path
    return [place for place, path in HOSTS.items() if path in by_path and by_path[path].on]


HOSTING = [subject for subject in subjects() if _places(subject)]
hosting = pytest.mark.parametrize("subject", HOSTING, ids=str)


@st.composite
def relocations(draw: st.DrawFn, subject: Subject) -> dict[str, str]:
    """Fields, each with a place that the vendor has."""
    places = _places(subject)
    paths = draw(st.lists(st.sampled_from(PATHS), min_size=1, max_size=4, unique=True))
    chosen = {}
    for path in paths:
        place = draw(st.sampled_from(places))
        if HOSTS[place] != path:
            slug = path.replace(".", "_")
            chosen[path] = f"custom:{slug}" if place == "custom" else place
    assume(chosen)
    return chosen


def _relocating(subject: Subject, chosen: dict[str, str]) -> Subject:
    terms = subject.terms.model_copy(update={"relocate": chosen})
    return Subject(subject.name, subject.table.for_terms(terms), terms)


@hosting
@law
@given(lead=LEADS, data=st.data(), use=st.sampled_from(Use))
def test_every_value_arrives_in_its_field_or_a_loss_names_it(
    subject: Subject, lead: Lead, data: Any, use: Use
) -> None:
    chosen = data.draw(relocations(subject))
    relocating = _relocating(subject.updating(), chosen)
    table, terms = relocating.table, relocating.terms
    draft = table.write(lead, use, terms)
    arrived = take_apart(table.arrival(draft, terms))
    for path, sent in take_apart(lead).items():
        if not is_known(sent):
            continue
        mine = [x for x in draft.losses if x.path == path or x.path.startswith(f"{path}.")]
        there, fidelity = arrived.get(path), worst(path, draft.losses)
        if any(loss.reason == "relocated" for loss in mine):
            assert identical(sent, there) or sent == there, str((path, sent, there))
        elif fidelity is Fidelity.EXACT:
            assert exact(sent, there), str((path, sent, there, draft.losses))
        elif fidelity is Fidelity.NORMALIZED and not any(x.reason in TRANSLATED for x in mine):
            assert same(sent, there), str((path, sent, there, draft.losses))


@hosting
@law
@given(data=st.data())
def test_what_was_relocated_and_not_changed_is_not_written(subject: Subject, data: Any) -> None:
    relocating = _relocating(subject.updating(), data.draw(relocations(subject)))
    table, terms = relocating.table, relocating.terms
    lead = data.draw(LEADS)
    stored = table.echo(table.write(lead, Use.CREATE, terms).fields)
    draft = table.write(table.read(stored, terms), Use.UPDATE, terms, base=stored)
    assert draft.fields == {}
    assert draft.losses == ()


@hosting
@law
@given(data=st.data())
def test_an_update_of_one_field_harms_no_value_kept_in_the_same_place(
    subject: Subject, data: Any
) -> None:
    relocating = _relocating(subject.updating(), data.draw(relocations(subject)))
    table, terms = relocating.table, relocating.terms
    stored = table.echo(table.write(data.draw(LEADS), Use.CREATE, terms).fields)
    before = take_apart(table.read(stored, terms))
    change = data.draw(LEADS)
    draft = table.write(change, Use.UPDATE, terms, base=stored)
    after = take_apart(table.read(updated(table, stored, draft), terms))
    said = take_apart(change)
    shared = {path for rule in table.rules for path in rule.paths if len(rule.paths) > 1}
    for path, value in before.items():
        named = {loss.path.partition(".")[0] for loss in draft.losses}
        if path not in said and path not in shared and is_known(value):
            assert agree(value, after.get(path)) or path.partition(".")[0] in named, path


@hosting
@law
@given(data=st.data())
def test_reading_takes_back_what_it_can_and_never_raises(subject: Subject, data: Any) -> None:
    relocating = _relocating(subject, data.draw(relocations(subject)))
    payload = data.draw(payloads(subject.table))
    lead = relocating.table.read(payload, relocating.terms)
    assert lead.raw == payload
    assert Lead.model_validate_json(lead.model_dump_json()) == lead


@hosting
@law
@given(data=st.data())
def test_an_update_of_whatever_the_vendor_shows_relocates_what_it_says(
    subject: Subject, data: Any
) -> None:
    relocating = _relocating(subject.updating(), data.draw(relocations(subject)))
    table, terms = relocating.table, relocating.terms
    there, change = data.draw(payloads(table)), data.draw(LEADS)
    draft = table.write(change, Use.UPDATE, terms, base=there)
    after = take_apart(table.read(updated(table, there, draft), terms))
    said = take_apart(change)
    for loss in draft.losses:
        if loss.reason == "relocated":
            assert agree(said[loss.path], after.get(loss.path)), str((loss, after.get(loss.path)))
