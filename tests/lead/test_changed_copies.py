"""A changed copy of a lead: what is given anew is checked as at first, the rest stays."""

from typing import Any

import pytest
from pydantic import ValidationError

from leadgateway.lead import Lead
from leadgateway.values import ExternalRef

HERE = ExternalRef(vendor="a", connection="b", id="c")


@pytest.fixture
def lead() -> Lead:
    return Lead(
        ref=HERE,
        name="Ana Souza",
        emails=["ana@example.com", "ana@home.example"],
        phone="11 96123-4567",
        status="new",
        owner=None,
        raw={"id": 1, "tags": ["a"]},
    )


@pytest.mark.parametrize(
    "update",
    [
        {"email": "new@example.com"},
        {"emails": ["new@example.com", "b@example.com"]},
        {"phone": "+5511961234567"},
        {"email": None},
        {"name": "Bo", "company": "Harbour", "status": "qualified"},
        {"source": "referral", "tags": ["a", "a"], "custom": {"a": 1}},
        {"score": 80, "value": {"amount": "1.50"}, "created_at": "2026-03-01T09:30:00+02:00"},
    ],
    ids="-".join,
)
def test_a_copy_takes_what_a_lead_takes(lead: Lead, update: dict[str, Any]) -> None:
    changed, given = lead.model_copy(update=update), Lead(**update)
    for field in Lead.model_fields:
        expected = given if given.knows(field) else lead
        assert getattr(changed, field) == getattr(expected, field), field
    assert changed.model_fields_set == lead.model_fields_set | given.model_fields_set
    assert Lead.model_validate_json(changed.model_dump_json()) == changed


@pytest.mark.parametrize(
    "update",
    [
        {"nmae": "Ana"},
        {"score": 500},
        {"score": "5"},
        {"notes": 5},
        {"status": "qualifyed"},
        {"custom": {"a": {"b": 1}}},
        {"email": "a@example.com", "emails": ["b@example.com"]},
    ],
    ids=repr,
)
def test_a_copy_refuses_what_a_lead_refuses(lead: Lead, update: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Lead(**update)
    with pytest.raises(ValidationError):
        lead.model_copy(update=update)


def test_what_a_copy_makes_no_sense_of_joins_the_issues(lead: Lead) -> None:
    assert [issue.code for issue in lead.issues] == ["no_region"]
    changed = lead.model_copy(update={"email": "ana at example.com"})
    assert changed.issues[:1] == lead.issues
    assert [issue.path for issue in changed.issues] == ["phones", "emails"]
    forgiven = lead.model_copy(update={"email": "ana at example.com", "issues": ()})
    assert [issue.path for issue in forgiven.issues] == ["emails"]


def test_a_copy_stays_where_the_lead_was_read(lead: Lead) -> None:
    changed = lead.model_copy(update={"email": "new@example.com"})
    assert (changed.ref, changed.raw, changed.issues) == (lead.ref, lead.raw, lead.issues)
    assert changed.knows("owner")
    assert not changed.knows("score")
    assert lead.email is not None
    assert lead.email.address == "ana@example.com"


def test_a_deep_copy_is_one(lead: Lead) -> None:
    assert lead.model_copy().name is lead.name
    for deep in (lead.model_copy(deep=True), lead.model_copy(update={"score": 1}, deep=True)):
        assert deep.name == lead.name
        assert deep.name is not lead.name


def test_a_class_of_leads_that_demands_a_field_is_copied_with_it() -> None:
    class Ours(Lead):
        shop: str

    ours = Ours(shop="north", name="Ana")
    changed = ours.model_copy(update={"name": "Bo"})
    assert isinstance(changed, Ours)
    assert changed.model_dump(exclude={"name"}) == {"shop": "north"}
