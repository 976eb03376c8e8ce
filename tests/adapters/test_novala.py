"""Novala's flows, by hand."""

from __future__ import annotations

from typing import Any

import pytest
from tests.adapters.conversation import query, talk
from tests.adapters.novala_account import AGENT, PERSON, SHOWN, draft, novala

from leadgateway import Lead
from leadgateway.adapter import LeadQuery, Outcome
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
from leadgateway.exchange import Effect, loads


def page(*rows: object, cursor: object = None, more: object = False) -> dict[str, object]:
    return {"data": list(rows), "nextCursor": cursor, "hasMore": more}


def test_a_list_asks_for_what_was_asked_and_leaves_the_documented_page_size() -> None:
    request = next(novala().list_page(LeadQuery(), None))
    assert (request.method, request.url, request.params, request.effect) == (
        "GET",
        "https://acme.novala.ai/api/v1/leads",
        (),
        Effect.READ,
    )
    asked = LeadQuery(status="qualified", owner=AGENT, page_size=7)
    assert query(next(novala().list_page(asked, "b3BhcXVlLQ=="))) == {
        "limit": "7",
        "cursor": "b3BhcXVlLQ==",
        "status": "qualified",
        "assignedTo": AGENT,
    }


@pytest.mark.parametrize("owner", ["77", "{" + AGENT + "}", AGENT.replace("-", "")])
def test_an_owner_that_is_no_uuid_is_refused_before_any_request(owner: str) -> None:
    with pytest.raises(ConfigError, match=r"owner: .*UUIDs"):
        next(novala().list_page(LeadQuery(owner=owner), None))


def test_a_required_marker_is_wanted_when_the_lead_is_sent() -> None:
    """A move fills it once the lead is drafted; nothing else does."""
    adapter = novala(marker="external_ref", required_custom_fields=["external_ref"])
    bare = draft(adapter, PERSON)
    with pytest.raises(MappingError, match=r"needs customFields\.external_ref"):
        next(adapter.create(bare, None))
    marked = adapter.table.marked(bare, adapter.settings, "there:1")
    assert loads(next(adapter.create(marked, None)).body)["customFields"] == {
        "external_ref": "there:1"
    }


@pytest.mark.parametrize("status", ["qualified", "unknown"])
def test_all_leads_are_listed_and_those_picked_that_are_read_as_the_status(status: str) -> None:
    adapter = novala(status_map={"qualifying": "qualified"})
    rows = [
        {**SHOWN, "id": str(n), "status": word}
        for n, word in enumerate(["qualified", "new", "qualifying", "snoozed"])
    ]
    flow = adapter.list_page(LeadQuery(status=status), None)
    found, asked = talk(flow, (200, page(*rows, cursor="on", more=True)))
    wanted = {"qualified": ["0", "2"], "unknown": ["3"]}[status]
    assert [lead.ref.id for lead in found.leads if lead.ref] == wanted
    assert "status" not in query(asked[0])
    assert (found.next_cursor, found.rows) == ("on", 4)


def test_a_status_the_vendor_does_not_have_is_refused_before_any_request() -> None:
    with pytest.raises(ConfigError, match="disqualified"):
        next(novala().list_page(LeadQuery(status="archived"), None))


@pytest.mark.parametrize(
    ("cursor", "more", "following"),
    [("abc==", True, "abc=="), ("abc==", False, None), (None, True, None), (None, False, None)],
)
def test_either_sign_ends_the_list(cursor: object, more: object, following: object) -> None:
    found, _ = talk(
        novala().list_page(LeadQuery(), None), (200, page(SHOWN, cursor=cursor, more=more))
    )
    assert found.next_cursor == following
    assert [lead.ref.id for lead in found.leads if lead.ref] == [SHOWN["id"]]
    assert found.total is None


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"data": [], "hasMore": False}, "nextCursor is missing"),
        ({"data": [], "nextCursor": None}, "hasMore is missing"),
        ({"data": [], "nextCursor": None, "hasMore": "no"}, "hasMore is str"),
        (page(SHOWN, cursor="", more=True), "nextCursor is empty"),
        ({"nextCursor": None, "hasMore": False}, "data is missing"),
        (page({**SHOWN, "id": None}), r"data\[0\]\.id is NoneType"),
        (page("x"), r"data\[0\] is no object"),
        ([], "a JSON object is wanted"),
        (b"<html>", "application/json, 6 bytes"),
        (b"", "0 bytes"),
    ],
)
def test_an_answer_outside_the_documents_is_never_the_end_of_the_list(
    body: object, what: str
) -> None:
    with pytest.raises(BadResponse, match=what):
        talk(novala().list_page(LeadQuery(), None), (200, body))


@pytest.mark.parametrize("body", [{"data": SHOWN}, SHOWN])
def test_get_reads_the_lead_wrapped_or_bare(body: object) -> None:
    lead, requests = talk(novala().get(SHOWN["id"]), (200, body))
    assert lead == novala().lead(SHOWN)
    assert requests[0].url == f"https://acme.novala.ai/api/v1/leads/{SHOWN['id']}"


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {}}, {"data": [SHOWN]}])
def test_get_refuses_a_body_without_a_lead(body: object) -> None:
    with pytest.raises(BadResponse):
        talk(novala().get("1"), (200, body))


def test_an_id_stays_one_encoded_path_segment() -> None:
    request = next(novala().get("../../admin?x#y/ü"))
    assert request.url == ("https://acme.novala.ai/api/v1/leads/..%2F..%2Fadmin%3Fx%23y%2F%C3%BC")
    for hollow in ("", ".", ".."):
        with pytest.raises(MappingError):
            next(novala().get(hollow))


def test_create_sends_the_draft_once_and_returns_the_record() -> None:
    adapter = novala()
    lead = Lead(name="Ines Okafor", source="referral", score=4)
    sent = draft(adapter, lead)
    receipt, (request,) = talk(adapter.create(sent, "key-1"), (201, {"data": SHOWN}))
    assert (request.method, request.url) == ("POST", "https://acme.novala.ai/api/v1/leads")
    assert request.body == sent.body
    assert request.effect is Effect.ONCE
    assert "key-1" not in dict(request.headers).values()
    assert receipt.outcome is Outcome.CREATED
    assert receipt.external_id == SHOWN["id"]
    assert receipt.lead == adapter.lead(SHOWN)
    assert receipt.losses == sent.losses


def test_what_the_answer_to_a_create_does_not_show_is_lost_by_name() -> None:
    adapter = novala(relocate={"score": "custom:score"})
    custom = {"site_count": 4, "vip": True}
    lead = Lead(name="Ines Okafor", source="referral", notes="x", score=40, custom=custom)
    sent = draft(adapter, lead)
    stored = {**SHOWN, **sent.fields}
    for shown, losses in (
        (stored, set()),
        ({**stored, "customFields": {**sent.fields["customFields"], "more": 1}}, set()),
        ({**stored, "customFields": {"site_count": "4"}},
         {("custom.site_count", "respelled"), ("custom.vip", "unknown_custom_field"),
          ("score", "unknown_custom_field")}),
        ({**stored, "notes": "y", "customFields": {**sent.fields["customFields"], "vip": 1}},
         {("notes", "not_stored"), ("custom.vip", "not_stored")}),
    ):  # fmt: skip
        receipt, _ = talk(adapter.create(sent, None), (201, {"data": shown}))
        assert {(x.path, x.reason) for x in receipt.losses[len(sent.losses) :]} == losses


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (201, {}),
        (201, {"data": {}}),
        (201, {"data": {**SHOWN, "id": ""}}),
        (201, SHOWN),
        (201, b'{"data": {"id": "5d'),
        (200, {"data": SHOWN}),
        (204, b""),
        (302, {"error": "moved"}),
        (500, {"error": "boom"}),
        (503, b"<html>busy</html>"),
    ],
)
def test_a_create_without_its_documented_answer_is_of_unknown_outcome(
    status: int, body: object
) -> None:
    adapter = novala()
    with pytest.raises(OutcomeUnknown):
        talk(adapter.create(draft(adapter, PERSON), None), (status, body))


ERRORS = [
    (400, Rejected, "firstName is required"),
    (401, AuthError, "invalid api key"),
    (403, AuthError, "insufficient scope"),
    (404, NotFound, "lead not found"),
    (409, Rejected, "slug already exists"),
    (429, RateLimited, "rate limit exceeded"),
]


@pytest.mark.parametrize(("status", "kind", "text"), ERRORS)
@pytest.mark.parametrize("reading", [True, False])
def test_a_refusal_is_classified_by_status_and_quotes_the_bare_string(
    status: int, kind: type[LeadGatewayError], text: str, reading: bool
) -> None:
    adapter = novala()
    flow: Any = adapter.get("1") if reading else adapter.create(draft(adapter, PERSON), None)
    with pytest.raises(kind, match=text) as caught:
        talk(flow, (status, {"error": text}))
    assert f"novala answered {status}" in str(caught.value)


def test_a_server_error_after_a_read_may_be_repeated() -> None:
    with pytest.raises(Unavailable, match="internal error"):
        talk(novala().get("1"), (500, {"error": "internal error"}))


@pytest.mark.parametrize("body", [{"error": {"message": "no"}}, {}, b"no json", {"error": None}])
def test_a_refusal_in_another_shape_is_still_classified(body: object) -> None:
    with pytest.raises(Rejected, match="no reason given"):
        talk(novala().get("1"), (400, body))


def test_a_refusal_does_not_repeat_what_was_sent() -> None:
    adapter = novala()
    lead = Lead(name="Ines Okafor", source="referral", email="ines@okafor.example")
    with pytest.raises(Rejected) as caught:
        talk(
            adapter.create(draft(adapter, lead), None),
            (400, {"error": "ines@okafor.example of Okafor exists"}),
        )
    assert "okafor" not in str(caught.value).lower()


def test_what_is_not_documented_is_not_offered() -> None:
    adapter = novala()
    for flow in (
        lambda: adapter.update("1", draft(adapter, PERSON)),
        lambda: adapter.create_many([], None),
        lambda: adapter.changes_page(None, None),
    ):
        with pytest.raises(Unsupported):
            flow()
