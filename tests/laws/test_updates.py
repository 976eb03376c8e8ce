"""A change of one field arrives, or a loss names it; and it harms no other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.leads import FIELDS, LEADS
from tests.laws.oracle import worst
from tests.laws.payloads import payloads
from tests.laws.stores import updated
from tests.laws.strength import law
from tests.laws.subjects import Subject, subjects

from leadgateway import Lead
from leadgateway.mapping import Draft, RuleSet, StageIsStatus, Use
from leadgateway.mapping.leaves import PATHS, PLACES, agree, is_empty, take_apart
from leadgateway.taxonomy import Fidelity
from leadgateway.values import Owner

OPTIONS: list[dict[str, Any]] = [
    {},
    {
        "fallback_source": "direct",
        "stage_map": {"new": "novo", "won": "lost", "Ganhou": "won"},
        "status_map": {"Ganhou": "converted"},
    },
    {"source_out": {"partner": "direct", "other": "mcp"}},
]
PLAIN = [subject for options in OPTIONS for subject in subjects(**options)]
UPDATING = [subject for subject in PLAIN if any(Use.UPDATE in r.on for r in subject.table.rules)]
STORED = pytest.mark.parametrize(
    "subject", [*UPDATING, *(subject.updating() for subject in PLAIN)], ids=str
)


def _writable(table: RuleSet) -> list[str]:
    """Return the fields of a Lead of which the table writes something on update."""
    return sorted(
        {PLACES[path][0] for rule in table.rules if Use.UPDATE in rule.on for path in rule.paths}
    )


@st.composite
def changes(draw: st.DrawFn, subject: Subject) -> tuple[Any, Lead]:
    """A vendor's record, and the lead read from it with one field changed."""
    table, terms = subject.table, subject.terms
    written = LEADS.map(lambda lead: table.echo(table.write(lead, Use.UPDATE, terms).fields))
    stored = draw(st.one_of(payloads(table), written))
    field = draw(st.sampled_from(_writable(table)))
    value = draw(st.one_of(st.none(), FIELDS[field]))
    lead = table.read(stored, terms, "prod")
    return stored, lead.model_copy(update={field: Lead(**{field: value}).__dict__[field]})


@STORED
@law
@given(data=st.data())
def test_a_change_of_one_field_arrives_or_is_named_and_harms_no_other(
    subject: Subject, data: Any
) -> None:
    table, terms = subject.table, subject.terms
    stored, lead = data.draw(changes(subject))
    draft = table.write(lead, Use.UPDATE, terms, base=stored)
    before, said = take_apart(table.read(stored, terms)), take_apart(lead)
    there = take_apart(table.read(updated(table, stored, draft), terms))
    for path in PATHS:
        if Use.UPDATE not in getattr(table.by_path.get(path), "on", ()):
            continue
        if path in said and not (path in before and agree(said[path], before[path])):
            assert _arrived(path, said[path], there, draft), str((path, draft))
        elif path in before and not _follows(path, table):
            assert _arrived(path, before[path], there, draft), str((path, draft))


def _arrived(path: str, wanted: Any, there: dict[str, Any], draft: Draft) -> bool:
    """Whether what stands there now is what was wanted, or a loss says that it is not."""
    if worst(path, draft.losses) is not Fidelity.EXACT:
        return True
    found = there.get(path)
    if is_empty(wanted):
        return is_empty(found) or found == Owner()  # an owner whose id is null is nobody
    return agree(wanted, found)


def _follows(path: str, table: RuleSet) -> bool:
    """Whether the leaf goes with its partner: a stage that is the status, and the other way."""
    return isinstance(table.by_path[path].codec, StageIsStatus)
