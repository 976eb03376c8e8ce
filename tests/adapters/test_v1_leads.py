"""The v1 leads adapter's settings and its flows for one lead, by hand."""

from __future__ import annotations

from typing import Any

import pytest
from tests.adapters.conversation import talk
from tests.adapters.v1_leads_account import (
    CREATED,
    KNOWN,
    LEAD_ID,
    RECORD,
    ROOT,
    UPDATED,
    WHOLE,
    draft,
    v1,
)

from leadgateway import Lead
from leadgateway.adapter import Outcome
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
from leadgateway.exchange import Effect
from leadgateway.mapping import Use
from leadgateway.values import Company


def test_the_host_is_the_one_of_the_newer_documents() -> None:
    assert v1().settings.base_url == ROOT
    assert v1().settings.update_method == "PATCH"


def test_another_update_method_is_refused() -> None:
    with pytest.raises(ConfigError, match="update_method"):
        v1(update_method="POST")


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
    assert {(x.path, x.reason) for x in receipt.losses[len(sent.losses) :]} == {
        ("company.name", "not_stored"),
        ("status", "not_stored"),
        ("stage.slug", "not_stored"),
    }
    receipt, _ = talk(v1().create(sent, None), (201, {**CREATED, **sent.fields}))
    assert receipt.losses == sent.losses


def test_an_update_says_what_its_partial_answer_shows_otherwise_and_nothing_of_the_rest() -> None:
    change = draft(Lead(status="converted", score=92, company=Company(industry="x")), Use.UPDATE)
    receipt, _ = talk(v1().update(LEAD_ID, change), (200, {**UPDATED, "lead_score": 90}))
    assert [(x.path, x.reason) for x in receipt.losses] == [("score", "not_stored")]


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
