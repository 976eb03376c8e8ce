"""The kit over real HTTP: order of checks, strict reading, control paths, faults, lifetime."""

import gc
import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from tests.simulator.sample_vendor import SampleSimulator

from leadgateway.simulator.serve import in_thread, serve

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2031, 2, 3, 8, 0, 0, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def api(clock):
    with in_thread(SampleSimulator(leads=4, seed=7, clock=clock)) as running:
        headers = {"authorization": f"Bearer {running.settings['token']}"}
        with httpx.Client(base_url=running.url, headers=headers) as client:
            yield client


@pytest.fixture
def unmetered():
    with in_thread(SampleSimulator(leads=4, seed=7, rate_limits=False)) as running:
        headers = {"authorization": f"Bearer {running.settings['token']}"}
        with httpx.Client(base_url=running.url, headers=headers) as client:
            yield client


def dump(client):
    return [json.loads(line) for line in client.get("/_simulator/leads").text.splitlines()]


def test_what_is_wrong_first_is_answered_first(unmetered):
    nobody = {"authorization": "Bearer nobody"}
    reads = {"authorization": "Bearer reads"}
    answers = [
        unmetered.post("/v2/leads", headers=nobody),
        unmetered.put("/v1/leads", headers=nobody),
        unmetered.delete("/v1/leads/1", headers=nobody),
        unmetered.post("/v1/leads", headers=nobody),
        unmetered.post("/v1/leads", headers=reads),
        unmetered.post("/v1/leads"),
        unmetered.post("/v1/leads", json={"name": "Ana"}),
    ]
    assert [each.status_code for each in answers] == [404, 405, 405, 401, 403, 400, 201]
    assert answers[1].headers["allow"] == "GET, POST"
    assert all(each.headers["content-type"] == "application/json" for each in answers)
    assert answers[5].json() == {"oops": "the body must be sent as application/json"}


@pytest.mark.parametrize("header", ["Basic reads", "reads", "Bearer", "", "Bearer x reads"])
def test_only_a_bearer_token_is_a_key(unmetered, header):
    assert unmetered.get("/v1/leads", headers={"authorization": header}).status_code == 401


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b'{"name": NaN}', "JSON"),
        (b'{"name": "\xff"}', "JSON"),
        (b"[]", "object"),
        (b"null", "object"),
        (b"{}", "required"),
        (b'{"name": "longer"}', "5 characters"),
        (b'{"name": "Ana", "x": 1}', "unknown field"),
    ],
)
def test_a_body_is_one_strict_json_object(unmetered, body, reason):
    answer = unmetered.post(
        "/v1/leads", content=body, headers={"content-type": "application/json; charset=utf-8"}
    )
    assert answer.status_code == 400
    assert reason in answer.json()["oops"]
    assert len(dump(unmetered)) == 4


@pytest.mark.parametrize("query", ["x=1", "limit=1&limit=2", "limit", "limit=%FF", "=1"])
def test_only_documented_parameters_once_each(unmetered, query):
    assert unmetered.get(f"/v1/leads?{query}").status_code == 400


def test_a_placeholder_is_one_segment_decoded_once(unmetered):
    found = unmetered.get("/v1/leads/a%2Fb%2520c")
    assert (found.status_code, found.json()) == (404, {"oops": "no lead a/b%20c"})
    assert unmetered.get("/v1/leads/").json() == {"oops": "there is nothing at this path"}
    assert unmetered.get("/v1/leads/a/b").json() == {"oops": "there is nothing at this path"}


def test_another_tenants_lead_is_not_there(unmetered):
    lead_id = dump(unmetered)[0]["id"]
    assert unmetered.get(f"/v1/leads/{lead_id}").status_code == 200
    foreign = unmetered.get(f"/v1/leads/{lead_id}", headers={"authorization": "Bearer next-door"})
    assert foreign.status_code == 404


def test_the_date_header_follows_the_injected_clock(api, clock):
    assert api.get("/v1/free").headers["date"] == "Mon, 03 Feb 2031 08:00:00 GMT"
    clock.now += timedelta(seconds=1.5)
    assert api.get("/v1/free").headers["date"] == "Mon, 03 Feb 2031 08:00:01 GMT"


def test_a_spent_allowance_is_429_until_the_clock_has_moved(api, clock):
    answers = [api.get("/v1/leads") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert answers[0].headers["x-left"] == "2"
    assert answers[3].headers["x-wait"] == "60"
    assert answers[3].json() == {"oops": "too many requests"}
    assert api.post("/v1/leads", json={"name": "Ana"}).status_code == 201, "its own bucket"
    assert "x-left" not in api.get("/v1/free").headers
    clock.now += timedelta(seconds=60)
    assert api.get("/v1/leads").status_code == 200


def test_rate_limits_can_be_switched_off(unmetered):
    answers = [unmetered.get("/v1/leads") for _ in range(10)]
    assert {each.status_code for each in answers} == {200}
    assert "x-left" not in answers[0].headers


def test_the_same_seed_gives_the_same_store(unmetered):
    with in_thread(SampleSimulator(leads=4, seed=7)) as running:
        again = httpx.get(f"{running.url}/_simulator/leads").text
    with in_thread(SampleSimulator(leads=4, seed=8)) as running:
        other = httpx.get(f"{running.url}/_simulator/leads").text
    assert unmetered.get("/_simulator/leads").text == again != other


def test_a_dump_loads_again_whole(unmetered):
    lines = unmetered.get("/_simulator/leads").content
    assert unmetered.delete("/_simulator/leads").status_code == 200
    assert dump(unmetered) == []
    assert unmetered.post("/_simulator/leads", content=lines).json() == {"loaded": 4}
    assert unmetered.get("/_simulator/leads").content == lines


def test_a_large_dump_and_load_come_in_pieces(unmetered):
    rows = [json.dumps({"name": f"person {number} {'x' * 100}"}) for number in range(1201)]
    assert unmetered.post("/_simulator/leads", content="\n".join(rows)).json() == {"loaded": 1201}
    dumped = dump(unmetered)
    assert len({row["id"] for row in dumped}) == 1205
    assert [row["name"] for row in dumped[4:]] == [json.loads(row)["name"] for row in rows]


def test_loaded_lines_are_filled_in_the_same_way_each_time(unmetered):
    unmetered.post("/_simulator/leads", content='{"name":"Ana"}\n\n{"name":"Bia"}\n')
    ana, bia = dump(unmetered)[4:]
    assert (ana["created_at"], bia["created_at"]) == (
        "2026-01-01T00:00:01Z",
        "2026-01-01T00:00:02Z",
    )
    renamed = json.dumps(ana | {"name": "Anna"})
    unmetered.post("/_simulator/leads", content=f'{renamed}\n{{"name":"Cy"}}')
    assert [row["name"] for row in dump(unmetered)[4:]] == ["Anna", "Bia", "Cy"]
    with in_thread(SampleSimulator(seed=7)) as running:
        httpx.post(f"{running.url}/_simulator/leads", content='{"name":"Ana"}')
        assert json.loads(httpx.get(f"{running.url}/_simulator/leads").text) == ana


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ('{"name":"Ana"}\n{"name":1}', "line 2: name must be a string"),
        ('{"colour":"red"}', "line 1: unknown field: colour"),
        ("[1]", "one JSON object"),
        ("{", ""),
    ],
)
def test_a_bad_line_loads_nothing(unmetered, lines, reason):
    refused = unmetered.post("/_simulator/leads", content=lines)
    assert refused.status_code == 400
    assert reason in refused.json()["error"]
    assert len(dump(unmetered)) == 4


def test_requests_are_counted_by_template_and_status(unmetered):
    unmetered.get("/v1/leads?limit=1")
    unmetered.get("/v1/leads/a")
    unmetered.get("/v1/leads/b")
    unmetered.get("/nowhere")
    counted = unmetered.get("/_simulator/requests").json()
    assert counted == {
        "total": 4,
        "counts": [
            {"method": "GET", "path": "/v1/leads", "status": 200, "count": 1},
            {"method": "GET", "path": "/v1/leads/{id}", "status": 404, "count": 2},
            {"method": "GET", "path": "", "status": 404, "count": 1},
        ],
        "recent": [
            "GET /v1/leads?limit=1 200",
            "GET /v1/leads/a 404",
            "GET /v1/leads/b 404",
            "GET /nowhere 404",
        ],
    }
    unmetered.delete("/_simulator/requests")
    assert unmetered.get("/_simulator/requests").json()["total"] == 0


def test_other_control_paths_do_not_exist(unmetered):
    assert unmetered.get("/_simulator/everything").status_code == 404


def test_a_fault_before_execution_writes_nothing(unmetered):
    unmetered.post(
        "/_simulator/faults",
        json={"status": 503, "times": 2, "method": "POST", "headers": {"Retry-After": "7"}},
    )
    answers = [unmetered.get("/v1/leads")]
    answers += [unmetered.post("/v1/leads", json={"name": "Ana"}) for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 503, 503, 201]
    assert answers[1].headers["retry-after"] == "7"
    assert len(dump(unmetered)) == 5


def test_a_fault_after_execution_has_written(unmetered):
    unmetered.post("/_simulator/faults", json={"status": 500, "after": True, "body": "<html>"})
    answer = unmetered.post("/v1/leads", json={"name": "Ana"})
    assert (answer.status_code, answer.text) == (500, "<html>")
    assert len(dump(unmetered)) == 5


def test_a_fault_can_change_headers_alone(api):
    api.post("/_simulator/faults", json={"after": True, "headers": {"X-Left": "soon"}})
    answer = api.get("/v1/leads")
    assert (answer.status_code, answer.headers["x-left"], answer.headers["x-wait"]) == (
        200,
        "soon",
        "0",
    )


@pytest.mark.parametrize(("after", "stored"), [(False, 4), (True, 5)])
def test_a_dropped_connection_before_or_after_the_write(unmetered, after, stored):
    unmetered.post("/_simulator/faults", json={"raw": "", "after": after})
    with pytest.raises(httpx.RemoteProtocolError):
        unmetered.post("/v1/leads", json={"name": "Ana"})
    assert len(dump(unmetered)) == stored
    assert unmetered.get("/_simulator/requests").json()["counts"] == [
        {"method": "POST", "path": "/v1/leads", "status": 0, "count": 1}
    ]


def test_an_answer_can_be_cut_short(unmetered):
    cut = "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n[{"
    unmetered.post("/_simulator/faults", json={"raw": cut})
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        unmetered.get("/v1/leads")


def test_faults_choose_their_calls(unmetered):
    fault = {"status": 429, "path": "/v1/leads/{id}", "times": None, "skip": 1, "every": 2}
    unmetered.post("/_simulator/faults", json=fault)
    answers = [unmetered.get(f"/v1/leads/{number}").status_code for number in range(6)]
    assert answers == [404, 429, 404, 429, 404, 429]
    unmetered.post("/_simulator/faults", json={"status": 418, "path": "/v1/leads/x"})
    unmetered.get("/v1/leads/y")
    unmetered.delete("/_simulator/faults")
    assert unmetered.get("/v1/leads/x").status_code == 404


def test_a_fault_can_be_slow(unmetered):
    unmetered.post("/_simulator/faults", json={"after": True, "delay": 0.3})
    with pytest.raises(httpx.ReadTimeout):
        unmetered.get("/v1/leads", timeout=0.05)
    assert unmetered.get("/v1/leads").status_code == 200


@pytest.mark.parametrize(
    "fault", [{"status": 99}, {"when": "now"}, {"delay": "1"}, {"every": 0}, []]
)
def test_a_fault_that_makes_no_sense_is_refused(unmetered, fault):
    assert unmetered.post("/_simulator/faults", json=fault).status_code == 400
    assert unmetered.get("/v1/leads").status_code == 200


def program(*, arguments="leads=3, seed=7"):
    code = (
        "from leadgateway.simulator.serve import serve\n"
        "from tests.simulator.sample_vendor import SampleSimulator\n"
        f"serve(SampleSimulator({arguments}))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_serve_announces_itself_and_ends_cleanly_on_a_signal(ending):
    with program() as process:
        first, second = process.stdout.readline(), process.stdout.readline()
        try:
            url = first.removeprefix("listening on ").strip()
            assert url.startswith("http://127.0.0.1:")
            assert json.loads(second) == {
                "vendor": "sample",
                "token": "reads-and-writes",
                "base_url": f"{url}/v1",
            }
            with httpx.Client() as client:  # an idle kept connection must not hold the server up
                assert len(client.get(f"{url}/_simulator/leads").text.splitlines()) == 3
                process.send_signal(ending)
                assert process.wait(10) == 0
        finally:
            process.kill()


def test_serve_leaves_the_collector_as_it_was_whatever_happens():
    def fails(running):
        raise OSError(running.url)

    frozen = gc.get_freeze_count()
    with pytest.raises(OSError, match="http://127"):
        serve(SampleSimulator(), listening=fails)
    assert gc.get_freeze_count() == frozen


def test_a_block_in_a_thread_ends_with_a_request_still_running(unmetered):
    with in_thread(SampleSimulator()) as running:
        httpx.post(f"{running.url}/_simulator/faults", json={"delay": 0.2, "status": 503})
        with httpx.Client() as client, pytest.raises(httpx.ReadTimeout):
            client.get(f"{running.url}/v1/leads", timeout=0.05)
    with pytest.raises(httpx.ConnectError):
        httpx.get(running.url)
