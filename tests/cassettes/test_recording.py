"""Recording is deterministic, keeps nothing that went wrong, and only reads where it is live."""

import socket
from dataclasses import replace

import httpx
import pytest
from tests.cassettes import recording, scenarios, tape
from tests.cassettes.network import NetworkClosed, closed_network
from tests.cassettes.recording import LIVE, Unexpected, plugins, record, replay
from tests.cassettes.scenario import walk
from tests.cassettes.scenarios import SCENARIOS, goes_live, record_all
from tests.cassettes.scrubbing import KEPT
from tests.cassettes.wire import NotOnTheCassette, WriteRefused

from leadgateway.simulator.serve import in_thread

SYNC = {"asynchronous": False, "client": "httpx"}
ASYNC = {"asynchronous": True, "client": "httpx2"}
LIST = next(s for s in SCENARIOS if s.path == "mega/list.yaml")
CREATE = next(s for s in SCENARIOS if s.path == "mega/create.yaml")


def test_recording_anew_changes_no_file(tmp_path):
    assert len(record_all(tmp_path, {})) == len(SCENARIOS)
    stale = [
        scenario.path
        for scenario in SCENARIOS
        if tape.keep(tmp_path / scenario.path, tape.read(tape.ROOT / scenario.path))
    ]
    assert stale == [], "record them anew: python -m pytest tests/cassettes --record"
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")}
    assert record_all(tmp_path, {}) == []
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")} == before


def test_a_file_keeps_its_date_until_it_says_something_else(tmp_path):
    new, path = record(CREATE), tmp_path / "create.yaml"
    assert tape.keep(path, new)
    later = {**new, "provenance": {**new["provenance"], "date": "2031-01-01", "version": "later"}}
    assert not tape.keep(path, later)
    assert tape.read(path) == new
    assert tape.keep(path, {**later, "outcome": {}})
    assert tape.read(path)["provenance"]["date"] == "2031-01-01"


def test_what_no_scenario_records_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(scenarios, "SCENARIOS", (CREATE,))
    (tmp_path / "mega").mkdir()
    (tmp_path / "mega/forgotten.yaml").touch()
    assert record_all(tmp_path, {}) == ["mega/create.yaml", "mega/forgotten.yaml"]
    assert [path.name for path in tmp_path.rglob("*.yaml")] == ["create.yaml"]


def test_a_scenario_that_ends_otherwise_is_not_kept():
    with pytest.raises(Unexpected, match="ended with 'pages 2\\+1', not with 'pages 3'"):
        record(replace(LIST, ends="pages 3"))


@pytest.mark.parametrize("face", [SYNC, ASYNC], ids=["sync", "async"])
def test_a_request_that_is_not_on_the_cassette_is_named(face):
    other = replace(LIST, call=walk(page_size=1))
    with pytest.raises(NotOnTheCassette, match=r"leads\?.*limit=1"):
        replay(other, tape.ROOT, **face)


@pytest.mark.parametrize(
    "changed",
    [
        {"tampered": {"x-customer-id": None}},
        {"tampered": {"idempotency-key": "another"}},
        {"tampered": {"authorization": None}},
        {"call": lambda connected: connected.create_lead(scenarios.mega_scenarios.RUI)},
    ],
    ids=["tenant", "key", "credential", "body"],
)
def test_headers_and_body_must_be_those_of_the_cassette(changed):
    with pytest.raises(NotOnTheCassette):
        replay(replace(CREATE, **changed), tape.ROOT, **SYNC)


def test_an_exchange_that_is_never_asked_for_fails_the_replay(tmp_path):
    recorded = tape.read(tape.ROOT / CREATE.path)
    recorded["interactions"] *= 2
    tape.keep(tmp_path / CREATE.path, recorded)
    with pytest.raises(AssertionError, match="never asked for"):
        replay(CREATE, tmp_path, **SYNC)


def test_another_ending_than_the_recorded_one_fails_the_replay(tmp_path):
    recorded = tape.read(tape.ROOT / CREATE.path)
    recorded["outcome"]["receipts"][0]["id"] = "another"
    tape.keep(tmp_path / CREATE.path, recorded)
    with pytest.raises(AssertionError, match="another"):
        replay(CREATE, tmp_path, **SYNC)


def test_a_closed_network_lets_nobody_out():
    with closed_network() as attempts, pytest.raises(NetworkClosed):
        socket.create_connection(("127.0.0.1", 9))
    assert attempts
    with closed_network() as attempts, pytest.raises(httpx.ConnectError):
        httpx.get("http://127.0.0.1:9")
    assert attempts


class Live:
    """A simulator that stands in for a live vendor: other people, other keys, the real clock."""

    def __init__(self, vendor):
        self.vendor = vendor
        self.simulator = plugins().simulators()[vendor](leads=3, seed=99)
        self.scenarios = tuple(s for s in SCENARIOS if s.vendor == vendor and s.live)
        self.personal = self._personal()

    def environ(self, running, **more):
        stem = f"LEADGATEWAY_LIVE_{self.vendor.upper()}_"
        settings = {k: v for k, v in running.settings.items() if k != "vendor"}
        return {**{stem + name.upper(): value for name, value in settings.items()}, **more}

    def _personal(self):
        """Return what of the account must not be on a cassette."""
        rows = list(self.simulator.tenant.leads)
        texts = {str(v) for row in rows for k, v in row.items() if k not in KEPT and v}
        return {*texts, *self.simulator.keys, self.simulator.tenant.id} - {"{}", "[]", "True"}


@pytest.fixture(params=plugins().vendors())
def live(request, monkeypatch):
    stand_in = Live(request.param)
    monkeypatch.setattr(scenarios, "SCENARIOS", stand_in.scenarios)
    return stand_in


def methods(running):
    counts = httpx.get(f"{running.url}/_simulator/requests").json()["counts"]
    return {row["method"] for row in counts}


def check_live(live, root, names):
    for scenario in live.scenarios:
        recorded = tape.read(root / scenario.path)
        assert recorded["provenance"]["origin"].startswith(LIVE) == (scenario.name in names)
        if scenario.name in names:
            text = (root / scenario.path).read_text("utf-8") + repr(recorded)
            assert {each for each in live.personal if len(each) > 3 and each in text} == set()
        with closed_network() as attempts:
            replay(scenario, root, **SYNC)
            replay(scenario, root, **ASYNC)
        assert attempts == []


def test_a_live_account_is_only_read_and_nobody_in_it_is_recognizable(live, tmp_path):
    with in_thread(live.simulator) as running:
        record_all(tmp_path, live.environ(running))
        assert methods(running) == {"GET"}
    check_live(live, tmp_path, {s.name for s in live.scenarios if s.live == "read"})


def test_a_live_account_is_written_to_when_that_is_asked_for(live, tmp_path):
    held = len(live.simulator.tenant.leads)
    with in_thread(live.simulator) as running:
        record_all(tmp_path, live.environ(running, LEADGATEWAY_LIVE_WRITES="1"))
    assert len(live.simulator.tenant.leads) > held
    check_live(live, tmp_path, {s.name for s in live.scenarios})


def test_a_live_recording_is_not_replaced_by_a_simulated_one(live, tmp_path):
    with in_thread(live.simulator) as running:
        record_all(tmp_path, live.environ(running))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")}
    assert record_all(tmp_path, {}) == []
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")} == before


def test_nothing_goes_live_by_itself():
    assert not any(goes_live(scenario, {"LEADGATEWAY_LIVE_WRITES": "1"}) for scenario in SCENARIOS)
    assert not any(goes_live(s, {"LEADGATEWAY_MEGA_TOKEN": "x"}) for s in SCENARIOS)


def test_a_reading_scenario_that_writes_after_all_sends_nothing(live, tmp_path):
    write = next(s for s in live.scenarios if s.name == "create")
    with in_thread(live.simulator) as running, pytest.raises(WriteRefused):
        recording.record_live(replace(write, live="read"), live.environ(running))
    assert len(live.simulator.tenant.leads) == 3
