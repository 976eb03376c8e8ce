"""Novala's simulator answers as its documents say, over real HTTP."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from leadgateway.simulator.serve import in_thread
from leadgateway_novala.simulator import CUSTOM_FIELDS, SOURCES, STATUSES, NovalaSimulator

NOW = datetime(2031, 2, 3, 8, 0, 0, 999999, tzinfo=UTC)
NOBODY = "00000000-0000-4000-8000-000000000000"
LEAD_FIELDS = {
    "id",
    "firstName",
    "lastName",
    "email",
    "phone",
    "companyName",
    "status",
    "source",
    "intent",
    "notes",
    "assignedTo",
    "customFields",
    "createdAt",
}
INES = {"firstName": "Ines", "lastName": "Okafor", "source": "referral"}


class Novala:
    """One running simulator, its clock, and a client with its secret key."""

    def __init__(self, **options):
        self.now = NOW
        self.simulator = NovalaSimulator(seed=7, clock=lambda: self.now, **options)

    def __enter__(self):
        self.context = in_thread(self.simulator)
        running = self.context.__enter__()
        self.url, self.settings = running.url, running.settings
        headers = {"authorization": f"Bearer {running.settings['token']}"}
        self.client = httpx.Client(base_url=running.settings["base_url"], headers=headers)
        return self

    def __exit__(self, *problem):
        self.client.close()
        self.context.__exit__(*problem)

    def list(self, **params):
        return self.client.get("/leads", params=params)

    def create(self, **body):
        return self.client.post("/leads", json=body)

    def dump(self):
        lines = self.client.get(f"{self.url}/_simulator/leads").text.splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture
def novala():
    with Novala(rate_limits=False) as running:
        yield running


@pytest.fixture(scope="module")
def seeded():
    """Only read from: shared by the tests of the list."""
    with Novala(leads=250, rate_limits=False) as running:
        yield running


def assert_error(answer, status, words=""):
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    assert words in answer.json()["error"]


def test_the_settings_are_a_secret_key_and_the_versioned_base(novala):
    assert set(novala.settings) == {"vendor", "token", "base_url", "rate_limits"}
    assert re.fullmatch(r"sk_live_[0-9a-f]+", novala.settings["token"])
    assert novala.settings["base_url"] == f"{novala.url}/api/v1"


def test_keys_scopes_and_tenants(seeded):
    lead_id = seeded.dump()[0]["id"]
    simulator = seeded.simulator
    assert simulator.publishable_key.startswith("pk_live_")
    for key, listed, got, created in (
        (simulator.secret_key, 200, 200, 400),
        (simulator.publishable_key, 200, 200, 403),
        (simulator.bookings_key, 403, 403, 403),
        (simulator.neighbour_key, 200, 404, 400),
        ("sk_live_0", 401, 401, 401),
    ):
        headers = {"authorization": f"Bearer {key}"}
        answers = (
            seeded.client.get("/leads", headers=headers),
            seeded.client.get(f"/leads/{lead_id}", headers=headers),
            seeded.client.post("/leads", json={}, headers=headers),
        )
        assert [each.status_code for each in answers] == [listed, got, created], key
        for each in answers:
            assert each.status_code == 200 or isinstance(each.json()["error"], str)


def test_what_is_not_documented_is_not_there(novala):
    lead_id = novala.create(**INES).json()["data"]["id"]
    assert_error(novala.client.get("/contacts/contact"), 404)
    for method in ("PATCH", "PUT", "DELETE"):
        assert_error(novala.client.request(method, f"/leads/{lead_id}"), 405)


def test_a_list_has_the_documented_shape(seeded):
    page = seeded.list().json()
    assert set(page) == {"data", "nextCursor", "hasMore"}
    assert (len(page["data"]), page["hasMore"]) == (25, True)
    decoded = json.loads(base64.b64decode(page["nextCursor"], validate=True))
    assert set(decoded) == {"id", "createdAt"}
    for lead in page["data"]:
        assert set(lead) == LEAD_FIELDS
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", lead["createdAt"])


def walk(novala, **params):
    seen, cursor = [], {}
    while True:
        page = novala.list(**params, **cursor).json()
        seen += page["data"]
        if not page["hasMore"]:
            assert page["nextCursor"] is None
            return seen
        cursor = {"cursor": page["nextCursor"]}


def test_cursors_walk_every_lead_once(seeded):
    seen = walk(seeded, limit=33)
    assert len({lead["id"] for lead in seen}) == len(seen) == 250
    assert [lead["createdAt"] for lead in seen] == sorted(lead["createdAt"] for lead in seen)


def test_many_leads_of_one_second_are_each_seen_once(novala):
    made = {novala.create(**INES).json()["data"]["id"] for _ in range(30)}
    seen = walk(novala, limit=7)
    assert {lead["createdAt"] for lead in seen} == {"2031-02-03T08:00:00Z"}
    assert sorted(lead["id"] for lead in seen) == sorted(made)


def test_filters_by_status_and_owner(seeded):
    every = seeded.dump()
    owner = next(lead["assignedTo"] for lead in every if lead["assignedTo"])
    for params in (
        *({"status": status} for status in STATUSES),
        {"assignedTo": owner},
        {"assignedTo": owner, "status": "new"},
        {"assignedTo": NOBODY},
    ):
        expected = [
            lead["id"] for lead in every if all(lead[name] == params[name] for name in params)
        ]
        assert sorted(lead["id"] for lead in walk(seeded, **params)) == sorted(expected)
        assert expected or params["assignedTo"] == NOBODY


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"status": "won"},
        {"assignedTo": "me"},
        {"cursor": "?"},
        {"cursor": base64.b64encode(b'{"id":1,"createdAt":2}').decode()},
        {"page": "1"},
        {"search": "ana"},
        {"source": "import"},
    ],
)
def test_a_bad_query_is_refused(seeded, params):
    assert_error(seeded.list(**params), 400)


def test_a_seeded_store_spreads_over_the_vocabularies(seeded):
    leads = seeded.dump()
    assert {lead["status"] for lead in leads} == set(STATUSES)
    assert {lead["source"] for lead in leads} == set(SOURCES)
    assert {key for lead in leads for key in lead["customFields"]} <= set(CUSTOM_FIELDS)
    assert any(lead["companyName"] is None for lead in leads)
    assert all(len(lead["phone"] or "") <= 50 for lead in leads)


def test_a_create_answers_201_with_the_lead_under_data(novala):
    owner = next(iter(novala.simulator.neighbour.leads))["assignedTo"]
    custom = {"site_count": 4, "tags": ["a", "b"], "newsletter": False, "budget": 1.5}
    body = {
        **INES,
        "email": "ines@okafor.example",
        "phone": "+351 21 000 01 11",
        "companyName": "Okafor Lda",
        "intent": "Annual lift inspection",
        "notes": "",
        "customFields": custom,
    }
    answer = novala.create(**body)
    assert answer.status_code == 201
    lead = answer.json()["data"]
    assert set(answer.json()) == {"data"}
    assert set(lead) == LEAD_FIELDS
    assert lead | body == lead
    assert (lead["status"], lead["assignedTo"]) == ("new", None)
    assert lead["createdAt"] == "2031-02-03T08:00:00Z"
    assert novala.client.get(f"/leads/{lead['id']}").json() == {"data": lead}
    assert novala.dump() == [lead]
    if owner is not None:
        assert_error(novala.create(**INES, assignedTo=owner), 400, "assignedTo")


def test_a_lead_is_assigned_to_a_user_of_the_tenant(seeded, novala):
    owner = next(lead["assignedTo"] for lead in seeded.dump() if lead["assignedTo"])
    assert novala.create(**INES, assignedTo=owner).json()["data"]["assignedTo"] == owner
    assert_error(novala.create(**INES, assignedTo=NOBODY), 400, "assignedTo")


def test_there_is_no_idempotency_and_no_merge(novala):
    headers = {"idempotency-key": "k"}
    body = {**INES, "email": "ines@okafor.example"}
    answers = [novala.client.post("/leads", json=body, headers=headers) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    assert len(novala.dump()) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"firstName": ...}, "firstName is required"),
        ({"lastName": ...}, "lastName is required"),
        ({"source": ...}, "source is required"),
        ({"firstName": ""}, "firstName"),
        ({"lastName": None}, "lastName"),
        ({"firstName": "é" * 256}, "255"),
        ({"companyName": "x" * 256}, "255"),
        ({"phone": "1" * 51}, "50"),
        ({"email": "ines"}, "email"),
        ({"email": None}, "email"),
        ({"source": "manual"}, "source"),
        ({"assignedTo": "me"}, "assignedTo"),
        ({"intent": 1}, "intent"),
        ({"notes": ["x"]}, "notes"),
        ({"status": "new"}, "status"),
        ({"channel": "instagram"}, "channel"),
        ({"id": NOBODY}, "id"),
        ({"customFields": []}, "customFields"),
        ({"customFields": {"Site": 1}}, "lower-case"),
        ({"customFields": {"budget": None}}, "customFields"),
        ({"customFields": {"budget": {"eur": 1}}}, "customFields"),
        ({"customFields": {"tags": [1]}}, "customFields"),
        ({"customFields": {"shoe_size": 9}}, "customFields.shoe_size is not defined"),
    ],
)
def test_a_bad_lead_is_refused(novala, change, words):
    body = {name: value for name, value in {**INES, **change}.items() if value is not ...}
    assert_error(novala.create(**body), 400, words)
    assert novala.dump() == []


def test_the_longest_values_fit(novala):
    name = "é" * 255
    body = {"firstName": name, "lastName": name, "companyName": name, "phone": "1" * 50}
    assert novala.create(**body, source="import").status_code == 201


def test_a_tenant_can_require_custom_fields():
    with Novala(required_custom_fields=("vat_number",)) as novala:
        assert_error(novala.create(**INES), 400, "customFields.vat_number is required")
        assert_error(novala.create(**INES, customFields={"vat_number": ""}), 400, "required")
        assert novala.create(**INES, customFields={"vat_number": "PT1"}).status_code == 201


def test_the_body_must_be_a_json_object(novala):
    headers = {"content-type": "application/json"}
    for body in (b"", b"[]", b'{"firstName": '):
        assert_error(novala.client.post("/leads", content=body, headers=headers), 400)
    assert_error(novala.client.post("/leads?x=1", json=INES), 400)


def test_an_unknown_lead_is_404(novala):
    for lead_id in (NOBODY, "x", "..%2Fleads"):
        assert_error(novala.client.get(f"/leads/{lead_id}"), 404)
    assert_error(novala.client.get(f"/leads/{NOBODY}?expand=all"), 400)


def test_all_keys_of_a_tenant_share_a_limit_that_no_header_tells():
    with Novala() as novala:
        publishable = {"authorization": f"Bearer {novala.simulator.publishable_key}"}
        neighbour = {"authorization": f"Bearer {novala.simulator.neighbour_key}"}
        answers = [novala.list() for _ in range(120)]
        answers.append(novala.client.get("/leads", headers=publishable))
        assert [each.status_code for each in answers] == [200] * 120 + [429]
        assert_error(answers[-1], 429)
        names = {name for each in answers for name in each.headers}
        assert names == {"content-type", "content-length", "date"}
        assert novala.client.get("/leads", headers=neighbour).status_code == 200
        novala.now += timedelta(seconds=60)
        assert novala.list().status_code == 200


def test_a_loaded_line_is_checked_and_filled(novala):
    url = f"{novala.url}/_simulator/leads"
    lines = '{"firstName":"Ana","status":"imported_by_hand"}'
    assert httpx.post(url, content=lines).json() == {"loaded": 1}
    [lead] = novala.dump()
    assert set(lead) == LEAD_FIELDS
    assert (lead["status"], lead["lastName"]) == ("imported_by_hand", "")
    assert httpx.post(url, content='{"createdAt":"2031-01-01T00:00:00.000Z"}').status_code == 400
