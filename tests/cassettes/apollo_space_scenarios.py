"""Apollo Space: the two documented endpoints, and every documented error."""

from __future__ import annotations

from functools import partial

from tests.cassettes.flows import create_twice
from tests.cassettes.scenario import SEED, Scenario, fault, spent, walk

from leadgateway import Lead
from leadgateway.values import Money
from leadgateway_apollo_space.simulator import ApolloSpaceSimulator

ERRORS = {
    "400 body or parameter": "seed 000",
    "401 token missing": "seed 002",
    "401 token expired": "seed 002",
    "403 organization missing": "seed 002",
    "403 organization foreign": "seed 002",
    "403 role": "seed 000",
    "404 absent or foreign": "seed 002",
    "409 duplicate or race": "seed 000",
    "429 rate limit": "seed 002",
    "500 internal": "seed 002",
}

ANA = Lead(
    name="Ana Souza",
    company="Souza Toldos",
    email="ana.souza@example.com",
    phone="+5511961234567",
    tags=("feira",),
    value=Money(amount="1250.00", currency="BRL"),
)
RUI = Lead(name="Rui Alves", email="rui.alves@example.com")
PIPELINE = ApolloSpaceSimulator(seed=SEED).settings["pipeline_id"]
NO_PIPELINE = "2f9c0e7a-0000-4000-8000-000000000000"


def envelope(code: str) -> str:
    """Return an error as the documents show it."""
    return f'{{"error":{{"code":"{code}","message":"text","request_id":"req_0001"}}}}'


on = partial(Scenario, "apollo_space")
create = lambda connected: connected.create_lead(ANA)  # noqa: E731 - a row of the table, shared

SCENARIOS = (
    on("list", "list", walk(page_size=2), "pages 2+1", live="read"),
    on(
        "list_filtered", "list",
        walk(pipeline=PIPELINE, stage="Novo lead"), "pages 1",
    ),
    on("check", "check", lambda c: c.check(), "learnt", live="read"),
    on("create", "create", create, "created", live="write"),
    on(
        "create_replayed", "create", create_twice(ANA, ANA, one_key=True), "created, created",
        live="write",
    ),
    on(
        "create_400_unknown_pipeline", "create", create, "Rejected 400",
        shows=("400 body or parameter",),
        settings=lambda simulator: {"pipeline_id": NO_PIPELINE},
    ),
    on(
        "list_401_token_missing", "list", walk(), "AuthError 401",
        shows=("401 token missing",), tampered={"authorization": None},
    ),
    on(
        "list_401_token_expired", "list", walk(), "AuthError 401",
        shows=("401 token expired",),
        settings=lambda simulator: {"token": simulator.expired_token},
    ),
    on(
        "list_401_token_renewed", "list", walk(), "pages 3",
        shows=("401 token expired",),
        settings=lambda simulator: {
            "token": iter((simulator.expired_token, simulator.settings["token"])).__next__
        },
    ),
    on(
        "list_403_organization_missing", "list", walk(), "AuthError 403",
        shows=("403 organization missing",), tampered={"x-organization-id": None},
    ),
    on(
        "list_403_organization_foreign", "list", walk(), "AuthError 403",
        shows=("403 organization foreign",),
        settings=lambda simulator: {"organization_id": simulator.neighbour.id},
    ),
    on(
        "create_403_role", "create", create, "AuthError 403",
        shows=("403 role",), settings=lambda simulator: {"token": simulator.viewer_token},
    ),
    on(
        "list_404", "list", walk(), "NotFound 404",
        shows=("404 absent or foreign",), faults=(fault(404, envelope("lead_not_found")),),
    ),
    on(
        "create_409_key_reused", "create", create_twice(ANA, RUI, one_key=True), "Rejected 409",
        shows=("409 duplicate or race",),
    ),
    on(
        "list_429_waited", "list", walk(), "pages 3 after 1.5 s",
        shows=("429 rate limit",), before=spent("list"),
    ),
    on(
        "create_429_waited", "create", create, "created after 1.5 s",
        shows=("429 rate limit",), before=spent("create"),
    ),
    on(
        "list_429_given_up", "list", walk(), "RateLimited 429",
        shows=("429 rate limit",),
        faults=(fault(429, envelope("rate_limited"), headers={"Retry-After": "3600"}),),
    ),
    on(
        "list_500", "list", walk(), "Unavailable 500 after 7.5 s",
        shows=("500 internal",), faults=(fault(500, envelope("internal"), times=None),),
    ),
    on(
        "list_500_recovered", "list", walk(), "pages 3 after 0.5 s",
        shows=("500 internal",), faults=(fault(500, envelope("internal")),),
    ),
    on(
        "create_500", "create", create, "OutcomeUnknown 500 after 7.5 s",
        shows=("500 internal",), faults=(fault(500, envelope("internal"), times=None),),
    ),
)  # fmt: skip
