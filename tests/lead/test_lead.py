"""The canonical Lead: three kinds of nothing, plain input, identity, immutability."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from leadgateway import Lead
from leadgateway.frozen import FrozenDict
from leadgateway.taxonomy import CaptureMethod, Fidelity, LeadSource, LeadStatus, Phase
from leadgateway.values import Coded, Company, EmailAddress, Issue, Loss, PhoneNumber, Stage


def test_unknown_empty_and_blank_are_three_things() -> None:
    unknown, empty, blank = Lead(), Lead(notes=None), Lead(notes="")
    assert [lead.knows("notes") for lead in (unknown, empty, blank)] == [False, True, True]
    assert len({unknown.model_dump_json(), empty.model_dump_json(), blank.model_dump_json()}) == 3
    assert unknown != empty != blank != unknown


def test_unknown_parts_stay_unknown_through_json() -> None:
    company = Lead.model_validate_json(Lead(company="Harbour").model_dump_json()).company
    assert company is not None
    assert company.model_fields_set == {"name"}
    assert company == Company(name="Harbour") != Company(name="Harbour", size=None)
    assert Stage() != Stage(slug=None)
    assert Stage() != Company()
    assert hash(Company(name="Harbour")) == hash(company)


def test_plain_input_is_welcome() -> None:
    lead = Lead(
        name="Ana Souza",
        email="Ana@Example.COM",
        phone="+55 11 96123-4567",
        company="Harbour",
        status="qualified",
        source="referral",
        capture="form",
    )
    assert lead.name is not None
    assert (lead.name.given, lead.name.family, lead.name.inferred) == ("Ana", "Souza", True)
    assert lead.email is not None
    assert lead.email.address == "Ana@example.com"
    assert lead.phone is not None
    assert lead.phone.e164 == "+5511961234567"
    assert lead.company == Company(name="Harbour")
    assert lead.status == Coded[LeadStatus](value=LeadStatus.QUALIFIED)
    assert lead.source == Coded[LeadSource](value=LeadSource.REFERRAL)
    assert lead.capture == Coded[CaptureMethod](value=CaptureMethod.FORM)
    assert lead.issues == ()


def test_plain_lists_mix_with_values() -> None:
    known = EmailAddress(raw="b@example.com", address="b@example.com", key="b@example.com")
    lead = Lead(emails=["a@example.com", known], phones=["+5511961234567"])
    assert [one.raw for one in lead.emails or ()] == ["a@example.com", "b@example.com"]
    assert [one.e164 for one in lead.phones or ()] == ["+5511961234567"]
    assert Lead(email=None).emails is None
    assert Lead(email=None).knows("emails")
    assert Lead().email is None
    assert Lead(phones=()).phone is None


def test_what_cannot_be_made_sense_of_is_kept_and_named() -> None:
    given = (Issue(path="notes", code="wrong_type"),)
    lead = Lead(name="", email="not an address", phone="n/a", issues=given)
    assert lead.name is not None
    assert lead.name.full == ""
    assert lead.email == EmailAddress(raw="not an address")
    assert lead.phone is not None
    assert lead.phone.raw == "n/a"
    assert [issue.path for issue in lead.issues] == ["notes", "name", "emails", "phones"]


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "a@example.com", "emails": ["b@example.com"]},
        {"phone": "1", "phones": []},
        {"emails": "a@example.com"},
        {"emails": {"raw": "a"}},
        {"score": 101},
        {"score": True},
        {"score": "7"},
        {"qualified": 1},
        {"interaction_count": 1.0},
        {"status": "won"},
        {"nickname": "Ana"},
        {"custom": {"a": {"b": 1}}},
        {"custom": {"a": [1]}},
        {"custom": {"a": float("inf")}},
        {"custom": {"a": Decimal("NaN")}},
        {"custom": [1]},
        {"raw": "text"},
        {"created_at": datetime(2026, 1, 1)},  # noqa: DTZ001  # naive on purpose
        {"created_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))},
        {"issues": None},
    ],
    ids=str,
)
def test_what_no_lead_can_be_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Lead(**fields)


def test_only_a_mapping_can_become_a_lead() -> None:
    with pytest.raises(ValidationError):
        Lead.model_validate("Ana")


def test_a_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(ValidationError) as caught:
        Lead(score="canary-4711", custom={"a": {"b": "canary-4711"}}, notes=["canary-4711"])
    assert "canary" not in str(caught.value)


def test_the_repr_shows_no_personal_data() -> None:
    lead = Lead(name="Ana Canary", email="canary@example.com", notes="canary", raw={"a": "canary"})
    assert "anary" not in repr(lead)
    assert "emails" in repr(lead)


def test_tags_keep_their_order_and_no_duplicates() -> None:
    assert Lead(tags=["b", "a", "b", "A"]).tags == ("b", "a", "A")


def test_match_keys_are_emails_and_whole_numbers_with_their_extension() -> None:
    lead = Lead(
        emails=["Ana.Souza+crm@Example.com", "nonsense", "josé@example.com"],
        phones=["+5511961234567", "+1 415 555 2671 ext. 77", "4155552671"],
    )
    assert lead.match_keys == {
        "email:ana.souza+crm@example.com",
        "email:josé@example.com",
        "phone:+5511961234567",
        "phone:+14155552671;ext=77",
    }
    assert Lead().match_keys == frozenset()


def test_the_same_last_ten_digits_in_two_countries_are_two_people() -> None:
    one, other = Lead(phone="+61 2 9876 5432"), Lead(phone="+27 29 876 5432")
    assert one.match_keys.isdisjoint(other.match_keys)


def test_nothing_in_a_lead_can_be_changed() -> None:
    lead = Lead(name="Ana", custom={"list": ["a"], "n": 1}, raw={"deep": {"list": [1]}}, tags=["x"])
    with pytest.raises(ValidationError):
        lead.notes = "changed"  # type: ignore[misc]  # frozen, which is the point
    with pytest.raises(ValidationError):
        lead.name.full = "changed"  # type: ignore[misc, union-attr]  # frozen, which is the point
    assert lead.custom["list"] == ("a",)
    for mapping in (lead.custom, lead.raw, lead.raw["deep"]):
        for change in (
            lambda m: m.__setitem__("a", 1),
            lambda m: m.__delitem__("n"),
            lambda m: m.update(a=1),
            lambda m: m.setdefault("a", 1),
            lambda m: m.pop("n", None),
            lambda m: m.popitem(),
            lambda m: m.clear(),
            lambda m: m.__ior__({"a": 1}),
        ):
            with pytest.raises(TypeError):
                change(mapping)


def test_copies_are_the_lead_itself() -> None:
    lead = Lead(name="Ana", raw={"a": [1, {"b": Decimal("1.10")}]})
    for twin in (copy.copy(lead), copy.deepcopy(lead), pickle.loads(pickle.dumps(lead))):  # noqa: S301  # our own bytes
        assert twin == lead
        assert isinstance(twin.raw, FrozenDict)
    assert len({lead, copy.deepcopy(lead)}) == 1
    assert hash(lead.raw) == hash(copy.copy(lead.raw))
    assert lead != "Ana"


def test_leads_of_one_class_are_equal_by_what_they_know() -> None:
    class Ours(Lead):
        shop: str = "north"

    assert Ours(name="Ana") == Ours(name="Ana")
    assert hash(Ours(name="Ana")) == hash(Ours(name="Ana"))
    assert Ours(name="Ana") != Ours(name="Ana", shop="north")
    assert Ours(name="Ana") != Lead(name="Ana")
    assert Lead(name="Ana") != Ours(name="Ana")


def test_instants_are_kept_in_utc() -> None:
    brt = timezone(timedelta(hours=-3))
    assert Lead(created_at=datetime(2026, 7, 3, 9, tzinfo=brt)).created_at == datetime(
        2026, 7, 3, 12, tzinfo=UTC
    )
    assert Lead(created_at="2026-07-03T09:00:00-03:00").created_at.tzinfo is UTC  # type: ignore[union-attr]  # it was given


def test_numbers_of_customers_keep_every_digit() -> None:
    values = {"big": 10**400, "fine": Decimal("0.10000000000000000001"), "odd": 5e-324}
    lead = Lead(custom=values)
    again = Lead.model_validate_json(lead.model_dump_json())
    assert again.custom == values
    assert type(again.custom["fine"]) is Decimal


def test_a_payload_that_looks_like_our_own_marks_stays_itself() -> None:
    payload = {"a": {"$number": "1.5"}, "b": {"$$number": "x"}, "c": {"$number": "no number"}}
    lead = Lead(raw=payload)
    assert lead.raw == payload
    assert Lead.model_validate_json(lead.model_dump_json()).raw == payload


def test_a_mark_that_is_none_of_ours_is_read_as_it_stands() -> None:
    lead = Lead.model_validate_json('{"raw": {"a": {"$number": 5}, "b": {"$number": "x"}}}')
    assert lead.raw == {"a": {"$number": 5}, "b": {"$number": "x"}}


def test_a_loss_prints_as_one_line() -> None:
    loss = Loss(path="notes", fidelity=Fidelity.NARROWED, reason="too_long", detail="limit 5")
    assert str(loss) == "notes: narrowed, too_long (limit 5)"
    assert str(loss.model_copy(update={"detail": ""})) == "notes: narrowed, too_long"


def test_a_lead_knows_its_phase_by_its_status() -> None:
    phases = {status: status.phase for status in LeadStatus}
    assert phases.pop(LeadStatus.UNKNOWN) is None
    assert phases.pop(LeadStatus.CONVERTED) is Phase.WON
    closed = {LeadStatus.LOST, LeadStatus.DISQUALIFIED, LeadStatus.ARCHIVED}
    assert {status for status, phase in phases.items() if phase is Phase.CLOSED} == closed
    assert {phases[status] for status in phases.keys() - closed} == {Phase.OPEN}


def test_fidelity_runs_from_exact_to_dropped_and_two_of_it_are_lossy() -> None:
    assert [one.rank for one in Fidelity] == [0, 1, 2, 3, 4]
    assert [one for one in Fidelity if one.is_lossy] == [Fidelity.NARROWED, Fidelity.DROPPED]


def test_a_number_keeps_what_was_typed() -> None:
    phone = Lead(phone="020 8366 1177").phone
    assert isinstance(phone, PhoneNumber)
    assert (phone.raw, phone.e164) == ("020 8366 1177", None)
