"""Novala: list, get and create, keys of each kind, and every documented error."""

from __future__ import annotations

from functools import partial

from tests.cassettes.flows import get_first
from tests.cassettes.scenario import SEED, Scenario, fault, spent, walk

from leadgateway import Lead
from leadgateway_novala.simulator import NovalaSimulator

OVERVIEW = "developers.novala.ai/api-reference/overview"
AUTHENTICATION = "developers.novala.ai/api-reference/authentication"
ERRORS = {
    "400 validation": OVERVIEW,
    "400 required custom field": "seed 004",
    "401 key missing": AUTHENTICATION,
    "401 key invalid": AUTHENTICATION,
    "403 scope": AUTHENTICATION,
    "publishable key writes": AUTHENTICATION,
    "404 absent": OVERVIEW,
    "404 other tenant": OVERVIEW,
    "409 conflict": OVERVIEW,
    "429 rate limit": OVERVIEW,
    "500 server": OVERVIEW,
}

HOME = NovalaSimulator(leads=3, seed=SEED)
HELD = tuple(HOME.tenant.leads)
FOREIGN_LEAD = next(iter(HOME.neighbour.leads))["id"]
NO_LEAD = "2f9c0e7a-0000-4000-8000-000000000000"

ANA = Lead(
    name="Ana Souza",
    company="Souza Toldos",
    email="ana.souza@example.com",
    phone="+5511961234567",
    source="website",
    capture="form",
    intent="Annual lift inspection",
    custom={"site_count": 4},
)
FIELDLESS = Lead(name="Rui Alves", email="rui.alves@example.com", source="referral")
UNKNOWN_FIELD = Lead(name="Ian Roy", source="referral", custom={"no_such_field": "x"})

on = partial(Scenario, "novala")
create = lambda connected: connected.create_lead(ANA)  # noqa: E731 - a row of the table, shared

SCENARIOS = (
    on("list", "list", walk(page_size=2), "pages 2+1", live="read"),
    on("list_by_status", "list", walk(status="lost", page_size=2), "pages 1", live="read"),
    on("list_by_owner", "list", walk(owner=HELD[1]["assignedTo"]), "pages 2"),
    on(
        "list_publishable_key", "list", walk(), "pages 3",
        settings=lambda simulator: {"token": simulator.publishable_key},
    ),
    on("get", "get", get_first(), "lead", live="read"),
    on("check", "check", lambda c: c.check(), "learnt", live="read"),
    on("create", "create", create, "created", live="write"),
    on(
        "create_with_required_field", "create", create, "created",
        simulator={"required_custom_fields": ("site_count",)},
        settings=lambda simulator: {"required_custom_fields": ("site_count",)},
    ),
    on(
        "create_400_unknown_field", "create", lambda c: c.create_lead(UNKNOWN_FIELD),
        "Rejected 400", shows=("400 validation",),
    ),
    on(
        "create_400_required_field", "create", lambda c: c.create_lead(FIELDLESS),
        "Rejected 400", shows=("400 required custom field",),
        simulator={"required_custom_fields": ("site_count",)},
    ),
    on(
        "list_401_key_missing", "list", walk(), "AuthError 401",
        shows=("401 key missing",), tampered={"authorization": None},
    ),
    on(
        "list_401_key_invalid", "list", walk(), "AuthError 401",
        shows=("401 key invalid",), settings=lambda simulator: {"token": "sk_live_unknown"},
    ),
    on(
        "list_403_scope", "list", walk(), "AuthError 403",
        shows=("403 scope",), settings=lambda simulator: {"token": simulator.bookings_key},
    ),
    on(
        "create_403_scope", "create", create, "AuthError 403",
        shows=("403 scope",), settings=lambda simulator: {"token": simulator.bookings_key},
    ),
    on(
        "create_publishable_key", "create", create, "ConfigError",
        shows=("publishable key writes",),
        settings=lambda simulator: {"token": simulator.publishable_key},
    ),
    on(
        "get_404_absent", "get", lambda c: c.get_lead(NO_LEAD), "NotFound 404",
        shows=("404 absent",), live="read",
    ),
    on(
        "get_404_other_tenant", "get", lambda c: c.get_lead(FOREIGN_LEAD), "NotFound 404",
        shows=("404 other tenant",),
    ),
    on(
        "create_409", "create", create, "Rejected 409",
        shows=("409 conflict",), faults=(fault(409, '{"error":"text"}'),),
    ),
    on(
        "list_429", "list", walk(), "RateLimited 429 after 7.5 s",
        shows=("429 rate limit",), before=spent("default"),
    ),
    on(
        "list_429_waited", "list", walk(), "pages 3 after 1.5 s",
        shows=("429 rate limit",), before=spent("default", earlier=50),
    ),
    on(
        "create_429_waited", "create", create, "created after 1.5 s",
        shows=("429 rate limit",), before=spent("default", earlier=50),
    ),
    on(
        "list_500", "list", walk(), "Unavailable 500 after 7.5 s",
        shows=("500 server",), faults=(fault(500, '{"error":"text"}', times=None),),
    ),
    on(
        "create_500", "create", create, "OutcomeUnknown 500",
        shows=("500 server",), faults=(fault(500, '{"error":"text"}'),),
    ),
)  # fmt: skip
