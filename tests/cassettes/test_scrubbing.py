"""Nothing that opens a door, and nothing live that says something of a person, is on a cassette."""

import json
import re
from datetime import timedelta

import pytest
from tests.cassettes import scrubbing, tape
from tests.cassettes.clock import VirtualClock
from tests.cassettes.recording import plugins, simulator
from tests.cassettes.scenarios import SCENARIOS
from tests.cassettes.scrubbing import FOREIGN, OWN, LiveScrubber, Scrubber
from vcr.request import Request

FILES = tuple(tape.ROOT / scenario.path for scenario in SCENARIOS)
CREDENTIALS = re.compile(
    r"mega_[0-9a-z]{6}|mega_whsec_|whsec_|eal_(live|test)_|[sp]k_(live|test)_"
    r"|eyJ[\w-]+\.[\w-]+\.|Bearer |Basic |[0-9a-f]{32}|AKIA[0-9A-Z]{16}|-----BEGIN"
    r"|(?i:set-cookie|api[-_]?key|passw|client_secret|refresh_token|access_token)"
)


def texts(value):
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


def everything(path):
    """Return all the texts of a file: as parsed, since a folded line would hide one, and raw."""
    return "\n".join([*texts(tape.read(path)), path.read_text("utf-8")])


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_cassette_holds_nothing_that_looks_like_a_credential(path):
    assert CREDENTIALS.search(everything(path)) is None


@pytest.mark.parametrize("vendor", plugins().vendors())
def test_no_cassette_holds_a_key_or_tenant_of_the_simulator(vendor):
    secrets = set()
    for scenario in (s for s in SCENARIOS if s.vendor == vendor):
        staged = simulator(scenario, VirtualClock())
        secrets |= {*staged.keys, staged.tenant.id, staged.neighbour.id, *staged.settings.values()}
        if scenario.settings is not None:
            secrets |= {v for k, v in scenario.settings(staged).items() if k == "token"}
    secrets = {secret for secret in secrets if isinstance(secret, str)} - {vendor, "BRL"}
    assert secrets
    found = "\n".join(map(everything, (tape.ROOT / vendor).rglob("*.yaml")))
    assert {secret for secret in secrets if secret in found} == set()


def test_every_header_on_a_cassette_is_on_the_allow_list():
    requests, responses = set(), set()
    for path in FILES:
        for exchange in tape.read(path)["interactions"]:
            requests |= exchange["request"]["headers"].keys()
            responses |= exchange["response"]["headers"].keys()
            for name in exchange["request"]["headers"].keys() & scrubbing.MASKED.keys():
                assert exchange["request"]["headers"][name] == [scrubbing.MASKED[name]]
    assert requests == scrubbing.REQUEST_HEADERS | scrubbing.MASKED.keys()
    assert responses >= scrubbing.RESPONSE_HEADERS | {"ratelimit-limit", "x-ratelimit-remaining"}
    extra = responses - scrubbing.RESPONSE_HEADERS
    assert all(name.startswith(scrubbing.RESPONSE_PREFIXES) for name in extra)


NAMES = {"sk_live_canary": scrubbing.CREDENTIAL, "tenant-7": OWN, "tenant-77": FOREIGN}


def a_request(**headers):
    headers = {"Authorization": "Bearer sk_live_canary", **headers}
    uri = "http://127.0.0.1:4711/v1/leads?owner=tenant-77"
    return Request("POST", uri, b'{"who":"tenant-7","name":"Ana"}', headers)


def test_a_request_loses_its_host_its_secrets_and_every_header_nobody_allowed():
    scrubbed = Scrubber("a_b", NAMES).request(
        a_request(**{"X-Secret": "canary", "Cookie": "canary", "Accept": "*/*"})
    )
    assert scrubbed.uri == f"https://a-b.test/v1/leads?owner={FOREIGN}"
    assert dict(scrubbed.headers) == {"accept": "*/*", "authorization": scrubbing.CREDENTIAL}
    assert scrubbed.body == f'{{"who":"{OWN}","name":"Ana"}}'.encode()


def test_scrubbing_twice_changes_nothing_more():
    scrubber = Scrubber("mega", NAMES)
    once = scrubber.request(a_request())
    first = once._to_dict()
    assert scrubber.request(once)._to_dict() == first


def test_an_answer_loses_every_header_nobody_allowed():
    answer = {
        "status": {"code": 200, "message": "OK"},
        "headers": {"Set-Cookie": ["canary"], "RateLimit-Limit": ["60"], "Date": ["now"]},
        "body": {"string": b'{"token":"sk_live_canary"}'},
    }
    scrubbed = Scrubber("mega", NAMES).response(answer)
    assert scrubbed["headers"] == {"ratelimit-limit": ["60"], "date": ["now"]}
    assert scrubbed["body"] == {"string": b'{"token":"[credential]"}'}


ROW = {
    "id": "lead-1",
    "contact_name": "Grace Hopper",
    "contact_email": "Grace@Navy.example",
    "contact_phone": "(212) 555-0199",
    "emails": ["Grace@Navy.example", "g@navy.example"],
    "notes": "",
    "customer_id": "tenant-7",
    "custom_fields": {"mobile": 2125550199, "vip": True, "kin": None},
    "score": 41,
    "created_at": "2026-01-01T00:00:00Z",
}


def test_of_a_live_answer_only_what_is_allowed_keeps_its_value():
    scrubber = LiveScrubber("mega", NAMES)
    cleaned = json.loads(scrubber.body(json.dumps({"leads": [ROW, ROW]}).encode()))["leads"]
    assert cleaned[0] == cleaned[1]
    assert cleaned[0] == {
        "id": "lead-1",
        "contact_name": "text 1",
        "contact_email": "person.2@example.com",
        "contact_phone": "+12025550003",
        "emails": ["person.2@example.com", "person.4@example.com"],
        "notes": "",
        "customer_id": OWN,
        "custom_fields": {"mobile": 0, "vip": True, "kin": None},
        "score": 41,
        "created_at": "2026-01-01T00:00:00Z",
    }


def test_a_live_answer_that_is_no_json_is_not_kept_at_all():
    assert LiveScrubber("mega", {}).body(b"<p>Grace Hopper</p>") == b"[no JSON]"


def test_what_we_sent_ourselves_comes_back_as_it_left():
    scrubber = LiveScrubber("mega", NAMES)
    scrubber.request(a_request())
    assert scrubber.body(b'{"name":"Ana","other":"Eve"}') == b'{"name":"Ana","other":"text 1"}'


def test_the_invented_people_of_a_simulator_stay():
    staged = simulator(SCENARIOS[0], VirtualClock())
    row = json.dumps(next(iter(staged.tenant.leads)), ensure_ascii=False).encode()
    kept = json.loads(Scrubber.of_simulator(staged).body(row))
    assert kept == {**json.loads(row), "pipeline_id": kept["pipeline_id"]}


def test_a_renewed_token_is_scrubbed_too():
    staged = simulator(SCENARIOS[0], VirtualClock())
    token = staged.sign_in(timedelta(hours=1))
    assert Scrubber.of_simulator(staged).text(f"x{token}x") == f"x{scrubbing.CREDENTIAL}x"
