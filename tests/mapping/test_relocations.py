"""Several values kept elsewhere: put there together as they would be one after another."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.leads import LEADS
from tests.mapping.writings import EVERY_USE, losses, table

from leadgateway import Lead
from leadgateway.mapping import Cents, CustomFields, Field, Limit, RuleSet, Tags, Terms, Text, Use
from leadgateway.mapping.leaves import PATHS
from leadgateway.mapping.relocations import Relocations
from leadgateway.mapping.rules import Writing

ROWS = (
    Field("value", "cents", Cents(), on=EVERY_USE),
    Field("custom", "extra", CustomFields(), on=EVERY_USE, limit=Limit(60)),
    Field("tags", "labels", Tags(), on=EVERY_USE, limit=Limit(60)),
    Field("notes", "notes", Text(), on=EVERY_USE, limit=Limit(200)),
)
HOSTS = {"custom": "custom", "tags": "tag", "notes": "notes"}
PLACES = st.dictionaries(
    st.sampled_from((*HOSTS, "attribution", "intent", "company.name", "value", *PATHS)),
    st.sampled_from(("custom", "tag", "notes")),
    min_size=1,
    max_size=6,
)


def relocating(places: dict[str, str]) -> tuple[RuleSet, Terms]:
    chosen = {
        path: f"custom:{path.replace('.', '_')}" if place == "custom" else place
        for path, place in places.items()
        if HOSTS.get(path) != place
    }
    terms = Terms(relocate=chosen)
    return table(*ROWS).for_terms(terms), terms


def one_after_another(relocations: Relocations, leaves: Any, writing: Writing, base: Any) -> None:
    stayed = []
    for relocation in relocations.each:
        inside = f"{relocation.path}."
        lost = [
            index
            for index, loss in enumerate(writing.losses)
            if (loss.path == relocation.path or loss.path.startswith(inside))
            and loss.fidelity.is_lossy
        ]
        if relocation.put(leaves, writing, base, lost=bool(lost)):
            for index in reversed(lost):
                del writing.losses[index]
        else:
            stayed.append(relocation)
    for relocation in stayed:
        relocation.name_what_reads_as_it(writing, base)


@given(LEADS, PLACES, st.sampled_from(Use), st.none() | LEADS)
def test_together_they_are_put_as_one_after_another(
    lead: Lead, places: dict[str, str], use: Use, before: Lead | None
) -> None:
    rules, terms = relocating(places)
    base = None if before is None else rules.echo(rules.write(before, use, terms).fields)
    together = rules.write(lead, use, terms, base)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Relocations, "put", one_after_another)
        assert rules.write(lead, use, terms, base) == together


def test_what_one_takes_from_its_place_another_keeps() -> None:
    rules, terms = relocating({"intent": "tag", "tags": "custom"})
    lead = Lead(intent="new", tags=["intent=old", "vip"])
    draft = rules.write(lead, Use.CREATE, terms)
    assert losses(draft) == [
        ("intent", "relocated", "relocated"),
        ("tags", "relocated", "relocated"),
    ]
    assert rules.read(rules.echo(draft.fields), terms).tags == lead.tags


def test_the_entries_of_a_map_are_lost_with_it() -> None:
    rules, terms = relocating({"custom": "notes", "intent": "custom"})
    draft = rules.write(Lead(custom={"a": ["x"], "b": 1}), Use.CREATE, terms)
    assert losses(draft) == [("custom", "relocated", "relocated")]
    assert draft.fields == {"extra": {"b": 1}, "notes": '[custom] {"a":["x"],"b":1}'}


def test_what_is_kept_beside_it_is_frozen_as_well() -> None:
    rules, terms = relocating({"intent": "custom"})
    base = {"extra": {"intent": "old", "colours": ["red"]}}
    draft = rules.write(Lead(intent="new"), Use.UPDATE, terms, base)
    assert draft.fields == {"extra": {"colours": ("red",), "intent": "new"}}
