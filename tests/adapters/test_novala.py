"""The Novala adapter: settings, table, flows by hand, and against its simulator over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from tests.adapters.conversation import line, query, spoil, talk, utc

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
from leadgateway.exchange import Effect, dumps
from leadgateway.mapping import Draft, Use, disagreements
from leadgateway.mapping.leaves import take_apart
from leadgateway.simulator.serve import in_thread
from leadgateway.taxonomy import CaptureMethod, Fidelity, LeadSource, LeadStatus
from leadgateway.values import Coded, ExternalRef, Owner, PersonName
from leadgateway_novala.adapter import Novala, NovalaSettings
from leadgateway_novala.simulator import NovalaSimulator

AGENT = "0b5f8f0e-7a7e-4f0c-9d55-3f1f6f3d2a10"
# The list's sample, as the leads page shows it: every field of the lead object.
SHOWN: dict[str, Any] = {
    "id": "5d1f0b6e-2a33-4c7e-9d10-7f2e8a4b6c90",
    "firstName": "Ines",
    "lastName": "Okafor",
    "email": "ines@okafor.example",
    "phone": "+351210000111",
    "companyName": None,
    "status": "qualifying",
    "source": "referral",
    "intent": "Annual lift inspection",
    "notes": None,
    "assignedTo": None,
    "customFields": {"site_count": 4},
    "createdAt": "2031-02-03T08:00:00Z",
}
PERSON = Lead(name=PersonName(full="Ines Okafor", given="Ines", family="Okafor"), source="referral")


def novala(**settings: Any) -> Novala:
    return Novala(NovalaSettings.of({"token": "sk_live_1", "tenant": "acme", **settings}))


def draft(adapter: Novala, lead: Lead) -> Draft:
    return adapter.table.write(lead, Use.CREATE, adapter.settings)


def losses(adapter: Novala, lead: Lead) -> set[tuple[str, Fidelity, str]]:
    return {(loss.path, loss.fidelity, loss.reason) for loss in draft(adapter, lead).losses}


# Settings


def test_the_tenant_names_the_host() -> None:
    assert novala().settings.base_url == "https://acme.novala.ai/api/v1"


def test_a_base_url_replaces_the_tenants_host() -> None:
    settings = NovalaSettings.of({"token": "sk_1", "base_url": "http://127.0.0.1:9/api/v1/"})
    assert settings.base_url == "http://127.0.0.1:9/api/v1"
    both = NovalaSettings.of({"token": "k", "tenant": "acme", "base_url": "https://proxy.example"})
    assert both.base_url == "https://proxy.example"


def test_neither_tenant_nor_base_url_is_refused() -> None:
    with pytest.raises(ConfigError, match="tenant is missing"):
        NovalaSettings.of({"token": "sk_1"})


@pytest.mark.parametrize(
    "tenant",
    ["", "Acme", "acme.evil.example/", "a_b", "-acme", "acme-", "acme\n", "a" * 64, "é", "a@b", 7],
)
def test_a_tenant_that_is_no_slug_is_refused_without_quoting_it(tenant: object) -> None:
    with pytest.raises(ConfigError, match="tenant is no slug") as caught:
        NovalaSettings.of({"token": "sk_1", "tenant": tenant})
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize("tenant", ["acme", "a", "7", "acme-2-lifts", "a" * 63])
def test_a_slug_is_taken(tenant: str) -> None:
    assert novala(tenant=tenant).settings.tenant == tenant


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("required_custom_fields", ["Site Count"]),
        ("custom_map", {"score": "Score!"}),
        ("relocate", {"value": "custom:deal-value"}),
        ("fallback_source", "manual"),
        ("source_out", {"partner": "partners"}),
        ("capture_out", {"sms": "text_message"}),
    ],
)
def test_a_word_that_could_never_be_sent_is_refused_at_configuration(
    setting: str, value: object
) -> None:
    with pytest.raises(ConfigError, match=setting):
        novala(**{setting: value})


def test_settings_in_order_are_taken() -> None:
    settings = novala(
        required_custom_fields=["site_count"],
        custom_map={"score": "lead_score_2"},
        relocate={"value": "custom:deal_value", "tags": "notes"},
        fallback_source="import",
        source_out={"partner": "referral"},
        capture_out={"sms": "inbound_call"},
    ).settings
    assert settings.required_custom_fields == ("site_count",)


def test_the_token_is_not_shown() -> None:
    assert "sk_live_1" not in repr(novala().settings)


# Publishable keys


def test_a_publishable_key_is_refused_for_writing_before_any_request() -> None:
    adapter = novala(token="pk_live_1")
    with pytest.raises(ConfigError, match="publishable"):
        adapter.check_write()
    with pytest.raises(ConfigError, match="publishable"):
        next(adapter.create(draft(adapter, PERSON), None))


def test_a_publishable_key_reads() -> None:
    adapter = novala(token="pk_live_1")
    request = next(adapter.get("1"))
    assert adapter.authorize(request, "pk_live_1").header("authorization") == "Bearer pk_live_1"


def test_a_callable_that_gives_a_publishable_key_is_caught_when_the_write_is_authorized() -> None:
    adapter = novala(token=lambda: "pk_live_1")
    adapter.check_write()
    request = next(adapter.create(draft(adapter, PERSON), None))
    with pytest.raises(ConfigError, match="publishable"):
        adapter.authorize(request, "pk_live_1")
    assert adapter.authorize(request, "sk_live_1").header("authorization") == "Bearer sk_live_1"


# Reading


def test_the_documented_lead_reads_whole_and_without_an_issue() -> None:
    lead = novala().lead(SHOWN)
    assert lead.issues == ()
    assert dict(lead.raw) == SHOWN
    assert lead.ref == ExternalRef(vendor="novala", connection="novala", id=SHOWN["id"])
    assert lead.name == PersonName(full="Ines Okafor", given="Ines", family="Okafor")
    assert lead.email is not None
    assert lead.email.address == "ines@okafor.example"
    assert lead.phone is not None
    assert lead.phone.e164 == "+351210000111"
    assert lead.status == Coded[LeadStatus](value=LeadStatus.QUALIFYING, native="qualifying")
    assert lead.source == Coded[LeadSource](value=LeadSource.REFERRAL, native="referral")
    assert lead.capture == Coded[CaptureMethod](value=CaptureMethod.UNKNOWN)
    assert lead.intent == "Annual lift inspection"
    assert lead.custom == {"site_count": 4}
    assert lead.created_at == utc("2031-02-03T08:00:00+00:00")
    assert take_apart(lead)["company.name"] is None
    assert lead.knows("notes")
    assert lead.notes is None
    assert lead.knows("owner")
    assert lead.owner is None


def test_what_the_lead_object_does_not_show_is_unknown() -> None:
    lead = novala().lead(SHOWN)
    assert not any(map(lead.knows, ["updated_at", "score", "tags", "attribution", "line"]))


STATUSES = ["new", "contacted", "qualifying", "qualified", "converted", "disqualified", "lost"]


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_is_read_as_itself(status: str) -> None:
    lead = novala().lead({**SHOWN, "status": status})
    assert lead.status == Coded[LeadStatus](value=LeadStatus(status), native=status)


def test_an_unpublished_status_is_kept_and_not_guessed() -> None:
    lead = novala().lead({**SHOWN, "status": "snoozed"})
    assert lead.status == Coded[LeadStatus](value=LeadStatus.UNKNOWN, native="snoozed")


SOURCES = [
    ("web_form", LeadSource.WEBSITE, CaptureMethod.FORM),
    ("referral", LeadSource.REFERRAL, CaptureMethod.UNKNOWN),
    ("agent_chat", LeadSource.UNKNOWN, CaptureMethod.CHAT),
    ("inbound_call", LeadSource.UNKNOWN, CaptureMethod.PHONE_CALL),
    ("mcp", LeadSource.UNKNOWN, CaptureMethod.API),
    ("import", LeadSource.UNKNOWN, CaptureMethod.IMPORT),
]


@pytest.mark.parametrize(("word", "source", "capture"), SOURCES)
def test_one_source_word_is_two_axes_and_goes_back_as_it_came(
    word: str, source: LeadSource, capture: CaptureMethod
) -> None:
    adapter = novala()
    lead = adapter.lead({**SHOWN, "source": word})
    assert lead.source is not None
    assert lead.capture is not None
    assert (lead.source.value, lead.capture.value) == (source, capture)
    assert draft(adapter, lead).fields["source"] == word


def test_a_source_made_in_the_dashboard_is_kept_but_never_written() -> None:
    adapter = novala(source_map={"walk_in": "direct"})
    assert adapter.lead({**SHOWN, "source": "trade_fair"}).source == Coded[LeadSource](
        value=LeadSource.UNKNOWN, native="trade_fair"
    )
    lead = adapter.lead({**SHOWN, "source": "walk_in"})
    assert lead.source == Coded[LeadSource](value=LeadSource.DIRECT, native="walk_in")
    with pytest.raises(MappingError, match="name a fallback_source"):
        draft(adapter, lead)


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("email", 7, "emails"),
        ("phone", [], "phones"),
        ("customFields", "none", "custom"),
        ("assignedTo", 7, "owner"),
        ("createdAt", "yesterday", "created_at"),
        ("source", 7, "source"),
        ("firstName", 7, "name"),
    ],
)
def test_a_value_that_does_not_fit_is_reported_and_kept_raw(
    field: str, value: object, path: str
) -> None:
    lead = novala().lead({**SHOWN, field: value})
    assert [issue.path for issue in lead.issues] == [path]
    assert dumps(lead.raw[field]) == dumps(value)


# Writing


def test_everything_a_create_takes_is_written() -> None:
    adapter = novala()
    lead = Lead(
        name=PersonName(full="Ines Okafor", given="Ines", family="Okafor"),
        company="Okafor Lifts",
        email="ines@okafor.example",
        phone="+351210000111",
        source="website",
        capture="form",
        owner=Owner(id=AGENT),
        intent="Inspection",
        notes="Gate code by phone",
        custom={"site_count": 4, "areas": ["lifts", "doors"], "urgent": False},
    )
    written = draft(adapter, lead)
    assert written.fields == {
        "firstName": "Ines",
        "lastName": "Okafor",
        "companyName": "Okafor Lifts",
        "email": "ines@okafor.example",
        "phone": "+351210000111",
        "source": "web_form",
        "assignedTo": AGENT,
        "intent": "Inspection",
        "notes": "Gate code by phone",
        "customFields": {"site_count": 4, "areas": ("lifts", "doors"), "urgent": False},
    }
    assert written.losses == ()
    assert disagreements(lead, adapter.table.arrival(written, adapter.settings), ()) == ()


def test_what_only_the_vendor_writes_is_a_loss_and_not_a_key() -> None:
    lead = Lead(name="Ines Okafor", source="referral", status="qualified", score=7, tags=("a",))
    written = draft(novala(), lead)
    assert set(written.fields) == {"firstName", "lastName", "source"}
    assert losses(novala(), lead) >= {
        ("status", Fidelity.DROPPED, "read_only"),
        ("score", Fidelity.DROPPED, "no_such_field"),
        ("tags", Fidelity.DROPPED, "no_such_field"),
    }


def test_names_are_held_to_255_characters() -> None:
    for length, lossy in ((255, False), (256, True)):
        name = PersonName(full=f"A {'b' * length}", given="A", family="b" * length)
        lead = Lead(name=name, source="referral", company="c" * length)
        written = draft(novala(), lead)
        assert len(written.fields["lastName"]) == 255
        assert len(written.fields["companyName"]) == 255
        narrowed = {loss.path for loss in written.losses if loss.reason == "too_long"}
        assert narrowed == ({"name", "company.name"} if lossy else set())


def test_a_phone_goes_in_any_spelling_up_to_50_characters() -> None:
    adapter = novala()
    extension = Lead(name="A B", source="referral", phone="+351 210 000 111 ext. 7")
    assert draft(adapter, extension).fields["phone"] == "+351210000111;ext=7"
    local = Lead(name="A B", source="referral", phone="21 000 0111")
    assert draft(adapter, local).fields["phone"] == "21 000 0111"


def test_one_word_is_no_name_until_the_connection_names_a_placeholder() -> None:
    lead = Lead(name="Madonna", source="referral")
    with pytest.raises(MappingError, match="part_missing"):
        draft(novala(), lead)
    adapter = novala(name_placeholder="-")
    written = draft(adapter, lead)
    assert (written.fields["firstName"], written.fields["lastName"]) == ("-", "Madonna")
    assert ("name", Fidelity.NORMALIZED, "placeholder") in losses(adapter, lead)
    found = adapter.table.arrival(written, adapter.settings).name
    assert found is not None
    assert found.full == "Madonna"


def test_a_lead_without_name_and_source_needs_the_connections_stand_ins() -> None:
    lead = Lead(email="ines@okafor.example")
    with pytest.raises(MappingError, match="firstName with lastName with source"):
        draft(novala(), lead)
    adapter = novala(name_placeholder="Unknown", fallback_source="import")
    assert draft(adapter, lead).fields == {
        "firstName": "Unknown",
        "lastName": "Unknown",
        "source": "import",
        "email": "ines@okafor.example",
    }
    assert losses(adapter, lead) == {
        ("name", Fidelity.NORMALIZED, "placeholder"),
        ("source", Fidelity.NORMALIZED, "fallback"),
    }
    again = adapter.table.arrival(draft(adapter, lead), adapter.settings)
    assert again.name is None


def test_a_source_without_a_word_is_refused_or_takes_the_named_fallback() -> None:
    lead = Lead(name="Ines Okafor", source="paid_search", capture="form")
    with pytest.raises(MappingError, match="no_such_word: name a fallback_source"):
        draft(novala(), lead)
    adapter = novala(fallback_source="import")
    assert draft(adapter, lead).fields["source"] == "import"
    assert losses(adapter, lead) >= {
        ("source", Fidelity.NARROWED, "fallback"),
        ("capture", Fidelity.NARROWED, "fallback"),
    }


def test_a_source_may_be_kept_in_a_custom_field_beside_the_fallback() -> None:
    adapter = novala(fallback_source="import", relocate={"source": "custom:original_source"})
    lead = Lead(name="Ines Okafor", source="paid_search")
    written = draft(adapter, lead)
    assert written.fields["source"] == "import"
    assert set(written.fields["customFields"]) == {"original_source"}
    found = adapter.table.arrival(written, adapter.settings)
    assert found.source == lead.source


def test_an_owner_from_elsewhere_needs_the_owner_map() -> None:
    lead = Lead(
        ref=ExternalRef(vendor="other", connection="o", id="1"),
        name="Ines Okafor",
        source="referral",
        owner=Owner(id="77", email="agent@okafor.example"),
    )
    assert "assignedTo" not in draft(novala(), lead).fields
    mapped = novala(owner_map={"agent@okafor.example": AGENT})
    assert draft(mapped, lead).fields["assignedTo"] == AGENT


def test_a_custom_key_that_is_no_slug_is_dropped_by_name_and_null_is_left_out() -> None:
    lead = Lead(
        name="Ines Okafor",
        source="referral",
        custom={"Site Count": 4, "site_count": 4, "ünit": 1, "empty": None},
    )
    assert draft(novala(), lead).fields["customFields"] == {"site_count": 4}
    assert losses(novala(), lead) >= {
        ("custom.Site Count", Fidelity.DROPPED, "not_a_slug"),
        ("custom.ünit", Fidelity.DROPPED, "not_a_slug"),
        ("custom.empty", Fidelity.NORMALIZED, "null_left_out"),
    }
    renamed = novala(custom_map={"Site Count": "sites"})
    assert draft(renamed, lead).fields["customFields"] == {"sites": 4, "site_count": 4}


def test_a_tenants_required_fields_are_checked_before_any_request() -> None:
    adapter = novala(required_custom_fields=["site_count", "region"], custom_map={"area": "region"})
    for custom in (None, {}, {"site_count": 4}, {"site_count": 4, "area": ""}, {"area": "x"}):
        lead = Lead(name="Ines Okafor", source="referral", custom=custom)
        with pytest.raises(MappingError, match=r"customFields\.site_count with customFields\.reg"):
            draft(adapter, lead)
    lead = Lead(name="Ines Okafor", source="referral", custom={"site_count": 0, "area": "x"})
    assert draft(adapter, lead).fields["customFields"] == {"site_count": 0, "region": "x"}


def test_a_relocated_value_can_be_the_required_one() -> None:
    adapter = novala(required_custom_fields=["score"], relocate={"score": "custom:score"})
    lead = Lead(name="Ines Okafor", source="referral", score=40)
    assert draft(adapter, lead).fields["customFields"] == {"score": "40"}


# Flows


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


# Over HTTP


def test_every_lead_of_the_simulator_is_listed_once_and_read_without_a_false_issue() -> None:
    simulator = NovalaSimulator(leads=60, seed=7)
    with in_thread(simulator) as running, line(Novala, running) as wire:
        seen: list[Lead] = []
        cursor = None
        while True:
            found = wire.run(wire.adapter.list_page(LeadQuery(), cursor))
            seen.extend(found.leads)
            cursor = found.next_cursor
            if cursor is None:
                break
        assert [len(seen), len({lead.ref.id for lead in seen if lead.ref})] == [60, 60]
        assert {issue.path for lead in seen for issue in lead.issues} <= {
            "emails",
            "phones",
            "name",
        }
        one = wire.run(wire.adapter.get(seen[0].raw["id"]))
        assert one.raw == seen[0].raw
        wanted = LeadQuery(status="new", page_size=50)
        fresh = wire.run(wire.adapter.list_page(wanted, None)).leads
        assert {lead.raw["status"] for lead in fresh} == {"new"}


def test_a_lead_created_at_the_simulator_comes_back_as_it_was_sent() -> None:
    simulator = NovalaSimulator(custom_fields=["site_count"], seed=7)
    with in_thread(simulator) as running, line(Novala, running) as wire:
        lead = Lead(
            name=PersonName(full="José Ortega y Gasset", given="José", family="Ortega y Gasset"),
            email="jose@example.com",
            phone="+351210000111",
            company="Ortega & Filhos",
            source="website",
            intent="Olá \U0001f44b",
            notes="",
            custom={"site_count": 12345678901234567890},
        )
        adapter = wire.adapter
        sent = adapter.table.write(lead, Use.CREATE, adapter.settings)
        receipt = wire.run(adapter.create(sent, None))
        assert receipt.external_id is not None
        found = wire.run(adapter.get(receipt.external_id))
        assert disagreements(lead, found, sent.losses) == ()
        assert simulator.tenant.leads.get(receipt.external_id) is not None


def test_the_simulators_refusals_are_told_apart() -> None:
    simulator = NovalaSimulator(leads=1, seed=7, required_custom_fields=["region"])
    with in_thread(simulator) as running:
        with line(Novala, running) as wire:
            adapter = wire.adapter
            sent = adapter.table.write(PERSON, Use.CREATE, adapter.settings)
            with pytest.raises(Rejected, match="region"):
                wire.run(adapter.create(sent, None))
            with pytest.raises(NotFound):
                wire.run(adapter.get("../leads"))
            spoil(running, method="POST", status=500, body='{"error": "x"}', after=True)
            with pytest.raises(OutcomeUnknown):
                wire.run(adapter.create(sent, None))
            spoil(running, method="GET", status=429, body='{"error": "slow down"}', times=2)
            assert len(wire.run(adapter.list_page(LeadQuery(), None)).leads) == 1
            assert wire.clock.waits == [0.5, 1.0]
        with line(Novala, running, token="sk_live_wrong") as wire, pytest.raises(AuthError):
            wire.run(wire.adapter.check())
        other = simulator.bookings_key
        with line(Novala, running, token=other) as wire, pytest.raises(AuthError, match="403"):
            wire.run(wire.adapter.check())
        with line(Novala, running, token=simulator.publishable_key) as wire:
            assert wire.run(wire.adapter.check())["reachable"] is True

        def given() -> str:
            return simulator.publishable_key

        with line(Novala, running, token=given) as wire, pytest.raises(ConfigError, match="pk_"):
            wire.run(wire.adapter.create(sent, None))
    assert len(simulator.tenant.leads) == 1
