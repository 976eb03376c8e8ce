"""Which losses may happen, what two tables promise, and how losses add up."""

from __future__ import annotations

from typing import Any

import pytest

from leadgateway.errors import ConfigError, FidelityError
from leadgateway.mapping import (
    BULK,
    CREATE,
    CREATE_AND_UPDATE,
    LENIENT,
    STRICT,
    Choice,
    CustomFields,
    Email,
    Field,
    FullName,
    Limit,
    LossCount,
    Policy,
    RuleSet,
    Terms,
    Text,
    Use,
    compare_tables,
)
from leadgateway.taxonomy import Fidelity, LeadStatus
from leadgateway.values import Loss


def loss(path: str, fidelity: str, reason: str = "r") -> Loss:
    return Loss(path=path, fidelity=Fidelity(fidelity), reason=reason)


LOSSES = [
    loss("phones", "normalized"),
    loss("notes", "relocated"),
    loss("company.name", "narrowed"),
    loss("company.size", "dropped"),
    loss("custom.budget", "dropped"),
]


@pytest.mark.parametrize(
    ("policy", "refused"),
    [
        (STRICT, {"company.name", "company.size", "custom.budget"}),
        (LENIENT, set()),
        (Policy(("company",)), {"custom.budget"}),
        (Policy(("company.name",)), {"company.size", "custom.budget"}),
        (Policy(("company.name", "custom")), {"company.size"}),
        (Policy(("custom.budget",)), {"company.name", "company.size"}),
        (Policy(("custom.bud",)), {"company.name", "company.size", "custom.budget"}),
        (Policy(("company", "custom")), set()),
    ],
)
def test_a_policy_refuses_what_nobody_accepted(policy: Policy, refused: set[str]) -> None:
    assert {one.path for one in policy.refused(LOSSES)} == refused
    if not refused:
        policy.check(LOSSES)
        return
    with pytest.raises(FidelityError) as caught:
        policy.check(LOSSES)
    assert {one.path for one in caught.value.losses} == refused
    assert all(path in str(caught.value) for path in refused)


@pytest.mark.parametrize("name", ["compan", "company.nam", "ref", "", "custom_fields"])
def test_only_fields_of_a_lead_can_be_accepted(name: str) -> None:
    with pytest.raises(ConfigError, match=r"is no field of a lead; fields: .*company\.name"):
        Policy((name,))


STATUS = Choice({"new": LeadStatus.NEW, "won": LeadStatus.CONVERTED}, LeadStatus.UNKNOWN)
FEWER = Choice({"won": LeadStatus.CONVERTED}, LeadStatus.UNKNOWN)
SOURCE = RuleSet(
    "harbour",
    (
        Field("name", "title", FullName(), on=CREATE),
        Field("emails", "mail", Email(), on=CREATE),
        Field("status", "state", STATUS),
        Field("notes", "notes", Text(), on=CREATE),
        Field("intent", "intent", Text(), on=CREATE),
        Field("line", "line", Text(), on=CREATE),
        Field("score", "score", Text()),
        Field("company.name", "org", Text(), on=CREATE),
        Field("owner", "secret", Text(), on=CREATE, reads=False),
    ),
)
TARGET = RuleSet(
    "summit",
    (
        Field("name", "full", FullName(), on=CREATE_AND_UPDATE, limit=Limit(50)),
        Field("emails", "email", Email(), on=CREATE),
        Field("status", "phase", FEWER, on=CREATE),
        Field("line", "line", Text(), on=BULK),
        Field("score", "score", Text()),
        Field("company.name", "company", Text(), on=CREATE_AND_UPDATE),
        Field("custom", "fields", CustomFields(), on=CREATE),
    ),
)


def report(**options: Any) -> dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]]:
    target = TARGET.for_terms(options.get("terms") or Terms())
    found = compare_tables(SOURCE, target, **options)
    assert (found.source, found.target) == ("harbour", "summit")
    return {row.path: (str(row.fidelity), row.target_keys, row.notes) for row in found.fields}


def test_two_tables_promise_what_becomes_of_each_field() -> None:
    promised = report()
    assert promised["name"] == (
        "exact",
        ("full",),
        (
            "parts become one text: narrowed where it does not split into them again",
            "cut beyond 50 characters",
        ),
    )
    assert promised["emails"][0] == "normalized"
    assert promised["status"][0] == "narrowed"
    assert "no word for new" in promised["status"][2]
    assert promised["notes"] == ("dropped", (), ("no such field",))
    assert promised["line"] == ("dropped", (), ("not on create",))
    assert promised["score"] == ("dropped", (), ("the vendor alone writes it",))
    assert promised["company.name"] == ("exact", ("company",), ())
    assert "owner" not in promised


def test_the_promise_follows_the_use_and_the_connection() -> None:
    assert report(use=Use.BULK)["line"][0] == "exact"
    assert report(use=Use.UPDATE)["emails"] == ("dropped", (), ("not on update",))
    terms = Terms(relocate={"notes": "custom:notes"}, status_out={LeadStatus.NEW: "fresh"})
    promised = report(terms=terms)
    assert promised["notes"] == ("relocated", ("fields",), ("notes",))
    assert promised["status"][0] == "normalized"


def test_each_side_has_its_own_vocabulary() -> None:
    own = Terms(status_map={"Novo": LeadStatus.ARCHIVED})
    assert "no word for archived, new" in report(source_terms=own)["status"][2]
    assert "archived" not in str(report(terms=own)["status"])


def test_the_fields_of_one_class_can_be_asked_for() -> None:
    found = compare_tables(SOURCE, TARGET)
    assert found.of(Fidelity.DROPPED) == ("score", "intent", "notes", "line")
    assert found.of(Fidelity.RELOCATED) == ()
    assert found.of("dropped") == found.of(Fidelity.DROPPED)
    with pytest.raises(ValueError, match="droped"):
        found.of("droped")


def test_losses_are_counted_once_a_lead_and_sampled() -> None:
    count = LossCount(samples=2)
    for number in range(4):
        count.add(f"lead-{number}", [loss("notes", "dropped"), loss("notes", "dropped")])
    count.add("lead-9", [loss("phones", "normalized"), loss("name", "dropped", "a")])
    assert count.rows() == [
        {"path": "name", "fidelity": "dropped", "reason": "a", "leads": 1, "samples": ["lead-9"]},
        {
            "path": "notes",
            "fidelity": "dropped",
            "reason": "r",
            "leads": 4,
            "samples": ["lead-0", "lead-1"],
        },
        {
            "path": "phones",
            "fidelity": "normalized",
            "reason": "r",
            "leads": 1,
            "samples": ["lead-9"],
        },
    ]
