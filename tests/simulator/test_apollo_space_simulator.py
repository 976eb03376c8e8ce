"""The Apollo Space simulator is as strict as docs.apollospace.ai, and strict where it is silent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from leadgateway.simulator import Answer, Call
from leadgateway.simulator.serve import in_thread
from leadgateway_apollo_space.simulator import ApolloSpaceSimulator

NOON = datetime(2031, 2, 3, 12, 0, 0, 987_654, tzinfo=UTC)
FIELDS = [
    "id",
    "contact_name",
    "company_name",
    "email",
    "phone",
    "pipeline_id",
    "stage",
    "owner_id",
    "tags",
    "value_cents",
    "created_at",
    "updated_at",
]
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass
class Client:
    """Calls a simulator without a network, at a time of the test's choosing."""

    simulator: ApolloSpaceSimulator
    now: datetime = NOON
    headers: dict[str, str] = field(default_factory=dict)

    def send(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        call = Call(method, path, query, headers, body, self.now)
        return self.simulator.answer(call, self.simulator.match(call))

    def get(self, query: str = "", path: str = "/v1/leads", **changed: str) -> Answer:
        return self.send("GET", path, query, self._with(changed), b"")

    def post(self, body: object, **changed: str) -> Answer:
        headers = self._with({"content_type": "application/json", **changed})
        return self.send("POST", "/v1/leads", "", headers, orjson.dumps(body))

    def page(self, query: str = "") -> dict[str, Any]:
        answer = self.get(query)
        assert answer.status == 200, answer.body
        page: dict[str, Any] = orjson.loads(answer.body)
        return page

    def _with(self, changed: Mapping[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in changed.items()}
        return {**self.headers, **named}


def client(simulator: ApolloSpaceSimulator) -> Client:
    settings = simulator.settings
    known = {
        "authorization": f"Bearer {settings['token']}",
        "x-organization-id": settings["organization_id"],
    }
    return Client(simulator, headers=known)


@pytest.fixture
def apollo() -> Client:
    return client(ApolloSpaceSimulator(leads=230, seed=7, rate_limits=False, clock=lambda: NOON))


@pytest.fixture
def draft(apollo: Client) -> dict[str, Any]:
    pipeline_id = apollo.simulator.settings["pipeline_id"]
    return {"contact_name": "Rita Alves", "pipeline_id": pipeline_id}


def error(answer: Answer) -> dict[str, str]:
    body: dict[str, dict[str, str]] = orjson.loads(answer.body)
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"code", "message", "request_id"}
    return body["error"]


def refused(answer: Answer, status: int, words: str = "") -> bool:
    return answer.status == status and words in error(answer)["message"]


# Who may ask


def test_the_settings_are_enough_to_connect(apollo: Client) -> None:
    settings = apollo.simulator.settings
    assert settings.keys() == {"vendor", "token", "organization_id", "pipeline_id", "currency"}
    assert len(settings["token"].split(".")) == 3
    assert apollo.get().status == 200


@pytest.mark.parametrize("authorization", ["", "Bearer nobody", "Basic Zm9v", "Bearer "])
def test_without_a_known_token_401(apollo: Client, authorization: str) -> None:
    assert refused(apollo.get(authorization=authorization), 401)


def test_an_expired_token_is_401_and_a_renewed_one_works(apollo: Client) -> None:
    expired = f"Bearer {apollo.simulator.expired_token}"
    assert refused(apollo.get(authorization=expired), 401, "expired")
    first, second = (apollo.simulator.sign_in(timedelta(hours=1)) for _ in range(2))
    assert first != second
    apollo.now = NOON + timedelta(minutes=59)
    assert apollo.get(authorization=f"Bearer {first}").status == 200
    apollo.now = NOON + timedelta(minutes=60)
    assert refused(apollo.get(authorization=f"Bearer {first}"), 401, "expired")


def test_a_missing_or_foreign_organization_is_403(apollo: Client) -> None:
    del apollo.headers["x-organization-id"]
    assert refused(apollo.get(), 403, "X-Organization-Id")
    assert refused(apollo.get(x_organization_id=apollo.simulator.neighbour.id), 403)
    assert refused(apollo.get(x_organization_id="not a uuid"), 403)
    assert apollo.get(x_organization_id=apollo.simulator.tenant.id.upper()).status == 200


def test_a_user_of_the_other_organization_sees_its_leads_alone(apollo: Client) -> None:
    theirs = {
        "authorization": f"Bearer {apollo.simulator.foreign_token}",
        "x_organization_id": apollo.simulator.neighbour.id,
    }
    rows = orjson.loads(apollo.get(**theirs).body)["items"]
    assert len(rows) == len(apollo.simulator.neighbour.leads)
    assert not {row["id"] for row in rows} & {row["id"] for row in apollo.simulator.tenant.leads}


def test_a_viewer_reads_and_does_not_create(apollo: Client, draft: dict[str, Any]) -> None:
    viewer = f"Bearer {apollo.simulator.viewer_token}"
    assert apollo.get(authorization=viewer).status == 200
    assert refused(apollo.post(draft, authorization=viewer), 403)
    assert len(apollo.simulator.tenant.leads) == 230


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/leads/5b0c2f1e-6d1a-4f0e-9a55-0d6a1c7e4b21", 404),
        ("GET", "/leads", 404),
        ("PATCH", "/v1/leads", 405),
    ],
)
def test_nothing_but_the_two_documented_operations(
    apollo: Client, method: str, path: str, status: int
) -> None:
    assert refused(apollo.send(method, path, "", apollo.headers, b""), status)


def test_each_error_has_a_request_id_of_its_own(apollo: Client) -> None:
    ids = {error(apollo.get("limit=0"))["request_id"] for _ in range(3)}
    assert len(ids) == 3
    assert all(each.startswith("req_") for each in ids)


# Listing


def test_a_listing_meets_every_lead_once_newest_first(apollo: Client) -> None:
    rows: list[dict[str, Any]] = []
    cursor, sizes = "", []
    while True:
        page = apollo.page(f"limit=100{cursor}")
        assert page.keys() == {"items", "next_cursor"}
        rows += page["items"]
        sizes.append(len(page["items"]))
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor'].replace('+', '%2B')}"
    assert sizes == [100, 100, 30]
    assert len({row["id"] for row in rows}) == 230
    stamps = [row["created_at"] for row in rows]
    assert stamps == sorted(stamps, reverse=True)


def test_leads_have_exactly_the_documented_fields_in_their_form(apollo: Client) -> None:
    for row in apollo.page("limit=200")["items"]:
        assert list(row) == FIELDS
        assert UUID4.fullmatch(row["id"])
        assert UUID4.fullmatch(row["pipeline_id"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["created_at"])
        assert len(row["company_name"] or "") <= 200


def test_seeded_leads_are_spread_and_a_few_are_dirty(apollo: Client) -> None:
    rows = list(apollo.simulator.tenant.leads)
    assert len({row["stage"] for row in rows}) > 4
    assert len({row["pipeline_id"] for row in rows}) == 2
    assert {row["owner_id"] is None for row in rows} == {True, False}
    assert any(row["phone"] and not row["phone"].startswith("+") for row in rows)
    assert sum(bool(row["phone"] and row["phone"].startswith("+")) for row in rows) > 200


def test_the_default_page_has_fifty_leads(apollo: Client) -> None:
    assert len(apollo.page()["items"]) == 50


@pytest.mark.parametrize("limit", ["0", "201", "-1", "ten", "", "1.0", "٣", "9" * 5000])
def test_a_limit_outside_1_to_200_is_400(apollo: Client, limit: str) -> None:
    assert refused(apollo.get(f"limit={limit}"), 400)


def test_filters_by_pipeline_and_stage(apollo: Client) -> None:
    pipeline_id = apollo.simulator.settings["pipeline_id"]
    wanted = [
        row
        for row in apollo.simulator.tenant.leads
        if row["pipeline_id"] == pipeline_id and row["stage"] == "Ganho"
    ]
    page = apollo.page(f"pipeline_id={pipeline_id}&stage=Ganho&limit=200")
    assert {row["id"] for row in page["items"]} == {row["id"] for row in wanted} != set()
    assert apollo.page("stage=ganho")["items"] == []
    assert refused(apollo.get("pipeline_id=first"), 400, "pipeline_id")


@pytest.mark.parametrize("query", ["owner_id=x", "tag=vip", "sort=created_at", "page=2"])
def test_undeclared_parameters_are_400(apollo: Client, query: str) -> None:
    assert refused(apollo.get(query), 400, "unknown query parameter")


def test_a_create_takes_no_parameters(apollo: Client, draft: dict[str, Any]) -> None:
    headers = {**apollo.headers, "content-type": "application/json"}
    answer = apollo.send("POST", "/v1/leads", "x=1", headers, orjson.dumps(draft))
    assert refused(answer, 400, "unknown query parameter")


def test_a_stale_or_foreign_cursor_is_400(apollo: Client) -> None:
    cursor = apollo.page("limit=10")["next_cursor"].replace("+", "%2B")
    assert refused(apollo.get(f"cursor={cursor}&stage=Ganho"), 400, "cursor")
    assert refused(apollo.get("cursor=nonsense"), 400, "cursor")
    apollo.now = NOON + timedelta(minutes=59)
    assert apollo.get(f"cursor={cursor}").status == 200
    apollo.now = NOON + timedelta(minutes=61)
    assert refused(apollo.get(f"cursor={cursor}"), 400, "cursor")


# Creating


def test_a_full_draft_comes_back_whole_in_the_default_stage(
    apollo: Client, draft: dict[str, Any]
) -> None:
    full = {
        **draft,
        "company_name": "Alves & Filhos",
        "email": "rita@empresa.example",
        "phone": "+5511987650001",
        "owner_id": "0f2b1c3d-7a54-4e0b-8c11-2d9e6f3a5b47",
        "tags": ["feira"],
        "value_cents": 125_000,
    }
    answer = apollo.post(full)
    row = orjson.loads(answer.body)
    assert answer.status == 201
    assert list(row) == FIELDS
    assert {name: row[name] for name in full} == full
    assert row["stage"] == "Novo lead"
    assert row["created_at"] == row["updated_at"] == "2031-02-03T12:00:00Z"
    assert UUID4.fullmatch(row["id"])
    assert apollo.page("limit=1")["items"] == [row]


def test_what_a_draft_leaves_out_is_null_or_empty(apollo: Client, draft: dict[str, Any]) -> None:
    row = orjson.loads(apollo.post(draft).body)
    nulls = {name for name, value in row.items() if value is None}
    assert nulls == {"company_name", "email", "phone", "owner_id", "value_cents"}
    assert row["tags"] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"contact_name": "x" * 201}, "contact_name"),
        ({"contact_name": 7}, "contact_name"),
        ({"company_name": "x" * 201}, "company_name"),
        ({"company_name": None}, "company_name"),
        ({"email": "rita"}, "email"),
        ({"email": None}, "email"),
        ({"phone": "(11) 98765-0001"}, "phone"),
        ({"phone": "+55 11 98765 0001"}, "phone"),
        ({"phone": "+0511987650001"}, "phone"),
        ({"phone": "+5511987650001\n"}, "phone"),
        ({"phone": "+1234567890123456"}, "phone"),
        ({"phone": None}, "phone"),
        ({"pipeline_id": "first"}, "pipeline_id"),
        ({"pipeline_id": "5b0c2f1e-6d1a-4f0e-9a55-0d6a1c7e4b21"}, "pipeline_id"),
        ({"owner_id": "Ana"}, "owner_id"),
        ({"tags": "feira"}, "tags"),
        ({"tags": [1]}, "tags"),
        ({"value_cents": 12.5}, "value_cents"),
        ({"value_cents": True}, "value_cents"),
        ({"value_cents": "100"}, "value_cents"),
        ({"stage": "Ganho"}, "unknown field: stage"),
        ({"status": "new"}, "unknown field: status"),
    ],
)
def test_an_ill_formed_field_is_400_and_nothing_is_made(
    apollo: Client, draft: dict[str, Any], change: dict[str, Any], words: str
) -> None:
    assert refused(apollo.post({**draft, **change}), 400, words)
    assert len(apollo.simulator.tenant.leads) == 230


@pytest.mark.parametrize("missing", ["contact_name", "pipeline_id"])
def test_a_required_field_left_out_is_400(
    apollo: Client, draft: dict[str, Any], missing: str
) -> None:
    del draft[missing]
    assert refused(apollo.post(draft), 400, f"{missing} is required")


def test_a_name_of_two_hundred_characters_is_taken(apollo: Client, draft: dict[str, Any]) -> None:
    assert apollo.post({**draft, "contact_name": "🚀" * 200}).status == 201


def test_another_organizations_pipeline_is_400(apollo: Client, draft: dict[str, Any]) -> None:
    theirs = {
        "authorization": f"Bearer {apollo.simulator.foreign_token}",
        "x_organization_id": apollo.simulator.neighbour.id,
    }
    assert refused(apollo.post(draft, **theirs), 400, "pipeline_id")


def test_a_known_key_gets_the_first_answer_again(apollo: Client, draft: dict[str, Any]) -> None:
    first = apollo.post(draft, idempotency_key="k-1")
    apollo.now += timedelta(minutes=5)
    assert apollo.post(draft, idempotency_key="k-1") == first
    assert len(apollo.simulator.tenant.leads) == 231
    assert apollo.post(draft, idempotency_key="k-2").body != first.body


def test_a_known_key_with_another_body_is_409(apollo: Client, draft: dict[str, Any]) -> None:
    assert apollo.post(draft, idempotency_key="k-1").status == 201
    other = {**draft, "contact_name": "Rita A."}
    assert refused(apollo.post(other, idempotency_key="k-1"), 409)
    assert len(apollo.simulator.tenant.leads) == 231


def test_a_refused_call_does_not_use_up_its_key(apollo: Client, draft: dict[str, Any]) -> None:
    assert apollo.post({**draft, "phone": "1"}, idempotency_key="k-1").status == 400
    assert apollo.post(draft, idempotency_key="k-1").status == 201


# Limits, seeding, loading


def test_each_operation_of_an_organization_has_an_allowance() -> None:
    apollo = client(ApolloSpaceSimulator(seed=7))
    answers = [apollo.get() for _ in range(121)]
    assert [answer.status for answer in answers] == [200] * 120 + [429]
    assert all(answer.headers == () for answer in answers[:120])
    assert answers[120].headers == (("Retry-After", "1"),)
    assert error(answers[120])["code"] == "rate_limited"
    viewer = f"Bearer {apollo.simulator.viewer_token}"
    assert apollo.get(authorization=viewer).status == 429
    assert apollo.post({}).status == 400
    apollo.now += timedelta(seconds=1)
    assert apollo.get().status == 200


def test_the_same_seed_makes_the_same_organization() -> None:
    first, again, other = (ApolloSpaceSimulator(leads=40, seed=seed) for seed in (7, 7, 8))
    assert list(first.tenant.leads) == list(again.tenant.leads)
    assert first.settings == again.settings
    assert first.settings != other.settings


def test_a_dump_loads_into_another_simulator(apollo: Client) -> None:
    empty = ApolloSpaceSimulator(seed=7)
    assert empty.load(apollo.simulator.tenant.leads) == 230
    assert list(empty.tenant.leads) == list(apollo.simulator.tenant.leads)
    empty.load([{"contact_name": "Rita Alves"}])
    assert list(list(empty.tenant.leads)[-1]) == FIELDS


def test_it_speaks_http() -> None:
    with in_thread(ApolloSpaceSimulator(leads=3, seed=7)) as running:
        settings = running.settings
        assert settings["base_url"] == f"{running.url}/v1"
        headers = {
            "Authorization": f"Bearer {settings['token']}",
            "X-Organization-Id": settings["organization_id"],
        }
        with httpx.Client(base_url=settings["base_url"], headers=headers) as http:
            body = {"contact_name": "Rita Alves", "pipeline_id": settings["pipeline_id"]}
            assert http.post("/leads", json=body).status_code == 201
            assert len(http.get("/leads").json()["items"]) == 4
