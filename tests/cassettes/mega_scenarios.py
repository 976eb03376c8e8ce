"""MEGA: list, create or merge, batches and dry runs, and every documented error."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from tests.cassettes.flows import LENIENT, create_twice
from tests.cassettes.scenario import SEED, Scenario, fault, run, spent, walk

from leadgateway import Lead, LeadQuery, Page
from leadgateway.exchange import Flow
from leadgateway.session import Session
from leadgateway.values import Owner, Stage
from leadgateway_mega.simulator import MegaSimulator

ERRORS_PAGE, AUTH_PAGE = "dev.gomega.ai/errors", "dev.gomega.ai/authentication"
ERRORS = {
    "400 malformed body": ERRORS_PAGE,
    "400 bad query": ERRORS_PAGE,
    "400 more than 500 rows": ERRORS_PAGE,
    "400 cursor under another sort": "dev.gomega.ai/pull-leads",
    "401 token": ERRORS_PAGE,
    "401 customer missing": AUTH_PAGE,
    "401 customer invalid": "dev.gomega.ai/openapi.json",
    "403 customer foreign": AUTH_PAGE,
    "403 scope": AUTH_PAGE,
    "404 webhook": ERRORS_PAGE,
    "409 key with another body": "dev.gomega.ai/push-leads",
    "429 a minute": "dev.gomega.ai/rate-limits",
    "429 an hour": "dev.gomega.ai/rate-limits",
    "429 bulk": "dev.gomega.ai/rate-limits",
    "5xx": ERRORS_PAGE,
    "row failed": "dev.gomega.ai/push-leads",
    "custom field unknown": "dev.gomega.ai/push-leads",
}

LEADS = "/api/agents/crm/leads"
HELD = tuple(MegaSimulator(leads=3, seed=SEED).tenant.leads)
NOBODY = "2f9c0e7a-0000-4000-8000-000000000000"
YESTERYEAR = datetime(2022, 12, 31, tzinfo=UTC)

ANA = Lead(
    name="Ana Souza",
    email="ana.souza@example.com",
    phone="+5511961234567",
    source="referral",
    capture="form",
    custom={"budget": "500000"},
)
ANA_AGAIN = Lead(name="Ana Souza Lima", email="ana.souza@example.com", custom={"bedrooms": 3})
RUI = Lead(name="Rui Alves", email="rui.alves@example.com")
HELD_ALREADY = Lead(name="Ishita C.", email=HELD[0]["contact_email"])
NOBODYS = Lead(name="Eva Lund", email="eva.lund@example.com", owner=Owner(id=NOBODY))
UNKNOWN_FIELD = Lead(name="Ian Roy", email="ian.roy@example.com", custom={"no_such_field": "x"})
UNKNOWN_STAGE = Lead(name="Mia Berg", stage=Stage(slug="no_such_stage"))
BATCH = (ANA, HELD_ALREADY, NOBODYS, UNKNOWN_FIELD)


def dry_run(*leads: Lead) -> Any:
    """Ask what a batch would come to."""

    def flow(session: Session) -> Flow[Any]:
        drafts = [session.draft(lead, session.write_use, LENIENT) for lead in leads]
        return session.adapter.dry_run(drafts)

    return run(flow)


def batch(*leads: Lead) -> Any:
    """Create leads in one batch, whatever is lost."""
    return lambda connected: connected.create_many(leads, lenient=True)


def cursor_under_another_sort() -> Any:
    """Go on by updated_at with a cursor that was given under created_at."""

    def flow(session: Session) -> Flow[Page]:
        page = yield from session.list_page(LeadQuery(sort_by="created_at", page_size=1), None)
        cursor = (page.next_cursor or "").replace("created_at", "updated_at")
        return (yield from session.list_page(LeadQuery(sort_by="updated_at"), cursor))

    return run(flow)


def hour_spent(simulator: Any, at: datetime) -> None:
    """Use a thousand calls up, none of them within the same second."""
    for second in range(1000, 0, -1):
        moment = at.timestamp() - second
        assert simulator.meter.charge("default", simulator.full_key, moment).allowed


def envelope(status: int, kind: str) -> str:
    """Return an error as the documents show it."""
    return f'{{"error":{{"type":"{kind}","code":{status},"message":"text"}}}}'


on = partial(Scenario, "mega")
create = lambda connected: connected.create_lead(ANA)  # noqa: E731 - a row of the table, shared

SCENARIOS = (
    on("list", "list", walk(page_size=2), "pages 2+1", live="read"),
    on(
        "list_by_created_at", "list", walk(sort_by="created_at", descending=True, page_size=2),
        "pages 2+1", live="read",
    ),
    on(
        "list_by_updated_at", "list", walk(sort_by="updated_at", descending=True, page_size=2),
        "pages 2+1", live="read",
    ),
    on(
        "list_by_last_interaction_at", "list", walk(sort_by="last_interaction_at", page_size=2),
        "pages 2+1", live="read",
    ),
    on(
        "list_by_status", "list",
        walk(status="open", line="buyer", created_since=YESTERYEAR, page_size=2), "pages 1",
        live="read",
    ),
    on(
        "list_by_stage", "list",
        walk(stage=HELD[1]["current_stage"]["id"], updated_since=YESTERYEAR), "pages 1",
    ),
    on("search", "list", walk(search=HELD[1]["contact_phone"]), "pages 1"),
    on("check", "check", lambda c: c.check(), "learnt", live="read"),
    on("create", "create", create, "created", live="write"),
    on(
        "create_merged", "create", create_twice(ANA, ANA_AGAIN, one_key=False), "created, merged",
        live="write",
    ),
    on(
        "create_replayed", "create", create_twice(ANA, ANA, one_key=True), "created, created",
        live="write",
    ),
    on(
        "create_many", "create_many", batch(*BATCH), "created, merged, failed, created",
        shows=("row failed", "custom field unknown"), live="write",
    ),
    on(
        "create_many_skip", "create_many", batch(ANA, HELD_ALREADY), "created, skipped",
        settings=lambda simulator: {"on_duplicate": "skip"},
    ),
    on(
        "dry_run", "dry_run", dry_run(*BATCH), "created, merged, failed, created", live="write"
    ),
    on(
        "create_400_unknown_stage", "create", lambda c: c.create_lead(UNKNOWN_STAGE),
        "Rejected 400", shows=("400 malformed body",),
    ),
    on(
        "list_400_limit", "request", lambda c: c.request("GET", LEADS, params={"limit": 0}),
        "status 400", shows=("400 bad query",), live="read",
    ),
    on(
        "create_many_400_rows", "request",
        lambda c: c.request("POST", f"{LEADS}/bulk", json={"leads": [{}] * 501}), "status 400",
        shows=("400 more than 500 rows",),
    ),
    on(
        "list_400_cursor_under_another_sort", "list", cursor_under_another_sort(),
        "Rejected 400", shows=("400 cursor under another sort",),
    ),
    on(
        "list_401_token", "list", walk(), "AuthError 401",
        shows=("401 token",), settings=lambda simulator: {"token": "mega_unknown"},
    ),
    on(
        "list_401_customer_missing", "list", walk(), "AuthError 401",
        shows=("401 customer missing",), tampered={"x-customer-id": None},
    ),
    on(
        "list_401_customer_invalid", "list", walk(), "AuthError 401",
        shows=("401 customer invalid",), tampered={"x-customer-id": "nobody"},
    ),
    on(
        "list_403_customer_foreign", "list", walk(), "AuthError 403",
        shows=("403 customer foreign",),
        settings=lambda simulator: {"customer_id": simulator.neighbour.id},
    ),
    on(
        "create_403_scope", "create", create, "AuthError 403",
        shows=("403 scope",), settings=lambda simulator: {"token": simulator.read_key},
    ),
    on(
        "webhook_404", "request",
        lambda c: c.request("PATCH", f"/api/agents/crm/lead-webhooks/{NOBODY}", json={}),
        "status 404", shows=("404 webhook",),
    ),
    on(
        "create_409_key_reused", "create", create_twice(ANA, RUI, one_key=True), "Rejected 409",
        shows=("409 key with another body",),
    ),
    on(
        "list_429_minute", "list", walk(), "pages 3 after 60.5 s",
        shows=("429 a minute",), before=spent("default"),
    ),
    on(
        "create_429_minute", "create", create, "created after 60.5 s",
        shows=("429 a minute",), before=spent("default"),
    ),
    on(
        "list_429_hour", "list", walk(), "RateLimited 429",
        shows=("429 an hour",), before=hour_spent,
    ),
    on(
        "create_many_429", "create_many", batch(ANA, RUI), "created, created after 60.5 s",
        shows=("429 bulk",), before=spent("bulk"),
    ),
    on(
        "list_500", "list", walk(), "Unavailable 500 after 7.5 s",
        shows=("5xx",), faults=(fault(500, envelope(500, "api_error"), times=None),),
    ),
    on(
        "create_503", "create", create, "OutcomeUnknown 503 after 7.5 s",
        shows=("5xx",), faults=(fault(503, envelope(503, "api_error"), times=None),),
    ),
    on(
        "create_many_502", "create_many", batch(ANA, RUI), "unknown, unknown after 7.5 s",
        shows=("5xx",), faults=(fault(502, envelope(502, "api_error"), times=None),),
    ),
    on(
        "create_many_500_after_writing", "create_many", batch(ANA, RUI),
        "created, created after 0.5 s",
        shows=("5xx",), faults=(fault(500, envelope(500, "api_error"), after=True),),
    ),
)  # fmt: skip
