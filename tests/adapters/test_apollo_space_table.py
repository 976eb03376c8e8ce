"""Apollo Space's table and settings."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.adapters.apollo_space_account import (
    ORGANIZATION,
    PIPELINE,
    SHOWN,
    SPARSE,
    apollo_space,
    draft,
    losses,
)

from leadgateway import Lead
from leadgateway.adapter import LeadQuery
from leadgateway.errors import (
    ConfigError,
    MappingError,
)
from leadgateway.values import ExternalRef, Money, Owner, PersonName, Stage


def test_every_property_of_the_documented_lead_is_read() -> None:
    adapter = apollo_space(currency="BRL")
    lead = adapter.lead(SHOWN)
    assert lead.issues == ()
    assert lead.ref == ExternalRef(vendor="apollo_space", connection="apollo_space", id=SHOWN["id"])
    assert lead.name == PersonName(full="Rita Alves", given="Rita", family="Alves", inferred=True)
    assert lead.company is not None
    assert lead.company.name == "Oficina Norte"
    assert lead.email is not None
    assert lead.email.address == "rita@empresa.example"
    assert lead.phone is not None
    assert lead.phone.e164 == "+5511987650001"
    assert lead.stage == Stage(pipeline_id=PIPELINE, name="Novo lead")
    assert lead.owner == Owner(id=SHOWN["owner_id"])
    assert lead.tags == ("feira", "2026")
    assert lead.value == Money(amount=Decimal("1250.00"), currency="BRL")
    assert lead.created_at == datetime(2026, 7, 3, 12, tzinfo=UTC)
    assert lead.updated_at == datetime(2026, 7, 3, 12, 30, tzinfo=UTC)
    assert lead.raw == {**SHOWN, "tags": ("feira", "2026")}


def test_null_properties_are_known_to_be_empty() -> None:
    lead = apollo_space().lead(SPARSE)
    assert lead.issues == ()
    for field in ("emails", "phones", "owner", "value"):
        assert lead.knows(field)
        assert getattr(lead, field) is None
    assert lead.company is not None
    assert (lead.company.name, lead.company.model_fields_set) == (None, {"name"})
    assert lead.tags == ()


def test_a_property_left_out_is_unknown() -> None:
    lead = apollo_space().lead({"id": "1", "contact_name": "Rita"})
    assert [field for field in ("emails", "tags", "stage", "value") if lead.knows(field)] == []


def test_what_a_create_accepts_is_written_and_nothing_else() -> None:
    lead = apollo_space().lead(SHOWN)
    body = dict(draft(apollo_space(), lead).fields)
    assert body == {
        "contact_name": "Rita Alves",
        "company_name": "Oficina Norte",
        "email": "rita@empresa.example",
        "phone": "+5511987650001",
        "pipeline_id": PIPELINE,
        "owner_id": SHOWN["owner_id"],
        "tags": ("feira", "2026"),
        "value_cents": 125000,
    }
    assert losses(apollo_space(), lead) == {
        ("stage.name", "dropped", "read_only"),
        ("created_at", "dropped", "read_only"),
        ("updated_at", "dropped", "read_only"),
    }


def test_optional_properties_are_left_out_rather_than_null() -> None:
    lead = apollo_space().lead(SPARSE)
    assert dict(draft(apollo_space(), lead).fields) == {
        "contact_name": "Rita Alves",
        "pipeline_id": PIPELINE,
    }


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": "x" * 201}, ("name", "narrowed", "too_long")),
        ({"company": "x" * 201}, ("company.name", "narrowed", "too_long")),
        ({"phone": "020 8366 1177"}, ("phones", "dropped", "no_region")),
        ({"phone": "+8100376612345678901"}, ("phones", "dropped", "invalid")),
        ({"phone": "+1 415 555 2671 x7"}, ("phones", "narrowed", "extension_dropped")),
        ({"email": "nonsense"}, ("emails", "dropped", "invalid_email")),
        ({"status": "converted"}, ("status", "dropped", "no_such_field")),
        ({"source": "referral"}, ("source", "dropped", "no_such_field")),
        ({"notes": "call back"}, ("notes", "dropped", "no_such_field")),
        ({"custom": {"a": 1}}, ("custom", "dropped", "no_such_field")),
        ({"stage": Stage(pipeline_id="p2")}, ("stage.pipeline_id", "dropped",
                                              "replaced_by_setting")),
        ({"value": Money(amount=Decimal("0.001"))}, ("value", "narrowed", "fraction_of_a_cent")),
        ({"ref": ExternalRef(vendor="elsewhere", connection="c", id="1"), "owner": Owner(id="u")},
         ("owner", "dropped", "owner_unmapped")),
        ({"owner": Owner(id="u-1")}, ("owner", "dropped", "not_a_uuid")),
    ],
)  # fmt: skip
def test_what_does_not_arrive_is_named(fields: dict[str, Any], named: tuple[str, str, str]) -> None:
    lead = Lead(**{"name": "Ana Souza", **fields})
    assert named in losses(apollo_space(), lead)


def test_a_pipeline_in_other_letters_is_the_same_one() -> None:
    lead = Lead(name="Ana Souza", stage=Stage(pipeline_id=PIPELINE.upper()))
    written = draft(apollo_space(), lead)
    assert written.fields["pipeline_id"] == PIPELINE
    assert losses(apollo_space(), lead) == {("stage.pipeline_id", "normalized", "respelled")}


def test_a_lead_without_a_name_is_refused_with_the_reason() -> None:
    with pytest.raises(MappingError, match="needs contact_name with pipeline_id"):
        draft(apollo_space(), Lead(email="ana@example.com"))
    with pytest.raises(MappingError, match="name control_character") as caught:
        draft(apollo_space(), Lead(name=PersonName(full="Ana\x00Canary")))
    assert "Canary" not in str(caught.value)


def test_tags_can_carry_what_has_no_field() -> None:
    adapter = apollo_space(relocate={"notes": "tag", "status": "tag"})
    lead = Lead(name="Ana", notes="call back", status="converted", tags=["feira"])
    sent = draft(adapter, lead)
    assert sent.fields["tags"][0] == "feira"
    again = adapter.table.arrival(sent, adapter.settings)
    assert (again.tags, again.notes) == (("feira",), "call back")
    assert again.status == lead.status
    assert not any(loss.fidelity.is_lossy for loss in sent.losses)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"organization_id": None}, "organization_id"),
        ({"organization_id": "acme"}, "organization_id"),
        ({"pipeline_id": "sales"}, "pipeline_id"),
        ({"token": "eyJ\n"}, "token"),
        ({"base_url": "http://api.apollospace.ai/v1"}, "base_url"),
        ({"tenant": "acme"}, "tenant"),
        ({"owner_map": {"ana@example.com": "acme"}}, "owner_map"),
        ({"relocate": {"notes": "notes"}}, "relocate.notes"),
        ({"relocate": {"notes": "custom:notes"}}, "relocate.notes"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        apollo_space(**given)
    assert "acme" not in str(caught.value)
    assert "sales" not in str(caught.value)


def test_a_connection_without_a_pipeline_reads_and_says_that_it_cannot_write() -> None:
    adapter = apollo_space(pipeline_id=None)
    assert adapter.lead(SHOWN).issues == ()
    with pytest.raises(ConfigError, match="pipeline_id is missing"):
        adapter.check_write()
    apollo_space().check_write()
    assert adapter.settings.setting("organization_id") is None


def test_every_request_carries_the_token_and_the_organization() -> None:
    adapter = apollo_space()
    request = adapter.authorize(next(adapter.list_page(LeadQuery(), None)), "eyJ.fresh")
    assert request.header("Authorization") == "Bearer eyJ.fresh"
    assert request.header("X-Organization-Id") == ORGANIZATION
    assert "eyJ" not in repr(request)
