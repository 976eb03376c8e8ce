"""MEGA's simulator answers as its documents say, over real HTTP."""

import json
import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from leadgateway.simulator.serve import in_thread
from leadgateway_mega.simulator import MegaSimulator

LEADS = "/api/agents/crm/leads"
BULK = "/api/agents/crm/leads/bulk"
NOW = datetime(2031, 2, 3, 8, 0, 0, 123456, tzinfo=UTC)
MILLIS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
LEAD_FIELDS = {
    "id",
    "customer_id",
    "contact_name",
    "contact_phone",
    "contact_email",
    "source_platform",
    "source_type",
    "status",
    "score",
    "qualified",
    "current_stage",
    "owner",
    "last_interaction_at",
    "interaction_count",
    "created_at",
    "updated_at",
}


class Mega:
    """One running simulator, its clock, and a client with its settings."""

    def __init__(self, **options):
        self.now = NOW
        self.simulator = MegaSimulator(seed=7, clock=lambda: self.now, **options)

    def __enter__(self):
        self.context = in_thread(self.simulator)
        running = self.context.__enter__()
        self.settings = running.settings
        headers = {
            "authorization": f"Bearer {running.settings['token']}",
            "x-customer-id": running.settings["customer_id"],
        }
        self.client = httpx.Client(base_url=running.settings["base_url"], headers=headers)
        return self

    def __exit__(self, *problem):
        self.client.close()
        self.context.__exit__(*problem)

    def list(self, **params):
        return self.client.get(LEADS, params=params)

    def create(self, body, key=None):
        return self.client.post(LEADS, json=body, headers={"idempotency-key": key} if key else {})

    def bulk(self, rows, key=None, **options):
        headers = {"idempotency-key": key} if key else {}
        return self.client.post(BULK, json={"leads": rows, **options}, headers=headers)

    def dump(self):
        return [json.loads(line) for line in self.client.get("/_simulator/leads").iter_lines()]

    def load(self, *rows):
        lines = "\n".join(map(json.dumps, rows))
        answer = self.client.post("/_simulator/leads", content=lines)
        assert answer.status_code == 200, answer.text


@pytest.fixture
def mega():
    with Mega(rate_limits=False) as running:
        yield running


@pytest.fixture(scope="module")
def seeded():
    """Only read from: shared by the tests of the list."""
    with Mega(leads=250, rate_limits=False) as running:
        yield running


def assert_error(answer, status, kind, words=""):
    error = answer.json()["error"]
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    assert (error["type"], error["code"]) == (kind, status)
    assert words in error["message"]


def assert_invalid(answer, words=""):
    assert_error(answer, 400, "invalid_request_error", words)


# --- keys and customers


def test_the_settings_have_the_vendors_forms(mega):
    assert mega.settings["vendor"] == "mega"
    assert re.fullmatch(r"mega_[0-9a-f]{64}", mega.settings["token"])
    assert re.fullmatch(r"[0-9a-f-]{36}", mega.settings["customer_id"])
    assert MegaSimulator(seed=7).settings == MegaSimulator(seed=7, leads=3).settings
    assert MegaSimulator(seed=8).settings["token"] != mega.settings["token"]


@pytest.mark.parametrize("header", ["Bearer mega_0", "Basic x", ""])
def test_without_a_valid_key_401(mega, header):
    answer = mega.client.get(LEADS, headers={"authorization": header})
    assert_error(answer, 401, "authentication_error")


def test_without_a_customer_401_with_a_foreign_one_403(mega):
    request = mega.client.build_request("GET", LEADS)
    del request.headers["x-customer-id"]
    assert_error(mega.client.send(request), 401, "authentication_error", "x-customer-id")
    for customer, status, kind in (
        ("not-a-uuid", 401, "authentication_error"),
        (mega.simulator.neighbour.id, 403, "authorization_error"),
    ):
        answer = mega.client.get(LEADS, headers={"x-customer-id": customer})
        assert_error(answer, status, kind)


def test_each_customer_sees_its_own_leads(seeded):
    neighbour = {
        "authorization": f"Bearer {seeded.simulator.neighbour_key}",
        "x-customer-id": seeded.simulator.neighbour.id,
    }
    theirs = seeded.client.get(LEADS, headers=neighbour).json()
    assert theirs["total"] == 5
    ours = {lead["id"] for lead in seeded.dump()}
    assert not ours & {lead["id"] for lead in theirs["leads"]}


def test_a_read_key_may_not_write(mega):
    reader = {"authorization": f"Bearer {mega.simulator.read_key}"}
    assert mega.client.get(LEADS, headers=reader).status_code == 200
    for path in (LEADS, BULK):
        answer = mega.client.post(path, json={}, headers=reader)
        assert_error(answer, 403, "authorization_error", "public_api:leads:write")


def test_other_paths_and_methods(mega):
    assert_error(mega.client.get("/api/agents/crm"), 404, "not_found_error")
    assert_error(mega.client.get(f"{LEADS}/{mega.simulator.tenant.id}"), 404, "not_found_error")
    assert_error(mega.client.patch(LEADS, json={}), 405, "invalid_request_error")


# --- list


def test_a_list_has_the_documented_shape(seeded):
    page = seeded.list().json()
    assert set(page) == {"leads", "total", "limit", "offset", "next_cursor"}
    assert (page["total"], page["limit"], page["offset"], len(page["leads"])) == (250, 20, 0, 20)
    for lead in page["leads"]:
        assert set(lead) == LEAD_FIELDS
        assert lead["customer_id"] == seeded.settings["customer_id"]
        assert MILLIS.fullmatch(lead["created_at"])
        assert set(lead["current_stage"]) == {"id", "slug", "name", "color"}


def test_custom_fields_come_only_when_asked_for(seeded):
    without = seeded.list(include_custom_fields="false").json()["leads"]
    assert all("custom_fields" not in lead for lead in without)
    leads = seeded.list(include_custom_fields="true", limit=100).json()["leads"]
    kinds = {type(value) for lead in leads for value in lead["custom_fields"].values()}
    assert kinds == {str, bool, int}
    assert any(lead["custom_fields"].get("lead_line") == "buyer" for lead in leads)


def test_a_seeded_store_spreads_over_the_vocabularies(seeded):
    leads = seeded.dump()
    assert {lead["status"] for lead in leads} == {"active", "won", "lost", "nurture", "archived"}
    assert len({lead["source_platform"] for lead in leads}) == 12
    assert len({lead["source_type"] for lead in leads}) == 7
    assert len({lead["current_stage"]["slug"] for lead in leads}) == 5
    assert {lead["owner"] is None for lead in leads} == {True, False}
    assert {lead["score"] is None for lead in leads} == {True, False}
    assert any(lead["contact_email"] is None or lead["contact_phone"] is None for lead in leads)


def walk(mega, **params):
    seen, cursor = [], None
    while True:
        page = mega.list(**params, **({"cursor": cursor} if cursor else {})).json()
        seen += page["leads"]
        cursor = page["next_cursor"]
        if cursor is None:
            return seen
        assert len(page["leads"]) == params.get("limit", 20)


@pytest.mark.parametrize("sort_by", ["created_at", "updated_at"])
@pytest.mark.parametrize("sort_dir", ["asc", "desc"])
def test_cursors_walk_every_lead_once_in_order(seeded, sort_by, sort_dir):
    seen = walk(seeded, sort_by=sort_by, sort_dir=sort_dir, limit=33)
    stamps = [lead[sort_by] for lead in seen]
    assert stamps == sorted(stamps, reverse=sort_dir == "desc")
    assert len({lead["id"] for lead in seen}) == 250


def test_the_oldest_change_comes_first_unless_told(seeded):
    oldest = sorted(seeded.dump(), key=lambda lead: (lead["updated_at"], lead["id"]))
    assert [lead["id"] for lead in walk(seeded)] == [lead["id"] for lead in oldest]


def test_a_cursor_belongs_to_its_sort(seeded):
    cursor = seeded.list(sort_by="created_at").json()["next_cursor"]
    assert seeded.list(sort_by="created_at", cursor=cursor).status_code == 200
    assert_invalid(seeded.list(cursor=cursor), "another sort")
    assert_invalid(seeded.list(sort_by="created_at", sort_dir="desc", cursor=cursor))
    assert_invalid(seeded.list(sort_by="last_interaction_at", cursor=cursor))
    assert_invalid(seeded.list(sort_by="created_at", cursor=cursor, offset=1), "offset")
    assert_invalid(seeded.list(sort_by="created_at", cursor=cursor[:-3]), "cursor")


def test_the_interaction_sort_pages_by_offset(seeded):
    pages = [
        seeded.list(sort_by="last_interaction_at", limit=100, offset=offset).json()
        for offset in (0, 100, 200, 300)
    ]
    assert [len(page["leads"]) for page in pages] == [100, 100, 50, 0]
    assert all(page["next_cursor"] is None for page in pages)
    stamps = [lead["last_interaction_at"] or "" for page in pages for lead in page["leads"]]
    assert stamps == sorted(stamps)
    assert [page["offset"] for page in pages] == [0, 100, 200, 300]


def test_filters_narrow_and_the_total_ignores_the_page(seeded):
    every = seeded.dump()
    stage = every[0]["current_stage"]["id"]
    median = sorted(lead["created_at"] for lead in every)[125]
    for params, wanted in (
        ({"status": "won"}, lambda lead: lead["status"] == "won"),
        ({"status": "unheard-of"}, lambda lead: False),
        ({"stageId": stage}, lambda lead: lead["current_stage"]["id"] == stage),
        ({"lead_line": "seller"}, lambda lead: lead["custom_fields"].get("lead_line") == "seller"),
        ({"created_since": median}, lambda lead: lead["created_at"] >= median),
        ({"updated_since": median}, lambda lead: lead["updated_at"] >= median),
        (
            {"updated_since": median, "status": "active", "sort_by": "created_at"},
            lambda lead: lead["updated_at"] >= median and lead["status"] == "active",
        ),
    ):
        expected = {lead["id"] for lead in every if wanted(lead)}
        assert {lead["id"] for lead in walk(seeded, limit=7, **params)} == expected, params
        assert seeded.list(limit=1, **params).json()["total"] == len(expected), params


def test_since_is_inclusive_to_the_millisecond(mega):
    stamps = ["2031-01-01T00:00:00.000Z", "2031-01-01T00:00:00.001Z", "2031-01-01T00:00:00.002Z"]
    mega.load(*({"contact_name": stamp, "updated_at": stamp} for stamp in stamps))
    for since, found in (
        ("2031-01-01T00:00:00.001Z", 2),
        ("2031-01-01T00:00:00.0010001+00:00", 2),
        ("2031-01-01T00:00:00.00101Z", 1),
        ("2030-12-31T21:00:00.002-03:00", 1),
    ):
        assert mega.list(updated_since=since).json()["total"] == found, since


def test_search_looks_at_name_email_and_the_digits_of_a_phone(mega):
    mega.load(
        {"contact_name": "Zoë Ortiz", "contact_phone": "(206) 555-0123"},
        {"contact_email": "ANA@Example.com"},
    )
    for text, found in (
        ("zoë", 1),
        ("ana@example", 1),
        ("206-555 0123", 1),
        ("+1 206 555 0123", 1),
        ("0123", 1),
        ("0124", 0),
        ("x0123", 0),
        ("nobody", 0),
    ):
        assert mega.list(search=text).json()["total"] == found, text


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "ten"},
        {"offset": "-1"},
        {"sort_by": "score"},
        {"sort_dir": "up"},
        {"lead_line": "lessor"},
        {"include_custom_fields": "yes"},
        {"created_since": "yesterday"},
        {"updated_since": "2031-01-01T00:00:00"},
        {"stageId": "new"},
        {"cursor": "?"},
        {"stage_id": "x"},
        {"status": ["won", "lost"]},
    ],
)
def test_a_bad_query_is_refused(seeded, params):
    assert_invalid(seeded.list(**params))


# --- create


def test_a_create_answers_201_with_the_whole_lead(mega):
    answer = mega.create(
        {
            "contact_name": "Noor Haddad",
            "contact_phone": "(206) 555-0123",
            "contact_email": "Noor@Mail.example",
            "source_platform": "meta_ads",
            "source_type": "form",
            "stage_slug": "viewing",
            "custom_fields": {"budget": "500000", "bedrooms": 3, "newsletter": True, "notes": None},
        }
    )
    assert answer.status_code == 201
    lead = answer.json()["lead"]
    assert set(lead) == LEAD_FIELDS | {"custom_fields"}
    assert lead["contact_phone"] == "(206) 555-0123"
    assert lead["contact_email"] == "Noor@Mail.example"
    assert lead["current_stage"]["slug"] == "viewing"
    assert lead["status"] == "active"
    assert lead["created_at"] == lead["updated_at"] == "2031-02-03T08:00:00.123Z"
    assert mega.dump() == [lead]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "one of contact_name"),
        ({"contact_name": "", "source_type": "form"}, "one of contact_name"),
        ({"contact_name": None}, "contact_name"),
        ({"contact_name": 1}, "contact_name"),
        ({"contact_name": "Ana", "contact_email": None}, "contact_email"),
        ({"contact_email": "ana"}, "contact_email"),
        ({"contact_name": "Ana", "source_platform": "tiktok"}, "source_platform"),
        ({"contact_name": "Ana", "source_type": "fax"}, "source_type"),
        ({"contact_name": "Ana", "stage_slug": "limbo"}, "limbo"),
        ({"contact_name": "Ana", "stage_slug": 1}, "stage_slug"),
        ({"contact_name": "Ana", "custom_fields": {"notes": ["a"]}}, "custom_fields"),
        ({"contact_name": "Ana", "custom_fields": None}, "custom_fields"),
        *(
            ({"contact_name": "Ana", name: "x"}, name)
            for name in ("status", "score", "qualified", "owner_id", "lead_line", "row_ref", "tags")
        ),
    ],
)
def test_a_bad_lead_is_refused(mega, body, words):
    assert_invalid(mega.create(body), words)
    assert mega.dump() == []


def test_a_body_must_be_a_json_object(mega):
    headers = {"content-type": "application/json"}
    for body in (b"", b"{", b"[]", b"1"):
        assert_invalid(mega.client.post(LEADS, content=body, headers=headers))
    assert_invalid(mega.client.post(LEADS, content=b"{}", headers={"content-type": "text/plain"}))
    assert_invalid(mega.client.post(f"{LEADS}?dry_run=true", json={"contact_name": "Ana"}))


def test_unknown_slugs_are_ignored_in_silence_on_a_single_create(mega):
    fields = {"notes": "x", "shoe_size": 9, "lead_line": "buyer"}
    answer = mega.create({"contact_name": "Ana", "custom_fields": fields})
    assert answer.status_code == 201
    assert answer.json()["lead"]["custom_fields"] == {"notes": "x"}
    assert set(answer.json()) == {"lead"}


@pytest.mark.parametrize(
    "second",
    [
        {"contact_email": "ANA@mail.EXAMPLE"},
        {"contact_phone": "+1 206 555 0123"},
        {"contact_phone": "+54 206-555-0123"},
    ],
)
def test_an_email_in_any_case_or_the_last_ten_digits_merge(mega, second):
    first = mega.create({"contact_phone": "(206) 555-0123", "contact_email": "ana@mail.example"})
    mega.now += timedelta(minutes=5)
    merged = mega.create({**second, "source_type": "chat", "stage_slug": "offer"})
    assert merged.status_code == 201
    before, after = first.json()["lead"], merged.json()["lead"]
    assert after["id"] == before["id"]
    assert after["created_at"] == before["created_at"]
    assert after["updated_at"] == "2031-02-03T08:05:00.123Z"
    assert after["source_type"] == before["source_type"]
    assert after["current_stage"] == before["current_stage"]
    assert {**before, **second, "updated_at": after["updated_at"]} == after
    assert mega.dump() == [after]


def test_values_that_are_not_empty_win_a_merge(mega):
    custom = {"notes": "old", "bedrooms": 2}
    mega.create(
        {"contact_name": "Ana", "contact_email": "ana@mail.example", "custom_fields": custom}
    )
    incoming = {"notes": "", "bedrooms": None, "budget": "1", "newsletter": False}
    merged = mega.create(
        {"contact_name": "", "contact_email": "ana@mail.example", "custom_fields": incoming}
    ).json()["lead"]
    assert merged["contact_name"] == "Ana"
    assert merged["custom_fields"] == {**custom, "budget": "1", "newsletter": False}


def test_short_numbers_and_bare_names_never_merge(mega):
    for _ in range(2):
        mega.create({"contact_name": "Ana", "contact_phone": "555-0123"})
    assert len(mega.dump()) == 2


def test_after_a_merge_the_lead_is_found_by_its_new_phone(mega):
    mega.create({"contact_email": "ana@mail.example", "contact_phone": "2065550123"})
    mega.create({"contact_email": "ana@mail.example", "contact_phone": "2065550199"})
    mega.create({"contact_phone": "2065550199"})
    assert len(mega.dump()) == 1
    mega.create({"contact_phone": "2065550123"})
    assert len(mega.dump()) == 2


# --- idempotency


def test_a_repeated_key_gives_the_first_answer_again(mega):
    body = {"contact_name": "Ana"}
    first = mega.create(body, key="order 66")
    mega.now += timedelta(hours=1)
    again = mega.create(body, key="order 66")
    assert (again.status_code, again.content) == (201, first.content)
    assert len(mega.dump()) == 1


def test_a_key_with_another_body_is_409(mega):
    mega.create({"contact_name": "Ana"}, key="k")
    assert_error(mega.create({"contact_name": "Bia"}, key="k"), 409, "api_error")
    assert len(mega.dump()) == 1


def test_a_key_is_counted_per_endpoint_and_customer(mega):
    body = {"contact_name": "Ana"}
    mega.create(body, key="k")
    assert mega.bulk([body], key="k").status_code == 200
    neighbour = {
        "authorization": f"Bearer {mega.simulator.neighbour_key}",
        "x-customer-id": mega.simulator.neighbour.id,
        "idempotency-key": "k",
    }
    assert mega.client.post(LEADS, json={"contact_name": "Z"}, headers=neighbour).status_code == 201


def test_a_refusal_is_not_stored(mega):
    assert_invalid(mega.create({}, key="k"))
    assert mega.create({"contact_name": "Ana"}, key="k").status_code == 201


def test_a_bulk_answer_is_replayed_too(mega):
    first = mega.bulk([{"contact_name": "Ana"}], key="k")
    assert mega.bulk([{"contact_name": "Ana"}], key="k").content == first.content
    assert_error(mega.bulk([{"contact_name": "Bia"}], key="k"), 409, "api_error")
    assert len(mega.dump()) == 1


# --- bulk


def test_bulk_tells_what_became_of_each_row(mega):
    mega.create({"contact_email": "ana@mail.example", "contact_phone": "2065550123"})
    owner = "00000000-0000-4000-8000-000000000000"
    rows = [
        {"row_ref": "a", "contact_email": "ANA@mail.example"},
        {"row_ref": "b", "contact_phone": "+1 (206) 555-0123"},
        {
            "row_ref": "c",
            "contact_name": "New",
            "custom_fields": {"shoe": 1, "hat": 2, "notes": "x"},
        },
        {"row_ref": "d"},
        {"row_ref": "e", "contact_name": "X", "source_type": "fax", "status": "won"},
        {"row_ref": "f", "contact_name": "X", "owner_id": owner},
        {"row_ref": 7, "contact_name": "X"},
        "not a row",
        {"contact_name": "Newer", "custom_fields": {"hat": 1}},
    ]
    answer = mega.bulk(rows).json()
    assert set(answer) == {"dry_run", "summary", "results", "unknown_custom_fields"}
    assert answer["dry_run"] is False
    assert answer["summary"] == {"total": 9, "created": 2, "updated": 2, "skipped": 0, "failed": 5}
    assert answer["unknown_custom_fields"] == ["shoe", "hat"]
    results = answer["results"]
    assert [each["row_ref"] for each in results] == ["a", "b", "c", "d", "e", "f", None, None, None]
    assert [each["matched_by"] for each in results[:3]] == ["email", "phone", None]
    assert results[2]["ignored_custom_fields"] == ["shoe", "hat"]
    assert "ignored_custom_fields" not in results[0]
    assert all(each["lead_id"] is None for each in results if each["status"] == "failed")
    assert len(results[4]["errors"]) == 2
    assert results[0]["errors"] is None
    stored = {lead["id"]: lead for lead in mega.dump()}
    assert len(stored) == 3
    assert stored[results[2]["lead_id"]]["custom_fields"] == {"notes": "x"}


def test_bulk_sets_owner_and_line(mega):
    with Mega(leads=50) as other:
        owner = next(lead["owner"] for lead in other.dump() if lead["owner"])
    mega.bulk([{"contact_name": "Ana", "owner_id": owner["id"], "lead_line": "seller"}])
    assert mega.dump()[0]["owner"] == owner
    found = mega.list(lead_line="seller", include_custom_fields="true").json()["leads"]
    assert [lead["custom_fields"] for lead in found] == [{"lead_line": "seller"}]


def test_on_duplicate_skip_leaves_the_lead_alone(mega):
    mega.create({"contact_name": "Ana", "contact_email": "ana@mail.example"})
    before = mega.dump()
    answer = mega.bulk(
        [{"contact_name": "Anna", "contact_email": "ana@mail.example"}, {"contact_name": "Bia"}],
        on_duplicate="skip",
    ).json()
    assert [each["status"] for each in answer["results"]] == ["skipped", "created"]
    assert answer["results"][0]["lead_id"] == before[0]["id"]
    assert mega.dump()[:1] == before


def test_a_dry_run_tells_the_same_and_writes_nothing(mega):
    mega.create({"contact_name": "Ana", "contact_email": "ana@mail.example"})
    before = mega.dump()
    rows = [
        {"contact_email": "ana@mail.example", "contact_name": "Anna"},
        {"contact_phone": "206 555 0123"},
        {"contact_phone": "(206) 555-0123"},
        {"contact_name": ""},
    ]
    for _ in range(2):  # no answer of a dry run is kept under its key
        dry = mega.bulk(rows, key="k", dry_run=True).json()
        assert dry["dry_run"] is True
        assert [each["status"] for each in dry["results"]] == [
            "created" if each is rows[1] else status
            for each, status in zip(rows, ("updated", "", "updated", "failed"), strict=True)
        ]
        assert dry["results"][0]["lead_id"] == before[0]["id"]
        assert dry["results"][2]["lead_id"] is None
        assert mega.dump() == before
    wet = mega.bulk(rows, key="k").json()
    assert wet["summary"] == dry["summary"]
    assert len(mega.dump()) == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"leads": {}},
        {"leads": []},
        {"leads": [{"contact_name": "A"}] * 501},
        {"leads": [{"contact_name": "A"}], "on_duplicate": "replace"},
        {"leads": [{"contact_name": "A"}], "dry_run": "true"},
        {"leads": [{"contact_name": "A"}], "rows": 1},
    ],
)
def test_a_bad_bulk_call_is_refused_whole(mega, body):
    assert_invalid(mega.client.post(BULK, json=body))
    assert mega.dump() == []


def test_five_hundred_rows_fit(mega):
    answer = mega.bulk([{"contact_name": f"n{number}"} for number in range(500)]).json()
    assert answer["summary"]["created"] == 500
    assert len(mega.dump()) == 500


# --- rate limits


def test_sixty_a_minute_and_a_thousand_an_hour():
    with Mega() as mega:
        first = mega.list()
        told = {name: int(first.headers[f"ratelimit-{name}"]) for name in ("limit", "remaining")}
        assert told == {"limit": 60, "remaining": 59}
        assert first.headers["ratelimit-reset"] == "60"
        assert "retry-after" not in first.headers
        for _ in range(59):
            assert mega.list().status_code == 200
        mega.now += timedelta(seconds=18)
        spent = mega.create({"contact_name": "Ana"})
        assert_error(spent, 429, "rate_limit_error")
        assert (spent.headers["retry-after"], spent.headers["ratelimit-reset"]) == ("42", "42")
        assert spent.headers["ratelimit-remaining"] == "0"
        assert mega.bulk([{"contact_name": "Ana"}]).headers["ratelimit-limit"] == "10"
        assert [mega.bulk([]).status_code for _ in range(10)] == [400] * 9 + [429]
        mega.now += timedelta(seconds=42)
        for _ in range(15):
            for _ in range(60):
                assert mega.list().status_code == 200
            mega.now += timedelta(seconds=60)
        assert [mega.list().status_code for _ in range(41)] == [200] * 40 + [429]
        assert mega.list().headers["ratelimit-limit"] == "1000"


def test_each_key_has_its_own_allowance():
    with Mega() as mega:
        for _ in range(60):
            mega.list()
        reader = {"authorization": f"Bearer {mega.simulator.read_key}"}
        assert mega.list().status_code == 429
        assert mega.client.get(LEADS, headers=reader).status_code == 200


# --- loading


def test_a_loaded_line_is_checked_and_filled(mega):
    mega.load({"contact_name": "Ana"}, {"status": "brand new", "current_stage": None})
    ana, odd = mega.dump()
    assert set(ana) == LEAD_FIELDS | {"custom_fields"}
    assert (ana["customer_id"], ana["status"]) == (mega.settings["customer_id"], "active")
    assert (odd["status"], odd["current_stage"]) == ("brand new", None)
    refused = mega.client.post("/_simulator/leads", content='{"created_at":"2031-01-01T00:00:00Z"}')
    assert refused.status_code == 400
    assert "created_at" in refused.text
