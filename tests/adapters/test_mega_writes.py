"""MEGA's adapter: what it writes, and whether an answer proves a new lead or a merged one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.adapters.mega_account import AT_ONCE, LEADS, SAMPLE, answer, ask, draft, mega, refused

from leadgateway.adapter import Outcome, Receipt
from leadgateway.errors import ConfigError, MappingError, OutcomeUnknown, Unsupported
from leadgateway.exchange import Effect, loads
from leadgateway.lead import Lead
from leadgateway.mapping import Use
from leadgateway.taxonomy import Fidelity, LeadSource
from leadgateway.values import Coded, ExternalRef, Loss, Owner, Stage

OWNER = "0b5f8f0e-7a7e-4f0c-9d55-3f1f6f3d2a10"
NOOR = Lead(
    name="Noor Haddad", email="noor@mail.example", phone="+13125550177",
    source="paid_search", capture="form",
)  # fmt: skip


def lossy(losses: tuple[Loss, ...]) -> set[tuple[str, str]]:
    return {(loss.path, loss.reason) for loss in losses if loss.fidelity.is_lossy}


def created(
    lead: Lead = NOOR, key: str | None = None, date: str | None = AT_ONCE, **shown: Any
) -> Receipt:
    """Create `lead`, answered with the sample in which these keys are changed."""
    adapter = mega()
    body = {"lead": {**SAMPLE, **shown}}
    return answer(adapter.create(draft(adapter, lead), key), 201, body, date)


def test_a_single_create_sends_exactly_what_the_lead_says() -> None:
    adapter = mega()
    lead = NOOR.model_copy(update={"custom": {"budget": "500000", "vip": True}})
    request = ask(adapter.create(draft(adapter, lead), "import-1"))
    assert (request.method, request.url, request.bucket) == ("POST", LEADS, "default")
    assert (request.effect, request.header("idempotency-key")) == (Effect.KEYED, "import-1")
    assert loads(request.body or b"") == {
        "contact_name": "Noor Haddad",
        "contact_email": "noor@mail.example",
        "contact_phone": "+13125550177",
        "source_platform": "google_ads",
        "source_type": "form",
        "custom_fields": {"budget": "500000", "vip": True},
    }


def test_without_a_key_a_create_may_not_be_repeated() -> None:
    adapter = mega()
    request = ask(adapter.create(draft(adapter, NOOR), None))
    assert (request.effect, request.header("idempotency-key")) == (Effect.ONCE, None)


def test_owner_and_line_travel_in_batches_only() -> None:
    adapter = mega()
    lead = Lead(name="Ann Lee", owner=Owner(id=OWNER), line="buyer", custom={"a": 1})
    single, row = draft(adapter, lead), draft(adapter, lead, Use.BULK)
    assert single.fields == {"contact_name": "Ann Lee", "custom_fields": {"a": 1}}
    assert {("owner", "not_on_create"), ("line", "not_on_create")} <= lossy(single.losses)
    assert row.fields == {**single.fields, "owner_id": OWNER, "lead_line": "buyer"}
    assert lossy(row.losses) == set()
    assert adapter.table.echo(row.fields)["owner"] == {"id": OWNER}
    arrival = adapter.table.arrival(row, adapter.settings)
    assert (arrival.owner, arrival.line, arrival.custom) == (Owner(id=OWNER), "buyer", {"a": 1})


def test_an_owners_id_that_is_no_uuid_is_dropped_by_name() -> None:
    """`owner_id` is the UUID of a team member: dev.gomega.ai/openapi.json."""
    row = draft(mega(), Lead(name="Ann Lee", owner=Owner(id="o-1")), Use.BULK)
    assert row.fields == {"contact_name": "Ann Lee"}
    assert ("owner", "not_a_uuid") in lossy(row.losses)
    with pytest.raises(ConfigError, match="owner_map"):
        mega(owner_map={"ann@example.com": "o-1"})


def test_a_line_that_mega_does_not_know_is_not_sent() -> None:
    row = draft(mega(), Lead(name="Ann Lee", line="landlord"), Use.BULK)
    assert "lead_line" not in row.fields
    assert lossy(row.losses) == {("line", "no_such_word")}


def test_the_reserved_slug_is_not_written_as_a_custom_field() -> None:
    one = draft(mega(), Lead(name="Ann Lee", custom={"lead_line": "buyer"}))
    assert "custom_fields" not in one.fields
    assert lossy(one.losses) == {("custom.lead_line", "reserved")}


def test_a_stage_is_written_by_its_slug() -> None:
    ours = ExternalRef(vendor="mega", connection="mega", id="1")
    one = draft(mega(), Lead(ref=ours, name="Ann Lee", stage=Stage(slug="new")))
    assert one.fields["stage_slug"] == "new"
    theirs = ExternalRef(vendor="elsewhere", connection="x", id="1")
    lead = Lead(ref=theirs, name="Ann Lee", stage=Stage(slug="incoming"))
    assert "stage_slug" not in draft(mega(), lead).fields
    assert draft(mega(stage_map={"incoming": "new"}), lead).fields["stage_slug"] == "new"


@pytest.mark.parametrize("system", ["pipedrive", None])
def test_no_platform_is_invented_for_another_system(system: str | None) -> None:
    source = Coded[LeadSource](value=LeadSource.EXTERNAL_SYSTEM, native=system)
    one = draft(mega(), Lead(name="Ann Lee", source=source))
    assert "source_platform" not in one.fields
    assert lossy(one.losses) == {("source", "no_such_word")}


def test_a_platform_of_megas_own_goes_back_verbatim_and_a_fallback_is_named() -> None:
    shopify = Coded[LeadSource](value=LeadSource.EXTERNAL_SYSTEM, native="shopify")
    assert draft(mega(), Lead(name="A", source=shopify)).fields["source_platform"] == "shopify"
    one = draft(mega(fallback_source="direct"), Lead(name="A", source="event"))
    assert one.fields["source_platform"] == "direct"
    assert lossy(one.losses) == {("source", "fallback")}


def test_a_word_that_only_the_connection_reads_is_never_sent() -> None:
    adapter = mega(source_map={"tiktok_ads": "other"}, status_map={"snoozed": "open"})
    tiktok = Coded[LeadSource](value=LeadSource.OTHER, native="tiktok_ads")
    assert "source_platform" not in draft(adapter, Lead(name="A", source=tiktok)).fields


@pytest.mark.parametrize("typed", ["(206) 555-0123", "020 8366 1177"])
def test_a_phone_of_unknown_country_goes_as_typed(typed: str) -> None:
    assert draft(mega(), Lead(phone=typed)).fields == {"contact_phone": typed}


@pytest.mark.parametrize("lead", [Lead(), Lead(source="direct"), Lead(email="no address")])
def test_a_lead_without_any_contact_is_refused_before_any_request(lead: Lead) -> None:
    with pytest.raises(MappingError, match="contact_name, or contact_phone, or contact_email"):
        draft(mega(), lead)


def test_a_lead_as_young_as_the_answer_was_created() -> None:
    receipt = created()
    assert (receipt.outcome, receipt.doubt, receipt.matched_by) == (Outcome.CREATED, None, None)
    assert receipt.external_id == SAMPLE["id"]
    assert receipt.lead is not None
    assert receipt.lead.raw == SAMPLE
    assert receipt.losses == ()


@pytest.mark.parametrize(
    ("stamp", "outcome", "doubt"),
    [
        ("2026-07-04T09:00:00.999Z", Outcome.CREATED, None),
        ("2026-07-04T08:59:58.000Z", Outcome.CREATED, None),
        ("2026-07-04T08:59:57.999Z", Outcome.CREATED, "slow_or_merged"),
        ("2026-07-04T08:59:00.000Z", Outcome.CREATED, "slow_or_merged"),
        ("2026-07-04T08:58:59.999Z", Outcome.MERGED, None),
        ("2024-01-01T00:00:00.000Z", Outcome.MERGED, None),
        ("2026-07-04T09:00:02.001Z", Outcome.CREATED, "clocks_disagree"),
        ("some day", Outcome.MERGED, "no_clock"),
    ],
)
def test_the_age_of_the_lead_by_the_vendors_own_clock_decides(
    stamp: str, outcome: Outcome, doubt: str | None
) -> None:
    receipt = created(created_at=stamp, updated_at=stamp)
    assert (receipt.outcome, receipt.doubt) == (outcome, doubt)


@pytest.mark.parametrize(
    "date",
    [
        None,
        "",
        "soon",
        "Sat, 99 Jul 2026 09:00:00 GMT",
        "Fri, 01 Jan 2026 00:00:00 +9999999999999999",
        "Fri, 01 Jan 9999999999 00:00:00 GMT",
    ],
)
def test_without_the_vendors_clock_nothing_is_claimed_to_be_new(date: str | None) -> None:
    receipt = created(date=date)
    assert (receipt.outcome, receipt.doubt) == (Outcome.MERGED, "no_clock")


def test_a_date_without_a_zone_is_in_utc() -> None:
    assert created(date="Sat, 04 Jul 2026 09:00:00 -0000").outcome is Outcome.CREATED


def test_an_old_lead_under_a_key_may_be_our_own_earlier_create() -> None:
    old = "2026-07-04T08:00:00.000Z"
    receipt = created(key="k", created_at=old, updated_at=old)
    assert (receipt.outcome, receipt.doubt) == (Outcome.MERGED, "replay_or_merged")


def test_a_lead_that_was_changed_after_it_was_created_was_there_before() -> None:
    receipt = created(key="k", created_at="2026-07-04T08:59:57.500Z")
    assert (receipt.outcome, receipt.doubt) == (Outcome.MERGED, None)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (Lead(email="noor@mail.example"), {}),
        (Lead(phone="+13125550177"), {}),
        (Lead(name="Noor Haddad", phone="+13125550177"), {}),
    ],
)
def test_a_contact_we_never_sent_shows_that_the_lead_was_there_before(
    sent: Lead, shown: dict[str, Any]
) -> None:
    assert created(sent, key="k", **shown).outcome is Outcome.MERGED


OLD = {"created_at": "2025-01-01T00:00:00.000Z"}


@pytest.mark.parametrize(
    ("sent", "shown", "by"),
    [
        (NOOR, {"contact_phone": "+442079460000"}, "email"),
        (NOOR, {"contact_phone": None}, "email"),
        (NOOR, {"contact_email": "n@other.example"}, "phone"),
        (NOOR, {"contact_email": None, "contact_phone": "(312) 555-0177"}, "phone"),
        (Lead(email="NOOR@mail.example"), {}, "email"),
        (NOOR, {}, None),
        (NOOR, {"contact_email": None, "contact_phone": None}, None),
        (Lead(phone="555-0177"), {"contact_phone": "555-0177", "contact_email": None}, None),
    ],
)
def test_what_a_lead_was_matched_by_is_told_where_only_one_contact_fits(
    sent: Lead, shown: dict[str, Any], by: str | None
) -> None:
    receipt = created(sent, **OLD, **shown)
    assert (receipt.outcome, receipt.matched_by) == (Outcome.MERGED, by)


def test_what_a_merge_did_not_take_over_is_a_loss() -> None:
    shown = {"contact_name": "N. Haddad", "contact_phone": "+442079460000", "source_type": "chat"}
    receipt = created(**OLD, **shown)
    assert lossy(receipt.losses) == {
        ("name", "not_stored"),
        ("phones", "not_stored"),
        ("capture", "not_stored"),
    }


def test_another_spelling_of_the_same_contact_is_no_loss() -> None:
    receipt = created(contact_phone="(312) 555-0177", contact_email="NOOR@mail.example")
    assert lossy(receipt.losses) == set()
    respelled = {x.path for x in receipt.losses if x.reason == "respelled"}
    assert respelled == {"emails", "phones"}


CUSTOM = Lead(
    name="Noor Haddad", email="noor@mail.example", phone="+13125550177",
    custom={"budget": 500000, "vip": True, "colour": "red", "zip": "02134"},
)  # fmt: skip


def test_a_custom_field_that_the_answer_leaves_out_is_a_loss() -> None:
    shown = {"budget": "500000", "vip": "true", "colour": "blue", "lead_line": "buyer"}
    receipt = created(CUSTOM, custom_fields=shown)
    assert lossy(receipt.losses) == {
        ("custom.colour", "not_stored"),
        ("custom.zip", "unknown_custom_field"),
    }
    respelled = {x.path for x in receipt.losses if x.fidelity is Fidelity.NORMALIZED}
    assert respelled == {"custom.budget", "custom.vip"}


def test_null_in_a_custom_field_is_sent_since_a_merge_may_tell_it_from_nothing() -> None:
    lead = Lead(name="Ann Lee", custom={"budget": None, "vip": True})
    for use in (Use.CREATE, Use.BULK):
        one = draft(mega(), lead, use)
        assert one.fields["custom_fields"] == {"budget": None, "vip": True}
        assert one.losses == ()
    kept = created(CUSTOM.model_copy(update={"custom": {"vip": None}}), custom_fields={"vip": True})
    assert lossy(kept.losses) == {("custom.vip", "not_stored")}


def test_a_decimal_that_is_stored_as_the_same_float_is_no_loss() -> None:
    lead = CUSTOM.model_copy(update={"custom": {"budget": Decimal("1.10")}})
    assert created(lead, custom_fields={"budget": 1.1}).losses == ()
    rounded = created(lead, custom_fields={"budget": 1.11})
    assert lossy(rounded.losses) == {("custom.budget", "not_stored")}


def test_custom_fields_that_arrived_or_do_not_show_at_all_are_no_loss() -> None:
    assert created(CUSTOM).losses == ()
    whole = {**(CUSTOM.custom or {}), "other": "kept from before"}
    assert created(CUSTOM, custom_fields=whole).losses == ()


def test_a_relocated_value_whose_custom_field_is_unknown_is_lost() -> None:
    adapter = mega(relocate={"company.name": "custom:firm"})
    one = draft(adapter, Lead(name="Noor Haddad", company="Acme"))
    assert one.fields["custom_fields"] == {"firm": "Acme"}
    for shown, lost in (
        ({"custom_fields": {}}, {("company.name", "unknown_custom_field")}),
        ({"custom_fields": {"firm": "Acme"}}, set()),
        ({}, set()),
    ):
        receipt = answer(adapter.create(one, None), 201, {"lead": {**SAMPLE, **shown}})
        assert lossy(receipt.losses) == lost


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (201, {"lead": {**SAMPLE, "id": None}}),
        (201, {"lead": {}}),
        (201, {}),
        (201, b"<html>"),
        (200, {"lead": SAMPLE}),
        (202, {}),
        (307, {}),
    ],
)
def test_a_create_whose_answer_cannot_be_read_is_unknown(status: int, body: Any) -> None:
    adapter = mega()
    refused(OutcomeUnknown, adapter.create(draft(adapter, NOOR), "k"), status, body)


def test_a_single_create_cannot_leave_a_duplicate_untouched() -> None:
    adapter = mega(on_duplicate="skip")
    with pytest.raises(Unsupported, match="always merges"):
        next(adapter.create(draft(adapter, NOOR), "k"))
