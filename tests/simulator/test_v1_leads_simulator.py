"""The v1 leads simulator is as strict as its documents, and strict where they are silent."""

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from leadgateway.simulator import Answer, Call
from leadgateway.simulator.serve import in_thread
from leadgateway_v1_leads.simulator import V1LeadsSimulator

NOON = datetime(2031, 2, 3, 12, 0, 0, 987_654, tzinfo=UTC)
LISTED = [
    "id",
    "organization_id",
    "name",
    "company",
    "email",
    "source",
    "lead_score",
    "pipeline_stage",
    "industry",
    "company_size",
    "created_at",
    "updated_at",
]
WHOLE = [
    *LISTED[:10],
    *("pain_points", "timeline", "budget_range", "ai_reasoning", "qualification_completed_at"),
    *LISTED[10:],
]
UPDATED = [*LISTED[:8], "updated_at"]
MILLIS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass
class Client:
    """Calls a simulator without a network, at a time of the test's choosing."""

    simulator: V1LeadsSimulator
    token: str | None
    now: datetime = NOON

    def send(self, method: str, path: str, query: str = "", body: object = None) -> Answer:
        headers = {"content-type": "application/json"}
        if self.token is not None:
            headers["authorization"] = f"Bearer {self.token}"
        raw = b"" if body is None else orjson.dumps(body)
        call = Call(method, f"/api/v1{path}", query, headers, raw, self.now)
        return self.simulator.answer(call, self.simulator.match(call))

    def read(self, path: str, query: str = "") -> dict[str, Any]:
        return read(self.send("GET", path, query), 200)

    def create(self, **body: object) -> dict[str, Any]:
        return read(self.send("POST", "/leads", body=body), 201)

    def update(self, lead_id: str, **body: object) -> dict[str, Any]:
        return read(self.send("PATCH", f"/leads/{lead_id}", body=body), 200)

    def using(self, token: str | None) -> "Client":
        return Client(self.simulator, token, self.now)


def read(answer: Answer, status: int) -> dict[str, Any]:
    assert answer.status == status, answer.body
    body: dict[str, Any] = orjson.loads(answer.body)
    return body


def refused(answer: Answer, status: int, words: str = "") -> bool:
    body = orjson.loads(answer.body)
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"code", "message", "details"}
    return answer.status == status and words in body["error"]["message"]


@pytest.fixture
def v1() -> Client:
    simulator = V1LeadsSimulator(leads=230, seed=7, rate_limits=False)
    return Client(simulator, simulator.settings["token"])


# Keys, scopes, tenants


def test_the_settings_are_enough_to_connect(v1: Client) -> None:
    assert v1.simulator.settings.keys() == {"vendor", "token"}
    assert v1.simulator.settings["token"].startswith("eal_live_")
    assert len(v1.read("/leads")["data"]) == 50


@pytest.mark.parametrize("token", [None, "", "eal_live_nobody"])
def test_without_a_known_key_401(v1: Client, token: str | None) -> None:
    assert refused(v1.using(token).send("GET", "/leads"), 401)


@pytest.mark.parametrize(
    ("scope", "reading", "writing"), [("read", 200, 403), ("write", 403, 201), ("admin", 403, 403)]
)
def test_scopes_are_independent(v1: Client, scope: str, reading: int, writing: int) -> None:
    narrow = v1.using(v1.simulator.key("live", scope))
    assert narrow.send("GET", "/leads").status == reading
    assert narrow.send("POST", "/leads", body={"email": "a@b.example"}).status == writing


def test_another_organizations_lead_is_404_like_none(v1: Client) -> None:
    lead_id = next(iter(v1.simulator.tenant.leads))["id"]
    foreign = v1.using(v1.simulator.foreign_key)
    assert v1.send("GET", f"/leads/{lead_id}").status == 200
    there = foreign.send("GET", f"/leads/{lead_id}")
    assert refused(there, 404)
    assert there.body == v1.send("GET", "/leads/nowhere").body
    assert refused(foreign.send("PATCH", f"/leads/{lead_id}", body={"name": "x"}), 404)


def test_a_sandbox_key_leaves_live_leads_alone(v1: Client) -> None:
    sandbox = v1.using(v1.simulator.key("test", "read", "write"))
    row = sandbox.create(email="tomas@berg.example")
    assert row["organization_id"] == v1.simulator.tenant.id
    assert [each["id"] for each in sandbox.read("/leads")["data"]] == [row["id"]]
    assert len(v1.simulator.tenant.leads) == 230
    assert refused(v1.send("GET", f"/leads/{row['id']}"), 404)
    assert v1.read("/audit-log")["data"] == []


def test_health_tells_what_a_key_is_good_for_and_answers_without_one(v1: Client) -> None:
    own = v1.read("/health")
    assert own["tenant_id"] == v1.simulator.tenant.id
    assert (own["environment"], own["scopes"]) == ("production", ["read", "write"])
    sandbox = v1.using(v1.simulator.key("test", "read", "write")).read("/health")
    assert sandbox["environment"] == "sandbox"
    nobody = v1.using(None).read("/health")
    assert (nobody["tenant_id"], nobody["scopes"]) == (None, [])
    assert refused(v1.using("eal_live_wrong").send("GET", "/health"), 401)


def test_the_organization_is_the_keys(v1: Client) -> None:
    assert v1.read("/organizations/me")["id"] == v1.simulator.tenant.id
    theirs = v1.using(v1.simulator.foreign_key).read("/organizations/me")
    assert theirs["id"] == v1.simulator.neighbour.id


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/leads/x/score", 404),
        ("POST", "/leads/x/push-to-crm", 404),
        ("DELETE", "/leads/x", 405),
        ("PUT", "/leads/x", 405),
        ("GET", "/audit-log/export/csv", 404),
    ],
)
def test_nothing_of_the_roadmap(v1: Client, method: str, path: str, status: int) -> None:
    assert refused(v1.send(method, path), status)


# Reading


def test_a_listing_meets_every_lead_once_newest_first(v1: Client) -> None:
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = v1.read("/leads", f"limit=100{cursor}")
        assert page.keys() == {"data", "next_cursor"}
        rows += page["data"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len({row["id"] for row in rows}) == len(rows) == 230
    stamps = [row["created_at"] for row in rows]
    assert stamps == sorted(stamps, reverse=True)


def test_a_cursor_is_unpadded_base64url_of_the_last_row(v1: Client) -> None:
    page = v1.read("/leads", "limit=3")
    cursor = page["next_cursor"]
    assert re.fullmatch("[A-Za-z0-9_-]+", cursor)
    last = page["data"][-1]
    held = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    assert held == {"created_at": last["created_at"], "id": last["id"]}
    assert refused(v1.send("GET", "/leads", "cursor=nonsense"), 400)


def test_list_rows_have_twelve_fields_and_a_lead_seventeen(v1: Client) -> None:
    for row in v1.read("/leads", "limit=200")["data"]:
        assert list(row) == LISTED
        assert MILLIS.fullmatch(row["created_at"])
        assert row["email"] or (row["name"] and row["company"])
        whole = v1.read(f"/leads/{row['id']}")
        assert list(whole) == WHOLE
        assert {name: whole[name] for name in LISTED} == row


def test_seeded_leads_are_spread_over_open_vocabularies(v1: Client) -> None:
    rows = list(v1.simulator.tenant.leads)
    assert {"new", "qualified", "won"} < {row["pipeline_stage"] for row in rows}
    assert {"google_ads", "website"} < {row["source"] for row in rows}
    assert any(row["name"] is None for row in rows)
    assert {row["ai_reasoning"] is None for row in rows} == {True, False}
    assert {row["company_size"] is None for row in rows} == {True, False}
    completed = [row for row in rows if row["qualification_completed_at"]]
    assert all(row["created_at"] < row["qualification_completed_at"] for row in completed)


def test_filters_by_stage_and_source(v1: Client) -> None:
    wanted = {
        row["id"]
        for row in v1.simulator.tenant.leads
        if row["pipeline_stage"] == "new" and row["source"] == "website"
    }
    page = v1.read("/leads", "pipeline_stage=new&source=website&limit=200")
    assert {row["id"] for row in page["data"]} == wanted != set()


def test_a_range_of_creation_times_holds_both_ends(v1: Client) -> None:
    rows = v1.read("/leads", "limit=10")["data"]
    oldest, newest = rows[-1]["created_at"], rows[3]["created_at"]
    found = v1.read("/leads", f"start_at={oldest}&end_at={newest}")["data"]
    assert found == rows[3:]
    assert v1.read("/leads", f"end_at={oldest}&limit=1")["data"] == rows[-1:]
    assert v1.read("/leads", f"start_at={rows[0]['created_at']}")["data"] == rows[:1]


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=201", "limit=x", "limit="),
        *("start_at=yesterday", "end_at=2031-02-03T00:00:00", "updated_since=2031-02-03"),
    ],
)
def test_an_ill_formed_or_unknown_parameter_is_400(v1: Client, query: str) -> None:
    assert refused(v1.send("GET", "/leads", query), 400)


# Writing


def test_a_created_lead_is_bare_new_and_unscored(v1: Client) -> None:
    sent = {
        "name": "Tomas Berg",
        "email": "tomas@berg.example",
        "source": "website",
        "industry": "residential",
        "pipeline_stage": "new",
    }
    row = v1.create(**sent)
    assert list(row) == LISTED
    assert {name: row[name] for name in sent} == sent
    assert (row["lead_score"], row["company"], row["company_size"]) == (0, None, None)
    assert row["created_at"] == row["updated_at"] == "2031-02-03T12:00:00.987Z"
    assert v1.create(**sent)["id"] != row["id"]
    assert v1.read(f"/leads/{row['id']}")["ai_reasoning"] is None


@pytest.mark.parametrize(
    "body", [{"email": "a@b.example"}, {"name": "Tomas", "company": "Berg Roofing"}]
)
def test_an_email_or_a_name_with_a_company_is_enough(v1: Client, body: dict[str, str]) -> None:
    assert v1.create(**body)["pipeline_stage"] == "new"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "email, or name"),
        ({"name": "Tomas"}, "email, or name"),
        ({"company": "Berg"}, "email, or name"),
        ({"name": "Tomas", "company": ""}, "email, or name"),
        ({"name": "Tomas", "company": "Berg", "email": "tomas"}, "email must be"),
        ({"email": "a@b.example", "name": None}, "name must be"),
        ({"email": "a@b.example", "lead_score": 5}, "unknown field: lead_score"),
        ({"email": "a@b.example", "phone": "+4790000000"}, "unknown field: phone"),
        ({"email": "a@b.example", "company_size": "1-10"}, "unknown field: company_size"),
    ],
)
def test_an_ill_formed_draft_is_400_and_nothing_is_made(
    v1: Client, body: dict[str, object], words: str
) -> None:
    assert refused(v1.send("POST", "/leads", body=body), 400, words)
    assert len(v1.simulator.tenant.leads) == 230


def test_an_update_answers_nine_fields_and_keeps_the_rest(v1: Client) -> None:
    before = next(row for row in v1.simulator.tenant.leads if row["ai_reasoning"])
    answer = v1.update(before["id"], pipeline_stage="closed", lead_score=100)
    assert list(answer) == UPDATED
    changed = {
        "pipeline_stage": "closed",
        "lead_score": 100,
        "updated_at": "2031-02-03T12:00:00.987Z",
    }
    assert v1.read(f"/leads/{before['id']}") == {**before, **changed}


def test_every_whitelisted_field_can_be_updated(v1: Client) -> None:
    texts = [
        "name",
        "company",
        "source",
        "pipeline_stage",
        "industry",
        "company_size",
        "pain_points",
        "timeline",
        "budget_range",
        "ai_reasoning",
    ]
    body = {**dict.fromkeys(texts, "changed"), "email": "new@berg.example", "lead_score": 1}
    lead_id = v1.create(email="old@berg.example")["id"]
    v1.update(lead_id, **body)
    whole = v1.read(f"/leads/{lead_id}")
    assert {name: whole[name] for name in body} == body


@pytest.mark.parametrize(
    "body",
    [
        *({"lead_score": -1}, {"lead_score": 101}, {"lead_score": "50"}, {"lead_score": 1.5}),
        *({"id": "x"}, {"organization_id": "x"}, {"created_at": "2031-02-03T00:00:00Z"}),
        *({"qualification_completed_at": None}, {"company": None}, {"email": "nobody"}),
    ],
)
def test_what_is_not_whitelisted_or_ill_formed_is_400(v1: Client, body: dict[str, object]) -> None:
    before = next(iter(v1.simulator.tenant.leads))
    assert refused(v1.send("PATCH", f"/leads/{before['id']}", body=body), 400)
    assert v1.read(f"/leads/{before['id']}") == before
    assert v1.read("/audit-log")["data"] == []


def test_the_update_verb_can_be_another() -> None:
    simulator = V1LeadsSimulator(update_verb="PUT", leads=1, rate_limits=False)
    v1 = Client(simulator, simulator.settings["token"])
    path = f"/leads/{next(iter(simulator.tenant.leads))['id']}"
    assert v1.send("PUT", path, body={"lead_score": 3}).status == 200
    assert refused(v1.send("PATCH", path, body={"lead_score": 3}), 405)


# The audit log


def test_each_change_leaves_a_record_with_its_diff(v1: Client) -> None:
    row = v1.create(email="tomas@berg.example")
    v1.now += timedelta(seconds=1)
    v1.update(row["id"], lead_score=41, pipeline_stage="new", company="Berg Roofing")
    newest, oldest = v1.read("/audit-log")["data"]
    assert oldest["action"] == "lead.created"
    assert newest.keys() == {
        *("id", "organization_id", "action", "source", "correlation_id", "payload", "created_at")
    }
    assert newest["action"] == "lead.updated"
    assert (newest["source"], newest["organization_id"]) == ("api", v1.simulator.tenant.id)
    assert newest["created_at"] == "2031-02-03T12:00:01.987Z"
    assert newest["payload"]["lead_id"] == row["id"]
    assert newest["payload"]["diff"] == {
        "lead_score": {"from": 0, "to": 41},
        "company": {"from": None, "to": "Berg Roofing"},
    }
    assert newest["payload"]["key_id"] == oldest["payload"]["key_id"]
    assert v1.simulator.settings["token"] not in str(newest)
    assert v1.read(f"/audit-log/{newest['id']}") == newest
    assert refused(v1.send("GET", "/audit-log/nowhere"), 404)
    theirs = v1.using(v1.simulator.foreign_key)
    assert refused(theirs.send("GET", f"/audit-log/{newest['id']}"), 404)


def test_a_change_that_changes_nothing_leaves_no_record(v1: Client) -> None:
    before = next(iter(v1.simulator.tenant.leads))
    answer = v1.update(before["id"], lead_score=before["lead_score"])
    assert answer["updated_at"] == before["updated_at"]
    assert v1.read("/audit-log")["data"] == []


def test_an_emptied_organization_keeps_no_records(v1: Client) -> None:
    v1.create(email="ana@example.com")
    v1.simulator.empty()
    assert v1.read("/audit-log") == v1.read("/leads") == {"data": [], "next_cursor": None}


def test_the_audit_log_is_filtered_and_paged(v1: Client) -> None:
    lead_id = v1.create(email="tomas@berg.example")["id"]
    for score in range(1, 6):
        v1.now += timedelta(seconds=1)
        v1.update(lead_id, lead_score=score)
    first = v1.read("/audit-log", "action=lead.updated&limit=3")
    rest = v1.read("/audit-log", f"action=lead.updated&cursor={first['next_cursor']}")
    scores = [each["payload"]["diff"]["lead_score"]["to"] for each in first["data"] + rest["data"]]
    assert scores == [5, 4, 3, 2, 1]
    assert rest["next_cursor"] is None
    assert len(v1.read("/audit-log", "start_at=2031-02-03T12:00:04Z")["data"]) == 2
    assert v1.read("/audit-log", "source=cron")["data"] == []
    assert refused(v1.send("GET", "/audit-log", "source=elsewhere"), 400, "source")


# Limits, seeding, loading


def test_sixty_a_minute_with_a_burst_of_120() -> None:
    simulator = V1LeadsSimulator(seed=7)
    v1 = Client(simulator, simulator.settings["token"])
    answers = [v1.send("GET", "/leads") for _ in range(121)]
    assert [answer.status for answer in answers] == [200] * 120 + [429]
    assert answers[0].headers == ()
    assert answers[120].headers == (("X-RateLimit-Remaining", "0"), ("Retry-After", "60"))
    assert refused(answers[120], 429)
    assert v1.using(simulator.key("live", "read")).send("GET", "/leads").status == 200
    v1.now += timedelta(minutes=1)
    assert [v1.send("GET", "/leads").status for _ in range(61)] == [200] * 60 + [429]


def test_no_minute_holds_more_than_120_although_the_allowance_drips_back() -> None:
    v1 = Client(V1LeadsSimulator(seed=7), V1LeadsSimulator(seed=7).settings["token"])
    taken = 0
    for _ in range(59):
        while v1.send("GET", "/leads").status == 200:
            taken += 1
        v1.now += timedelta(seconds=1)
    assert taken == 120


def test_the_same_seed_makes_the_same_organization() -> None:
    first, again, other = (V1LeadsSimulator(leads=40, seed=seed) for seed in (7, 7, 8))
    assert list(first.tenant.leads) == list(again.tenant.leads)
    assert first.settings == again.settings
    assert first.settings != other.settings


def test_a_dump_loads_into_another_simulator(v1: Client) -> None:
    empty = V1LeadsSimulator(seed=7)
    assert empty.load(v1.simulator.tenant.leads) == 230
    assert list(empty.tenant.leads) == list(v1.simulator.tenant.leads)
    empty.load([{"name": "Tomas Berg"}])
    assert list(list(empty.tenant.leads)[-1]) == WHOLE


def test_it_speaks_http() -> None:
    with in_thread(V1LeadsSimulator(leads=3, seed=7)) as running:
        settings = running.settings
        assert settings["base_url"] == f"{running.url}/api/v1"
        headers = {"Authorization": f"Bearer {settings['token']}"}
        with httpx.Client(base_url=settings["base_url"], headers=headers) as http:
            made = http.post("/leads", json={"email": "tomas@berg.example"})
            assert made.status_code == 201
            assert http.get(f"/leads/{made.json()['id']}").json()["lead_score"] == 0
