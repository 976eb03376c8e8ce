"""Apollo Space's flows, by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.adapters.apollo_space_account import (
    PIPELINE,
    SHOWN,
    SPARSE,
    apollo_space,
    draft,
)
from tests.adapters.conversation import query, talk

from leadgateway import Lead
from leadgateway.adapter import LeadQuery, Outcome
from leadgateway.errors import (
    AuthError,
    BadResponse,
    ConfigError,
    LeadGatewayError,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
    Unsupported,
)
from leadgateway.exchange import Effect, Request
from leadgateway.values import Money
from leadgateway_apollo_space.adapter import ApolloSpace

ANA = Lead(name="Ana Souza", email="ana@example.com")


def test_a_pipeline_that_is_no_uuid_is_refused_before_any_request() -> None:
    with pytest.raises(ConfigError, match="pipeline"):
        next(apollo_space().list_page(LeadQuery(pipeline="sales"), None))


def test_a_list_asks_for_the_largest_page() -> None:
    request = next(apollo_space().list_page(LeadQuery(), None))
    assert (request.method, request.url, request.effect) == (
        "GET",
        "https://api.apollospace.ai/v1/leads",
        Effect.READ,
    )
    assert query(request) == {"limit": "200"}
    asked = LeadQuery(pipeline=PIPELINE, stage="Novo lead", page_size=7)
    assert query(next(apollo_space().list_page(asked, "eyJj"))) == {
        "cursor": "eyJj",
        "pipeline_id": PIPELINE,
        "stage": "Novo lead",
        "limit": "7",
    }


@pytest.mark.parametrize("cursor", ["eyJj", None])
def test_a_page_says_where_to_go_on(cursor: str | None) -> None:
    body = {"items": [SHOWN, SPARSE], "next_cursor": cursor}
    found, _ = talk(apollo_space().list_page(LeadQuery(), None), (200, body))
    assert found.next_cursor == cursor
    assert [lead.raw["id"] for lead in found.leads] == [SHOWN["id"]] * 2
    assert found.total is None


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"items": []}, "next_cursor is missing"),
        ({"items": [], "next_cursor": 5}, "next_cursor is int"),
        ({"next_cursor": None}, "items is missing"),
        ({"items": {}, "next_cursor": None}, "items is"),
        ({"items": ["x"], "next_cursor": None}, r"items\[0\] is no object"),
        ({"items": [{**SHOWN, "id": ""}], "next_cursor": None}, r"items\[0\]\.id is empty"),
        ({"items": [{**SHOWN, "id": "a\0b"}], "next_cursor": None}, r"items\[0\]\.id is no id"),
        ([], "a JSON object is wanted"),
        (b"<html>login</html>", "18 bytes"),
        (b"", "0 bytes"),
    ],
)
def test_a_list_outside_the_documents_is_never_the_end(body: object, what: str) -> None:
    with pytest.raises(BadResponse, match=what):
        talk(apollo_space().list_page(LeadQuery(), None), (200, body))


def test_a_check_reads_one_lead() -> None:
    found, requests = talk(apollo_space().check(), (200, {"items": [], "next_cursor": None}))
    assert found == {"reachable": True, "total": None}
    assert query(requests[0]) == {"limit": "1"}


def test_a_create_sends_the_draft_under_its_key() -> None:
    adapter = apollo_space()
    sent = draft(adapter, ANA)
    receipt, (request,) = talk(adapter.create(sent, "key-1"), (201, {**SHOWN, **sent.fields}))
    assert (request.method, request.url, request.params) == (
        "POST",
        "https://api.apollospace.ai/v1/leads",
        (),
    )
    assert request.body == sent.body
    assert (request.effect, request.header("idempotency-key")) == (Effect.KEYED, "key-1")
    assert receipt.outcome is Outcome.CREATED
    assert receipt.external_id == SHOWN["id"]
    assert receipt.lead is not None
    assert receipt.lead.raw["contact_name"] == "Ana Souza"
    assert receipt.losses == sent.losses


def test_what_the_answer_to_a_create_does_not_show_is_lost_by_name() -> None:
    adapter = apollo_space()
    lead = Lead(
        name="Rita Alves", company="Norte", email="Rita@empresa.example", phone="+5511987650001",
        tags=("feira",), value=Money(amount=Decimal("1.5")),
    )  # fmt: skip
    sent = draft(adapter, lead)
    shown = {"id": SHOWN["id"], "contact_name": "Rita Alves", "pipeline_id": PIPELINE}
    receipt, _ = talk(adapter.create(sent, "key-1"), (201, shown))
    assert {(x.path, x.fidelity, x.reason) for x in receipt.losses[len(sent.losses) :]} == {
        (path, "dropped", "not_stored")
        for path in ("company.name", "emails", "phones", "tags", "value")
    }
    respelled = {**SHOWN, **sent.fields, "email": "rita@empresa.example", "company_name": "NORTE "}
    receipt, _ = talk(adapter.create(sent, "key-1"), (201, respelled))
    assert {(x.path, x.fidelity, x.reason) for x in receipt.losses[len(sent.losses) :]} == {
        (path, "normalized", "respelled") for path in ("company.name", "emails")
    }


def test_a_create_without_a_key_may_not_be_repeated() -> None:
    adapter = apollo_space()
    request = next(adapter.create(draft(adapter, ANA), None))
    assert (request.effect, request.header("idempotency-key")) == (Effect.ONCE, None)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (201, {**SHOWN, "id": None}),
        (201, {"contact_name": "Rita"}),
        (201, b"<html>"),
        (201, b""),
        (200, SHOWN),
        (202, b""),
        (204, b""),
        (302, b""),
    ],
)
def test_an_unreadable_answer_to_a_create_leaves_it_unknown(status: int, body: object) -> None:
    adapter = apollo_space()
    with pytest.raises(OutcomeUnknown):
        talk(adapter.create(draft(adapter, ANA), "key-1"), (status, body))


def complaint(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "request_id": "req_7"}}


@pytest.mark.parametrize(
    ("status", "reading", "writing"),
    [
        (400, Rejected, Rejected),
        (401, AuthError, AuthError),
        (403, AuthError, AuthError),
        (404, NotFound, NotFound),
        (409, Rejected, Rejected),
        (429, RateLimited, RateLimited),
        (500, Unavailable, OutcomeUnknown),
        (503, Unavailable, OutcomeUnknown),
    ],
)
def test_every_documented_error_has_its_class(
    status: int, reading: type[LeadGatewayError], writing: type[LeadGatewayError]
) -> None:
    adapter = apollo_space()
    body = complaint("some_code", "Ana Souza <ana@example.com> is not welcome")
    for flow, kind in (
        (adapter.list_page(LeadQuery(), None), reading),
        (adapter.create(draft(adapter, ANA), "key-1"), writing),
    ):
        with pytest.raises(kind) as caught:
            talk(flow, (status, body))
        assert type(caught.value) is kind
        error: Any = caught.value
        assert (error.vendor, error.status, error.request_id) == ("apollo_space", status, "req_7")
        assert "some_code" in str(error)
        assert "ana@" not in str(error)
    assert "Ana" not in str(error)


@pytest.mark.parametrize(
    "body",
    [b"", b"oops", [], {"error": "text"}, {"error": {"code": 7, "message": None}}, {"error": None}],
)
def test_an_error_without_the_envelope_is_still_its_class(body: object) -> None:
    with pytest.raises(Rejected, match="no reason given") as caught:
        talk(apollo_space().list_page(LeadQuery(), None), (400, body))
    assert caught.value.request_id is None


def test_a_request_id_that_is_none_is_left_out() -> None:
    body = {"error": {"code": "x", "message": "m", "request_id": "a\nb"}}
    with pytest.raises(Rejected) as caught:
        talk(apollo_space().list_page(LeadQuery(), None), (400, body))
    assert caught.value.request_id is None


def test_what_is_only_announced_is_not_offered() -> None:
    adapter = apollo_space()
    for flow in (
        lambda: adapter.get("1"),
        lambda: adapter.update("1", draft(adapter, ANA)),
        lambda: adapter.create_many([], None),
        lambda: adapter.changes_page(None, None),
        lambda: adapter.dry_run([]),
        lambda: adapter.delete("1"),
    ):
        with pytest.raises(Unsupported):
            flow()


def test_the_documents_silences_are_told() -> None:
    capabilities = ApolloSpace.capabilities
    assert capabilities.stability == "preview"
    assert not capabilities.paging.durable_cursor
    assert capabilities.idempotency is not None
    assert capabilities.idempotency.ttl is None
    assert not capabilities.rate_plan.documented
    assert all(rule.origin for rule in ApolloSpace.rules.rules)


def test_a_request_of_ours_names_no_person() -> None:
    request = next(apollo_space().create(draft(apollo_space(), ANA), None))
    assert isinstance(request, Request)
    assert "ana" not in repr(request).lower()
    assert "Ana" not in repr(draft(apollo_space(), ANA))
