"""The v1 leads API: list, get, create, update, the audit log, the key check, and its errors."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from tests.cassettes.flows import audit_record, changes_after, create_and_update, get_first, page_at
from tests.cassettes.scenario import SEED, Scenario, fault, spent, walk

from leadgateway import Lead
from leadgateway_v1_leads.simulator import V1LeadsSimulator

PRINT_PAGE = "www.expertailabs.ai/docs/api/print"
CONVENTION = f"REST conventions, {PRINT_PAGE}"
ERRORS = {
    "400 validation": CONVENTION,
    "422 validation": CONVENTION,
    "401 key invalid": CONVENTION,
    "health without a key": "www.expertailabs.ai/docs/api/health",
    "403 scope": CONVENTION,
    "404 absent": CONVENTION,
    "404 other organization": "seed 003",
    "429 rate limit": PRINT_PAGE,
    "500 server": CONVENTION,
}

HOME = V1LeadsSimulator(leads=3, seed=SEED)
FOREIGN_LEAD = next(iter(HOME.neighbour.leads))["id"]
NO_LEAD = "2f9c0e7a-0000-4000-8000-000000000000"
YESTERYEAR, TODAY = datetime(2022, 12, 31, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)

ANA = Lead(name="Ana Souza", company="Souza Toldos", email="ana.souza@example.com", status="new")
QUALIFIED = Lead(status="qualified", score=80)

on = partial(Scenario, "v1_leads")
create = lambda connected: connected.create_lead(ANA)  # noqa: E731 - a row of the table, shared
update = lambda connected: connected.update_lead(NO_LEAD, QUALIFIED)  # noqa: E731 - likewise


def envelope(code: str, details: str = "null") -> str:
    """Return an error as the documents show it."""
    return f'{{"error":{{"code":"{code}","message":"text","details":{details}}}}}'


SCENARIOS = (
    on("list", "list", walk(page_size=2), "pages 2+1", live="read"),
    on("list_by_status", "list", walk(status="new", page_size=2), "pages 1", live="read"),
    on("list_by_stage", "list", walk(stage="proposal_sent"), "pages 1"),
    on(
        "list_by_source", "list",
        walk(source="meta_ads", created_since=YESTERYEAR, created_until=TODAY, page_size=2),
        "pages 2+1", live="read",
    ),
    on("get", "get", get_first(), "lead", live="read"),
    on("create", "create", create, "created", live="write"),
    on("update", "update", create_and_update(ANA, QUALIFIED), "updated", live="write"),
    on(
        "update_by_put", "update", create_and_update(ANA, QUALIFIED), "updated",
        simulator={"update_verb": "PUT"}, settings=lambda simulator: {"update_method": "PUT"},
    ),
    on("changes", "changes", changes_after(ANA, QUALIFIED), "changes 1", live="write"),
    on(
        "changes_since", "changes", lambda c: c.list_changes(since=YESTERYEAR), "changes 0",
        live="read",
    ),
    on(
        "audit_record", "audit_record", audit_record(ANA, QUALIFIED), "changes 1", live="write"
    ),
    on("check", "check", lambda c: c.check(), "learnt", live="read"),
    on(
        "check_sandbox", "check", lambda c: c.check(), "learnt",
        settings=lambda simulator: {"token": simulator.key("test", "read", "write")},
    ),
    on(
        "check_key_missing", "check", lambda c: c.check(), "AuthError",
        shows=("health without a key",), tampered={"authorization": None},
    ),
    on(
        "list_400_cursor", "list", page_at("no-cursor"), "Rejected 400",
        shows=("400 validation",),
    ),
    on(
        "create_422", "create", create, "Rejected 422",
        shows=("422 validation",),
        faults=(fault(422, envelope("validation_error", '{"email":"is not valid"}')),),
    ),
    on(
        "list_401_key_invalid", "list", walk(), "AuthError 401",
        shows=("401 key invalid",), settings=lambda simulator: {"token": "eal_live_unknown"},
    ),
    on(
        "create_403_scope", "create", create, "AuthError 403",
        shows=("403 scope",), settings=lambda simulator: {"token": simulator.key("live", "read")},
    ),
    on(
        "get_404_absent", "get", lambda c: c.get_lead(NO_LEAD), "NotFound 404",
        shows=("404 absent",), live="read",
    ),
    on("update_404_absent", "update", update, "NotFound 404", shows=("404 absent",)),
    on(
        "get_404_other_organization", "get", lambda c: c.get_lead(FOREIGN_LEAD), "NotFound 404",
        shows=("404 other organization",),
    ),
    on(
        "list_429_waited", "list", walk(), "pages 3 after 60.5 s",
        shows=("429 rate limit",), before=spent("default"),
    ),
    on(
        "create_429_waited", "create", create, "created after 60.5 s",
        shows=("429 rate limit",), before=spent("default"),
    ),
    on(
        "list_429_given_up", "list", walk(), "RateLimited 429",
        shows=("429 rate limit",),
        faults=(
            fault(
                429, envelope("rate_limited"),
                headers={"Retry-After": "3600", "X-RateLimit-Remaining": "0"},
            ),
        ),
    ),
    on(
        "list_500", "list", walk(), "Unavailable 500 after 7.5 s",
        shows=("500 server",), faults=(fault(500, envelope("internal"), times=None),),
    ),
    on(
        "create_500", "create", create, "OutcomeUnknown 500",
        shows=("500 server",), faults=(fault(500, envelope("internal")),),
    ),
    on(
        "update_500", "update", update, "OutcomeUnknown 500",
        shows=("500 server",), faults=(fault(500, envelope("internal")),),
    ),
)  # fmt: skip
