"""MEGA's adapter: what it reads, what it asks for, and what each refusal means."""

from __future__ import annotations

from typing import Any

import pytest
from tests.adapters.conversation import utc
from tests.adapters.mega_account import (
    CUSTOMER,
    SAMPLE,
    STAGE,
    answer,
    ask,
    draft,
    mega,
    page,
    refused,
)

from leadgateway.adapter import LeadQuery
from leadgateway.errors import (
    AuthError,
    ConfigError,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
    Unsupported,
)
from leadgateway.exchange import Effect
from leadgateway.lead import Lead
from leadgateway.mapping import Use
from leadgateway.taxonomy import CaptureMethod, LeadSource, LeadStatus
from leadgateway_mega.settings import MegaSettings


def listed(**changes: Any) -> Lead:
    """Return a lead as the list shows it, with these keys changed."""
    flow = mega().list_page(LeadQuery(), None)
    return answer(flow, 200, page({**SAMPLE, **changes})).leads[0]


def test_the_documented_list_reads_without_an_issue() -> None:
    found = answer(mega().list_page(LeadQuery(), None), 200, page(SAMPLE))
    (lead,) = found.leads
    assert (found.next_cursor, found.total, lead.issues) == (None, 1, ())
    assert lead.ref is not None
    assert (lead.ref.vendor, lead.ref.id) == ("mega", SAMPLE["id"])
    assert (lead.name.full, lead.email.address) == ("Noor Haddad", "noor@mail.example")
    assert lead.phone.e164 == "+13125550177"
    assert lead.status.value is LeadStatus.OPEN
    assert (lead.source.value, lead.capture.value) == (LeadSource.PAID_SEARCH, CaptureMethod.FORM)
    assert (lead.stage.id, lead.stage.slug, lead.stage.name) == (STAGE, "new", "New")
    assert lead.created_at == lead.updated_at == utc("2026-07-04T09:00:00+00:00")
    assert lead.interaction_count == 0
    for known_to_be_empty in ("score", "qualified", "owner", "last_interaction_at"):
        assert lead.knows(known_to_be_empty)
        assert getattr(lead, known_to_be_empty) is None
    assert not lead.knows("custom")
    assert lead.raw == SAMPLE


def test_a_lead_with_everything_reads_without_an_issue() -> None:
    lead = listed(
        score=87,
        qualified=True,
        owner={"id": "o-1", "name": "Wei Zhang", "role_name": "Closer"},
        last_interaction_at="2026-07-05T10:11:12.345Z",
        custom_fields={
            "lead_line": "buyer",
            "budget": "500000",
            "pets": 2,
            "vip": False,
            "x": None,
        },
    )
    assert lead.issues == ()
    assert (lead.score, lead.qualified, lead.line) == (87, True, "buyer")
    assert (lead.owner.id, lead.owner.name, lead.owner.role) == ("o-1", "Wei Zhang", "Closer")
    assert lead.last_interaction_at == utc("2026-07-05T10:11:12.345+00:00")
    assert lead.custom == {"budget": "500000", "pets": 2, "vip": False, "x": None}


def test_a_lead_may_have_no_stage_although_the_schema_cannot_say_so() -> None:
    lead = listed(current_stage=None)
    assert lead.issues == ()
    assert lead.stage.slug is None


@pytest.mark.parametrize(
    ("key", "word", "field", "value"),
    [
        ("status", "snoozed", "status", LeadStatus.UNKNOWN),
        ("source_platform", "tiktok_ads", "source", LeadSource.OTHER),
        ("source_type", "webinar", "capture", CaptureMethod.UNKNOWN),
    ],
)
def test_a_word_nobody_documented_is_kept_and_not_guessed(
    key: str, word: str, field: str, value: str
) -> None:
    lead = listed(**{key: word})
    coded = getattr(lead, field)
    assert (coded.value, coded.native, lead.issues) == (value, word, ())


def test_a_value_of_the_wrong_type_is_an_issue_of_its_field_alone() -> None:
    lead = listed(score="high", custom_fields={"lead_line": 3, "nested": {"a": 1}})
    assert {issue.path for issue in lead.issues} == {"score", "line", "custom.nested"}
    assert lead.name.full == "Noor Haddad"


# One row a documented refusal (dev.gomega.ai/errors): status, type, what a read and a write mean.
REFUSALS = [
    (400, "invalid_request_error", Rejected, Rejected),
    (401, "authentication_error", AuthError, AuthError),
    (403, "authorization_error", AuthError, AuthError),
    (404, "not_found_error", NotFound, NotFound),
    (409, "api_error", Rejected, Rejected),
    (429, "rate_limit_error", RateLimited, RateLimited),
    (500, "api_error", Unavailable, OutcomeUnknown),
    (503, "api_error", Unavailable, OutcomeUnknown),
]


@pytest.mark.parametrize(("status", "kind", "on_read", "on_write"), REFUSALS)
def test_each_documented_refusal_means_its_own_error(
    status: int, kind: str, on_read: type[Any], on_write: type[Any]
) -> None:
    adapter = mega()
    body = {"error": {"type": kind, "code": status, "message": "not like that"}}
    read = refused(on_read, adapter.list_page(LeadQuery(), None), status, body)
    one = draft(adapter, Lead(name="Ann Lee"))
    write = refused(on_write, adapter.create(one, "k"), status, body)
    batch = refused(on_write, adapter.create_many([one], "k"), status, body)
    for error in (read, write, batch):
        assert (error.vendor, error.status) == ("mega", status)
        assert kind in str(error)
        assert "not like that" in str(error)


def test_a_conflict_names_both_of_its_causes() -> None:
    adapter = mega()
    body = {"error": {"type": "api_error", "code": 409, "message": "Conflict"}}
    error = refused(Rejected, adapter.create(draft(adapter, Lead(name="Ann Lee")), "k"), 409, body)
    assert "used with another body" in str(error)
    assert "there already" in str(error)


@pytest.mark.parametrize("body", [{"error": "no"}, {"message": "no"}, b"<html>"])
def test_a_refusal_without_megas_envelope_is_told_by_its_status(body: Any) -> None:
    error = refused(AuthError, mega().list_page(LeadQuery(), None), 401, body)
    assert "no reason given" in str(error)


def test_a_refusal_does_not_repeat_what_we_sent() -> None:
    adapter = mega()
    one = draft(adapter, Lead(name="Ann Lee", email="ann@mail.example", phone="+13125550177"))
    text = "Ann Lee, ann@mail.example and +1 (312) 555-0177 are taken"
    body = {"error": {"type": "invalid_request_error", "code": 400, "message": text}}
    error = refused(Rejected, adapter.create(one, None), 400, body)
    assert not any(part in str(error) for part in ("Ann", "ann@", "0177"))


def test_every_request_names_the_customer_and_carries_the_token() -> None:
    adapter = mega()
    request = adapter.authorize(ask(adapter.list_page(LeadQuery(), None)), "mega_secret")
    assert request.header("authorization") == "Bearer mega_secret"
    assert request.header("x-customer-id") == CUSTOMER
    assert request.effect is Effect.READ


def test_a_token_of_another_form_is_not_refused() -> None:
    assert mega(token="some-other-token").settings.credential() == "some-other-token"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("customer_id", "acme"),
        ("on_duplicate", "replace"),
        ("fallback_source", "import"),
        ("source_out", {"website": "website"}),
        ("fallback_capture", "api"),
        ("capture_out", {"api": "webhook"}),
    ],
)
def test_a_setting_that_mega_cannot_take_is_named(setting: str, value: Any) -> None:
    given = {"token": "t", "customer_id": CUSTOMER, setting: value}
    with pytest.raises(ConfigError, match=setting):
        MegaSettings.of(given)


def test_powers_that_mega_does_not_document_are_unsupported() -> None:
    adapter = mega()
    for call in (lambda: adapter.get("x"), lambda: adapter.changes_page(None, None)):
        with pytest.raises(Unsupported):
            call()
    with pytest.raises(Unsupported):
        adapter.update("x", draft(adapter, Lead(name="Ann Lee"), Use.UPDATE))
