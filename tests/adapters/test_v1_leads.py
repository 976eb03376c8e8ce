"""The v1 leads adapter: table, flows by hand, and against its simulator over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from tests.adapters.conversation import line, query, spoil, talk, utc

from leadgateway import Lead
from leadgateway.adapter import Change, LeadQuery, Outcome
from leadgateway.errors import (
    AuthError,
    BadResponse,
    ConfigError,
    LeadGatewayError,
    MappingError,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
    Unsupported,
)
from leadgateway.exchange import Effect, dumps
from leadgateway.mapping import Draft, Use, disagreements
from leadgateway.mapping.leaves import take_apart
from leadgateway.simulator.serve import in_thread
from leadgateway.taxonomy import Fidelity, LeadSource, LeadStatus
from leadgateway.values import Coded, Company, ExternalRef, Qualification, Stage
from leadgateway_v1_leads.adapter import V1Leads, V1LeadsSettings
from leadgateway_v1_leads.simulator import V1LeadsSimulator

ROOT = "https://www.expertailabs.ai/api/v1"
LEAD_ID = "9f1c8a32-4d65-4e2b-8a91-3c0e7d4b2f18"
# Seed 003, field by field: a row of the list, the whole record, and the answer to an update.
ROW: dict[str, Any] = {
    "id": LEAD_ID,
    "organization_id": "8c2f0a14-0c8a-4a3a-9a4d-3e0f1d6c2a91",
    "name": "Sarah Mitchell",
    "company": None,
    "email": "sarah.mitchell@example.com",
    "source": "google_ads",
    "lead_score": 87,
    "pipeline_stage": "qualified",
    "industry": None,
    "company_size": None,
    "created_at": "2026-04-27T13:22:05.114Z",
    "updated_at": "2026-04-27T13:22:09.218Z",
}
CURSOR = (
    "eyJjcmVhdGVkX2F0IjoiMjAyNi0wNC0yN1QxMzoyMjowNS4xMTRaIiwi"
    "aWQiOiI5ZjFjOGEzMi00ZDY1LTRlMmItOGE5MS0zYzBlN2Q0YjJmMTgifQ"
)
RECORD: dict[str, Any] = {
    **ROW,
    "industry": "residential",
    "pain_points": "Recurring basement moisture after spring rain",
    "timeline": "this_week",
    "budget_range": None,
    "ai_reasoning": "High urgency: water damage signal, recent storm event, in-radius",
    "qualification_completed_at": "2026-04-27T13:22:09.218Z",
}
CREATED: dict[str, Any] = {
    **ROW,
    "source": "website",
    "lead_score": 0,
    "pipeline_stage": "new",
    "industry": "residential",
    "updated_at": "2026-04-27T13:22:05.114Z",
}
UPDATED: dict[str, Any] = {
    **{k: v for k, v in ROW.items() if k not in {"industry", "company_size", "created_at"}},
    "lead_score": 92,
    "pipeline_stage": "won",
    "updated_at": "2026-04-27T18:55:42.001Z",
}
AUDIT: dict[str, Any] = {
    "id": "1a2b3c4d-0000-4000-8000-000000000001",
    "organization_id": ROW["organization_id"],
    "action": "lead.updated",
    "source": "api",
    "correlation_id": "corr_1",
    "payload": {
        "lead_id": LEAD_ID,
        "diff": {
            "lead_score": {"from": 87, "to": 92},
            "industry": {"from": None, "to": "residential"},
        },
        "key_id": "k7e2c8a1-1",
    },
    "created_at": "2026-04-27T18:55:42.001Z",
}
KNOWN = Lead(email="sarah.mitchell@example.com")


def v1(**settings: Any) -> V1Leads:
    return V1Leads(V1LeadsSettings.of({"token": "eal_live_1", **settings}))


def draft(lead: Lead, use: Use = Use.CREATE, adapter: V1Leads | None = None) -> Draft:
    adapter = adapter or v1()
    return adapter.table.write(lead, use, adapter.settings)


def losses(lead: Lead, use: Use = Use.CREATE) -> set[tuple[str, Fidelity, str]]:
    return {(loss.path, loss.fidelity, loss.reason) for loss in draft(lead, use).losses}


# Settings


def test_the_host_is_the_one_of_the_newer_documents() -> None:
    assert v1().settings.base_url == ROOT
    assert v1().settings.update_method == "PATCH"


def test_another_update_method_is_refused() -> None:
    with pytest.raises(ConfigError, match="update_method"):
        v1(update_method="POST")


# Reading


def test_the_documented_record_reads_whole_and_without_an_issue() -> None:
    lead = v1().lead(RECORD)
    assert lead.issues == ()
    assert dict(lead.raw) == RECORD
    assert lead.ref == ExternalRef(vendor="v1_leads", connection="v1_leads", id=LEAD_ID)
    assert lead.name is not None
    assert lead.name.full == "Sarah Mitchell"
    assert lead.email is not None
    assert lead.email.address == "sarah.mitchell@example.com"
    assert lead.company == Company(name=None, industry="residential", size=None)
    assert lead.source == Coded[LeadSource](value=LeadSource.PAID_SEARCH, native="google_ads")
    assert lead.status == Coded[LeadStatus](value=LeadStatus.QUALIFIED, native="qualified")
    assert lead.stage == Stage(slug="qualified")
    assert lead.score == 87
    assert lead.qualification == Qualification(
        pain_points="Recurring basement moisture after spring rain",
        timeline="this_week",
        budget_range=None,
        reasoning="High urgency: water damage signal, recent storm event, in-radius",
        completed_at=utc("2026-04-27T13:22:09.218+00:00"),
    )
    assert lead.created_at == utc("2026-04-27T13:22:05.114+00:00")
    assert lead.updated_at == utc("2026-04-27T13:22:09.218+00:00")
    assert not lead.knows("phones")


def test_a_row_without_the_qualification_leaves_it_unknown() -> None:
    for body in (ROW, CREATED, UPDATED):
        lead = v1().lead(body)
        assert lead.issues == ()
        assert not lead.knows("qualification")


def test_what_a_partial_answer_leaves_out_is_unknown_and_not_empty() -> None:
    leaves = take_apart(v1().lead(UPDATED))
    assert leaves["company.name"] is None
    assert not {"company.industry", "company.size", "created_at"} & set(leaves)
    assert leaves["score"] == 92


@pytest.mark.parametrize(
    ("stage", "status"),
    [
        ("new", LeadStatus.NEW),
        ("qualified", LeadStatus.QUALIFIED),
        ("won", LeadStatus.CONVERTED),
        ("site visit", LeadStatus.UNKNOWN),
        ("lost", LeadStatus.LOST),
    ],
)
def test_a_stage_is_a_status_where_it_is_known_and_goes_back_as_it_came(
    stage: str, status: LeadStatus
) -> None:
    lead = v1().lead({**ROW, "pipeline_stage": stage})
    assert lead.status == Coded[LeadStatus](value=status, native=stage)
    assert lead.stage == Stage(slug=stage)
    assert draft(lead).fields["pipeline_stage"] == stage


@pytest.mark.parametrize(
    ("word", "source"),
    [
        ("google_ads", LeadSource.PAID_SEARCH),
        ("meta_ads", LeadSource.PAID_SOCIAL),
        ("google_organic", LeadSource.ORGANIC_SEARCH),
        ("direct", LeadSource.DIRECT),
        ("referral", LeadSource.REFERRAL),
        ("website", LeadSource.WEBSITE),
        ("hubspot", LeadSource.EXTERNAL_SYSTEM),
        ("event", LeadSource.EVENT),
        ("yard_sign", LeadSource.OTHER),
    ],
)
def test_a_source_word_is_read_where_it_is_known_and_goes_back_as_it_came(
    word: str, source: LeadSource
) -> None:
    lead = v1().lead({**ROW, "source": word})
    assert lead.source == Coded[LeadSource](value=source, native=word)
    assert draft(lead).fields["source"] == word


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("company_size", 40, "company.size"),
        ("budget_range", {"from": 1}, "qualification.budget_range"),
        ("lead_score", 101, "score"),
        ("lead_score", "87", "score"),
        ("pipeline_stage", 3, "status"),
        ("created_at", "27/04/2026", "created_at"),
    ],
)
def test_a_value_that_does_not_fit_is_reported_and_kept_raw(
    field: str, value: object, path: str
) -> None:
    lead = v1().lead({**RECORD, field: value})
    assert [issue.path for issue in lead.issues] == [path]
    assert dumps(lead.raw[field]) == dumps(value)


def test_a_size_in_words_is_read() -> None:
    lead = v1().lead({**RECORD, "company_size": "11-50"})
    assert lead.company is not None
    assert lead.company.size == "11-50"
    assert lead.issues == ()


# Writing

WHOLE = Lead(
    name="Sarah Mitchell",
    company=Company(name="Mitchell Homes", industry="residential", size="11-50"),
    email="sarah.mitchell@example.com",
    status="qualified",
    source="website",
    score=92,
    qualification=Qualification(
        pain_points="Damp",
        timeline="this_week",
        budget_range="1-2k",
        reasoning="Storm",
        completed_at=utc("2026-04-27T13:22:09.218+00:00"),
    ),
)
ON_CREATE = {
    "name": "Sarah Mitchell",
    "company": "Mitchell Homes",
    "industry": "residential",
    "email": "sarah.mitchell@example.com",
    "pipeline_stage": "qualified",
    "source": "website",
}
ON_UPDATE = {
    **ON_CREATE,
    "company_size": "11-50",
    "lead_score": 92,
    "pain_points": "Damp",
    "timeline": "this_week",
    "budget_range": "1-2k",
    "ai_reasoning": "Storm",
}


def test_a_create_holds_the_six_fields_shown_and_names_the_rest() -> None:
    assert draft(WHOLE).fields == ON_CREATE
    not_yet = {path for path, kind, reason in losses(WHOLE) if reason == "not_on_create"}
    assert not_yet == {
        "company.size",
        "score",
        "qualification.pain_points",
        "qualification.timeline",
        "qualification.budget_range",
        "qualification.reasoning",
    }
    assert ("qualification.completed_at", Fidelity.DROPPED, "read_only") in losses(WHOLE)


def test_an_update_holds_the_whole_whitelist_and_nothing_else() -> None:
    written = draft(WHOLE, Use.UPDATE)
    assert written.fields == ON_UPDATE
    assert {loss.path for loss in written.losses} == {"qualification.completed_at"}
    found = v1().table.arrival(written, v1().settings)
    assert disagreements(WHOLE, found, written.losses) == ()


def test_an_update_with_a_base_holds_what_differs() -> None:
    adapter = v1()
    lead = adapter.lead(RECORD)
    same = adapter.table.write(lead, Use.UPDATE, adapter.settings, base=RECORD)
    assert same.fields == {}
    won = lead.model_copy(update={"score": 92})
    assert adapter.table.write(won, Use.UPDATE, adapter.settings, base=RECORD).fields == {
        "lead_score": 92
    }


def test_clearing_is_not_documented_and_never_sent() -> None:
    lead = Lead(email="a@b.example", company=Company(industry=None), qualification=None)
    assert draft(lead, Use.UPDATE).fields == {"email": "a@b.example"}
    assert ("company.industry", Fidelity.DROPPED, "clearing_undocumented") in losses(
        lead, Use.UPDATE
    )


@pytest.mark.parametrize(
    ("lead", "fits"),
    [
        (Lead(email="a@b.example"), True),
        (Lead(name="Ana Souza", company="Souza"), True),
        (Lead(name="Ana Souza"), False),
        (Lead(company="Souza"), False),
        (Lead(phone="+5511961234567"), False),
        (Lead(name="Ana Souza", email="not an address"), False),
        (Lead(), False),
    ],
)
def test_a_create_needs_an_email_or_a_name_with_a_company(lead: Lead, fits: bool) -> None:
    if fits:
        draft(lead)
        return
    with pytest.raises(MappingError, match="needs email, or name with company"):
        draft(lead)


def test_a_phone_has_no_place_and_is_never_hidden_elsewhere() -> None:
    lead = Lead(email="a@b.example", phone="+5511961234567", custom={"a": 1}, tags=("x",))
    assert draft(lead).fields == {"email": "a@b.example"}
    for path in ("phones", "custom", "tags"):
        assert (path, Fidelity.DROPPED, "no_such_field") in losses(lead)


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (Coded[LeadSource](value=LeadSource.PAID_SEARCH), "paid_search"),
        (Coded[LeadSource](value=LeadSource.PAID_SEARCH, native="google_ads"), "google_ads"),
        (Coded[LeadSource](value=LeadSource.EXTERNAL_SYSTEM, native="hubspot"), "hubspot"),
        (Coded[LeadSource](value=LeadSource.EXTERNAL_SYSTEM, native="kommo"), "external_system"),
        (Coded[LeadSource](value=LeadSource.EVENT), "event"),
        (Coded[LeadSource](value=LeadSource.OTHER, native="yard_sign"), "yard_sign"),
        (Coded[LeadSource](value=LeadSource.REFERRAL), "referral"),
    ],
)
def test_a_source_is_written_in_its_own_words_and_never_made_finer(
    source: Coded[LeadSource], word: str
) -> None:
    lead = Lead(email="a@b.example", source=source)
    assert draft(lead).fields["source"] == word
    found = v1().table.arrival(draft(lead), v1().settings)
    assert disagreements(lead, found, ()) == ()


def test_a_status_is_written_as_the_stage_shown_for_it() -> None:
    assert draft(Lead(email="a@b.example", status="converted")).fields["pipeline_stage"] == "won"
    assert draft(Lead(email="a@b.example", status="lost")).fields["pipeline_stage"] == "lost"
    mapped = v1(status_out={"converted": "closed won"}, status_map={"closed won": "converted"})
    lead = Lead(email="a@b.example", status="converted")
    assert draft(lead, adapter=mapped).fields["pipeline_stage"] == "closed won"


# Listing


def listed(query_: LeadQuery, *rows: object, cursor: object = None) -> Any:
    body = {"data": list(rows), "next_cursor": cursor}
    return talk(v1().list_page(query_, None), (200, body))


def test_a_list_asks_for_the_largest_page() -> None:
    request = next(v1().list_page(LeadQuery(), None))
    assert (request.method, request.url, request.effect) == ("GET", f"{ROOT}/leads", Effect.READ)
    assert query(request) == {"limit": "200"}


def test_every_filter_is_named_as_documented() -> None:
    asked = LeadQuery(
        stage="site visit",
        source="google_ads",
        created_since=utc("2031-05-06T09:08:09.010999+02:00"),
        created_until=utc("2031-05-07T00:00:00+00:00"),
        page_size=7,
    )
    assert query(next(v1().list_page(asked, CURSOR))) == {
        "pipeline_stage": "site visit",
        "source": "google_ads",
        "start_at": "2031-05-06T07:08:09.010Z",
        "end_at": "2031-05-07T00:00:00.000Z",
        "limit": "7",
        "cursor": CURSOR,
    }


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        (LeadQuery(status="qualified"), {"pipeline_stage": "qualified"}),
        (LeadQuery(status="won"), {"pipeline_stage": "won"}),
        (LeadQuery(status="lost"), {"pipeline_stage": "lost"}),
        (LeadQuery(status="converted"), {}),
        (LeadQuery(status="unknown"), {}),
        (LeadQuery(status="new", stage="new"), {"pipeline_stage": "new"}),
        (LeadQuery(status="converted", stage="won"), {"pipeline_stage": "won"}),
        (LeadQuery(source="website"), {"source": "website"}),
        (LeadQuery(source="yard_sign"), {"source": "yard_sign"}),
        (LeadQuery(source="paid_search"), {}),
        (LeadQuery(source="other"), {}),
    ],
)
def test_a_filter_is_sent_where_one_word_says_it(asked: LeadQuery, sent: dict[str, str]) -> None:
    assert query(next(v1().list_page(asked, None))) == {"limit": "200", **sent}


def test_a_value_of_several_words_is_picked_from_all_leads() -> None:
    rows = [
        {**ROW, "id": str(n), "source": source, "pipeline_stage": stage}
        for n, (source, stage) in enumerate(
            [("google_ads", "won"), ("paid_search", "converted"), ("website", "new"), (None, None)]
        )
    ]
    found, _ = listed(LeadQuery(source="paid_search"), *rows, cursor="on")
    assert [lead.raw["id"] for lead in found.leads] == ["0", "1"]
    assert found.next_cursor == "on"
    found, _ = listed(LeadQuery(status="converted"), *rows)
    assert [lead.raw["id"] for lead in found.leads] == ["0", "1"]
    found, _ = listed(LeadQuery(), *rows)
    assert len(found.leads) == 4


def test_a_mapped_word_counts_among_the_words_of_a_value() -> None:
    adapter = v1(status_map={"closed": "lost"})
    assert "pipeline_stage" not in query(next(adapter.list_page(LeadQuery(status="lost"), None)))


def test_two_different_texts_for_the_one_field_are_refused() -> None:
    with pytest.raises(ConfigError, match="status, stage"):
        next(v1().list_page(LeadQuery(status="new", stage="won"), None))


def test_the_documented_list_reads_and_goes_on() -> None:
    found, _ = listed(LeadQuery(), ROW, cursor=CURSOR)
    assert found.leads == (v1().lead(ROW),)
    assert (found.next_cursor, found.total) == (CURSOR, None)
    end, _ = listed(LeadQuery())
    assert (end.leads, end.next_cursor) == ((), None)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"data": []}, "next_cursor is missing"),
        ({"next_cursor": None}, "data is missing"),
        ({"data": {}, "next_cursor": None}, "data is FrozenDict"),
        ({"data": [{}], "next_cursor": None}, r"data\[0\]\.id is missing"),
        ({"data": [], "next_cursor": 7}, "next_cursor is int"),
        (b"<html>", "application/json, 6 bytes"),
        (None, "a JSON object is wanted"),
    ],
)
def test_an_answer_outside_the_documents_is_never_the_end_of_the_list(
    body: object, what: str
) -> None:
    with pytest.raises(BadResponse, match=what):
        talk(v1().list_page(LeadQuery(), None), (200, body))


# One lead


def test_get_reads_the_bare_record() -> None:
    lead, (request,) = talk(v1().get(LEAD_ID), (200, RECORD))
    assert (request.method, request.url) == ("GET", f"{ROOT}/leads/{LEAD_ID}")
    assert lead == v1().lead(RECORD)
    with pytest.raises(BadResponse, match="id is missing"):
        talk(v1().get(LEAD_ID), (200, {"data": RECORD}))


def test_an_id_stays_one_encoded_path_segment() -> None:
    adapter = v1()
    odd = "../../admin?x#y"
    path = "..%2F..%2Fadmin%3Fx%23y"
    assert next(adapter.get(odd)).url == f"{ROOT}/leads/{path}"
    assert next(adapter.update(odd, draft(KNOWN, Use.UPDATE))).url == f"{ROOT}/leads/{path}"
    assert next(adapter.audit_record(odd)).url == f"{ROOT}/audit-log/{path}"
    for hollow in ("", ".", ".."):
        with pytest.raises(MappingError):
            next(adapter.update(hollow, draft(KNOWN, Use.UPDATE)))


def test_create_sends_the_draft_once_and_returns_the_record() -> None:
    sent = draft(WHOLE)
    receipt, (request,) = talk(v1().create(sent, "key-1"), (201, CREATED))
    assert (request.method, request.url, request.body) == ("POST", f"{ROOT}/leads", sent.body)
    assert request.effect is Effect.ONCE
    assert "key-1" not in dict(request.headers).values()
    assert (receipt.outcome, receipt.external_id) == (Outcome.CREATED, LEAD_ID)
    assert receipt.lead == v1().lead(CREATED)
    assert receipt.losses == sent.losses


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_update_sends_the_change_and_knows_only_what_was_answered(method: str) -> None:
    adapter = v1(update_method=method)
    change = draft(Lead(status="converted", score=92), Use.UPDATE)
    assert change.fields == {"pipeline_stage": "won", "lead_score": 92}
    receipt, (request,) = talk(adapter.update(LEAD_ID, change), (200, UPDATED))
    assert (request.method, request.url) == (method, f"{ROOT}/leads/{LEAD_ID}")
    assert (request.body, request.effect) == (change.body, Effect.ONCE)
    assert (receipt.outcome, receipt.external_id) == (Outcome.UPDATED, LEAD_ID)
    assert receipt.lead is not None
    assert receipt.lead.score == 92
    assert not receipt.lead.knows("created_at")
    assert not receipt.lead.knows("qualification")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, CREATED),
        (201, {}),
        (201, {"data": CREATED}),
        (201, {**CREATED, "id": None}),
        (201, b'{"id": "9f1c'),
        (500, {"error": {"code": "internal", "message": "boom"}}),
        (307, b""),
    ],
)
def test_a_create_without_its_documented_answer_is_of_unknown_outcome(
    status: int, body: object
) -> None:
    with pytest.raises(OutcomeUnknown):
        talk(v1().create(draft(KNOWN), None), (status, body))


def test_an_update_without_its_documented_answer_is_of_unknown_outcome() -> None:
    for status, body in ((200, {}), (204, b""), (502, b"<html>")):
        with pytest.raises(OutcomeUnknown):
            talk(v1().update(LEAD_ID, draft(KNOWN, Use.UPDATE)), (status, body))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, AuthError),
        (403, AuthError),
        (404, NotFound),
        (409, Rejected),
        (422, Rejected),
        (429, RateLimited),
    ],
)
def test_a_refusal_is_classified_by_status_with_the_vendors_code_and_message(
    status: int, kind: type[LeadGatewayError]
) -> None:
    body = {"error": {"code": "some_code", "message": "some reason", "details": None}}
    flows: list[Any] = [v1().get("1"), v1().create(draft(KNOWN), None)]
    for flow in flows:
        with pytest.raises(kind, match="some_code: some reason"):
            talk(flow, (status, body))


def test_the_details_of_a_refusal_name_fields_where_they_are_texts() -> None:
    details = {"email": "sarah.mitchell@example.com is taken", "other": {"deep": 1}}
    body = {"error": {"code": "invalid", "message": "no", "details": details}}
    with pytest.raises(Rejected) as caught:
        talk(v1().create(draft(KNOWN), None), (422, body))
    assert set(caught.value.fields) == {"email"}
    assert "sarah" not in caught.value.fields["email"]


@pytest.mark.parametrize("body", [{"error": "text"}, {"error": {"code": 7}}, {}, b"no json"])
def test_a_refusal_in_another_shape_is_still_classified(body: object) -> None:
    with pytest.raises(NotFound, match="no reason given"):
        talk(v1().get("1"), (404, body))


def test_a_server_error_after_a_read_may_be_repeated() -> None:
    with pytest.raises(Unavailable):
        talk(v1().get("1"), (503, b""))


def test_what_is_not_documented_is_not_offered() -> None:
    with pytest.raises(Unsupported):
        v1().create_many([], None)


# The audit log


def test_changes_are_the_updates_of_the_audit_log() -> None:
    flow = v1().changes_page(utc("2026-04-27T00:00:00+00:00"), "abc")
    found, (request,) = talk(flow, (200, {"data": [AUDIT], "next_cursor": "on"}))
    assert request.url == f"{ROOT}/audit-log"
    assert query(request) == {
        "action": "lead.updated",
        "start_at": "2026-04-27T00:00:00.000Z",
        "limit": "200",
        "cursor": "abc",
    }
    assert found.next_cursor == "on"
    assert found.changes == (
        Change(
            id=AUDIT["id"],
            lead_id=LEAD_ID,
            action="lead.updated",
            actor="api:k7e2c8a1-1",
            at=utc("2026-04-27T18:55:42.001+00:00"),
            diff={"lead_score": (87, 92), "industry": (None, "residential")},
            raw=found.changes[0].raw,
        ),
    )
    assert dict(found.changes[0].raw) == AUDIT


def test_all_changes_are_read_without_a_start() -> None:
    assert set(query(next(v1().changes_page(None, None)))) == {"action", "limit"}


@pytest.mark.parametrize(
    ("record", "actor", "lead_id", "at_known", "diff"),
    [
        ({"payload": None}, "api", None, True, {}),
        ({"payload": {"lead_id": 7, "diff": []}}, "api", None, True, {}),
        ({"source": None}, "k7e2c8a1-1", LEAD_ID, True, None),
        ({"source": None, "payload": {}}, None, None, True, {}),
        ({"created_at": "yesterday"}, "api:k7e2c8a1-1", LEAD_ID, False, None),
        ({"created_at": 7}, "api:k7e2c8a1-1", LEAD_ID, False, None),
        (
            {"payload": {"diff": {"a": {"to": 1}, "b": 2, "c": {"from": 1, "to": None}}}},
            "api",
            None,
            True,
            {"c": (1, None)},
        ),
    ],
)
def test_an_odd_audit_record_is_read_as_far_as_it_goes(
    record: dict[str, Any], actor: object, lead_id: object, at_known: bool, diff: object
) -> None:
    found, _ = talk(v1().audit_record("1"), (200, {**AUDIT, **record}))
    assert (found.actor, found.lead_id, found.at is not None) == (actor, lead_id, at_known)
    if diff is not None:
        assert found.diff == diff


def test_an_audit_record_without_id_or_action_is_outside_the_documents() -> None:
    for hollow in ({"id": None}, {"action": None}):
        with pytest.raises(BadResponse):
            talk(v1().audit_record("1"), (200, {**AUDIT, **hollow}))


# The health check


def test_check_tells_whose_key_it_is() -> None:
    body = {"tenant_id": "8c2f", "environment": "sandbox", "scopes": ["read", "write"]}
    found, (request,) = talk(v1().check(), (200, body))
    assert request.url == f"{ROOT}/health"
    assert found == {
        "reachable": True,
        "tenant_id": "8c2f",
        "environment": "sandbox",
        "scopes": ("read", "write"),
    }


@pytest.mark.parametrize("body", [{"status": "ok"}, {"tenant_id": None, "scopes": []}])
def test_a_health_answer_that_knows_no_tenant_means_the_key_is_not_known(body: object) -> None:
    with pytest.raises(AuthError, match="does not know the key"):
        talk(v1().check(), (200, body))


def test_a_health_answer_without_scopes_is_outside_the_documents() -> None:
    with pytest.raises(BadResponse, match="scopes is missing"):
        talk(v1().check(), (200, {"tenant_id": "1", "environment": "production"}))


# Over HTTP


def test_every_lead_of_the_simulator_is_listed_once_and_read_without_a_false_issue() -> None:
    simulator = V1LeadsSimulator(leads=450, seed=7)
    with in_thread(simulator) as running, line(V1Leads, running) as wire:
        seen: list[Lead] = []
        cursor = None
        for _ in range(3):
            found = wire.run(wire.adapter.list_page(LeadQuery(), cursor))
            seen.extend(found.leads)
            cursor = found.next_cursor
        assert cursor is None
        assert [len(seen), len({lead.raw["id"] for lead in seen})] == [450, 450]
        assert {i.path for lead in seen for i in lead.issues} <= {"emails", "name"}
        one = wire.run(wire.adapter.get(seen[0].raw["id"]))
        assert one.knows("qualification")
        assert {k: one.raw[k] for k in seen[0].raw} == dict(seen[0].raw)
        wanted = seen[9].created_at
        window = LeadQuery(created_since=wanted, created_until=wanted)
        assert seen[9].raw["id"] in {
            lead.raw["id"] for lead in wire.run(wire.adapter.list_page(window, None)).leads
        }
        won = wire.run(wire.adapter.list_page(LeadQuery(status="converted"), None)).leads
        first = seen[:200]
        assert {lead.raw["id"] for lead in won} == {
            lead.raw["id"] for lead in first if lead.status and lead.status.value == "converted"
        }


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_lead_is_created_changed_and_its_change_is_recorded(method: str) -> None:
    simulator = V1LeadsSimulator(seed=7, update_verb=method)
    with in_thread(simulator) as running, line(V1Leads, running, update_method=method) as wire:
        adapter = wire.adapter
        sent = adapter.table.write(WHOLE, Use.CREATE, adapter.settings)
        receipt = wire.run(adapter.create(sent, None))
        assert receipt.external_id is not None
        found = wire.run(adapter.get(receipt.external_id))
        assert disagreements(WHOLE, found, sent.losses) == ()

        change = adapter.table.write(WHOLE, Use.UPDATE, adapter.settings, base=found.raw)
        assert set(change.fields) == set(ON_UPDATE) - set(ON_CREATE)
        updated = wire.run(adapter.update(receipt.external_id, change))
        assert updated.lead is not None
        assert updated.lead.score == 92
        assert not updated.lead.knows("qualification")
        again = wire.run(adapter.get(receipt.external_id))
        assert disagreements(WHOLE, again, change.losses) == ()
        assert adapter.table.write(WHOLE, Use.UPDATE, adapter.settings, base=again.raw).fields == {}

        page = wire.run(adapter.changes_page(None, None))
        (recorded,) = page.changes
        assert recorded.lead_id == receipt.external_id
        assert recorded.actor is not None
        assert recorded.actor.startswith("api:")
        assert recorded.diff["lead_score"] == (0, 92)
        assert page.next_cursor is None
        assert wire.run(adapter.audit_record(recorded.id)) == recorded


def test_the_simulators_refusals_are_told_apart() -> None:
    simulator = V1LeadsSimulator(leads=1, seed=7)
    with in_thread(simulator) as running:
        with line(V1Leads, running) as wire:
            adapter = wire.adapter
            with pytest.raises(NotFound):
                wire.run(adapter.get("../leads"))
            odd = Draft({"name": "Sarah"}, (), Use.CREATE)
            with pytest.raises(Rejected):
                wire.run(adapter.create(odd, None))
            spoil(running, method="POST", status=500, after=True)
            with pytest.raises(OutcomeUnknown):
                wire.run(adapter.create(draft(KNOWN), None))
            throttled = {"status": 429, "headers": {"retry-after": "3"}, "body": "{}"}
            spoil(running, method="GET", times=1, **throttled)
            assert len(wire.run(adapter.list_page(LeadQuery(), None)).leads) == 2
            assert sum(wire.clock.waits) >= 3
            assert wire.run(adapter.check())["environment"] == "production"
        with line(V1Leads, running, token=simulator.key("test", "read", "write")) as wire:
            assert wire.run(wire.adapter.check())["environment"] == "sandbox"
        with line(V1Leads, running, token="eal_live_wrong") as wire, pytest.raises(AuthError):
            wire.run(wire.adapter.check())
        reader = simulator.key("live", "read")
        with line(V1Leads, running, token=reader) as wire, pytest.raises(AuthError):
            wire.run(wire.adapter.create(draft(KNOWN), None))
        with line(V1Leads, running, token=simulator.foreign_key) as wire:
            (mine, *_) = simulator.tenant.leads
            with pytest.raises(NotFound):
                wire.run(wire.adapter.get(mine["id"]))
