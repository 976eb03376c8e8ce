"""`leadgateway migrate`: plan, refusal, account; Ctrl-C and SIGTERM on the way."""

import json
import signal

import httpx
import pytest
from tests.cli.programs import PATIENCE, started, until

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.moving import Asked
from leadgateway.transfer.report import MigrationReport

SUM = ("created", "merged", "updated", "skipped", "failed", "unknown")
V1 = "/api/v1/leads"


@pytest.fixture
def pair(sites, saved):
    """Forty leads in one simulator, none in the other, and what to call them."""
    source, target = sites.start("apollo_space", leads=40), sites.start("v1_leads")
    return source, target, ["migrate", "--from", saved(source), "--to", saved(target)]


def test_a_dry_run_plans_and_names_the_command_that_goes_on(run, pair):
    _, target, words = pair
    shown = run(*words, "--dry-run", "--limit", 30).stdout
    assert "@apollo_space.json -> @v1_leads.json: 30 leads read." in shown
    assert "read_only" in shown
    again = shown.splitlines()[-1].partition("To move them: ")[2].split()
    assert again[:2] == ["leadgateway", "migrate"]
    assert target.asked() == 0
    run(*again[1:])
    assert len(target.dump()) == 30


def test_a_strict_run_refuses_before_the_first_write_and_says_how_to_go_on(run, pair):
    _, target, words = pair
    found = run(*words, "--accept", "owner", code=2)
    error, remedy = found.stderr.splitlines()[-2:]
    assert error.startswith("Error: nothing was written: created_at, ")
    again = remedy.removeprefix("To accept that by name: ").split()
    assert "owner" in again[-1]
    assert target.asked() == 0
    shown = json.loads(run(*words, "--json", code=2).stdout)
    assert shown["refused"]
    assert (shown["read"], shown["exit_code"], shown["resumable"]) == (0, 2, False)
    found = run(*again[1:])
    assert "cannot be resumed" in found.stderr
    assert len(target.dump()) == 40


def test_the_counts_add_up_to_the_dump_of_the_target(run, pair):
    source, target, words = pair
    found = run(*words, "--lenient", "--json")
    shown = json.loads(found.stdout)
    assert shown["source"] == "@apollo_space.json"
    assert shown["target"] == "@v1_leads.json"
    assert not shown["dry_run"]
    assert shown["adds_up"]
    assert shown["read"] == sum(shown["counts"][name] for name in SUM) == 40
    assert shown["counts"]["created"] == len(target.dump()) == len(source.dump())
    assert {row["path"] for row in shown["losses"]} >= {"owner", "tags", "value"}
    assert shown["problems"] == []
    assert shown["stopped_by"] is None


def test_problems_are_grouped_by_reason_with_samples(run, sites, saved):
    source, target = sites.start("v1_leads"), sites.start("apollo_space")
    source.load(*({"email": f"n{n}@example.com"} for n in range(5)), {"name": "Ana"})
    words = ["migrate", "--from", saved(source), "--to", saved(target)]
    plan = run(*words, "--dry-run").stdout
    assert "What cannot go at all:" in plan
    shown = json.loads(run(*words, "--lenient", "--json", code=3).stdout)
    (problem,) = shown["problems"]
    assert (problem["outcome"], problem["leads"], len(problem["samples"])) == ("failed", 5, 3)
    text = run(*words, "--lenient", code=3).stdout
    assert "6 read = 1 created + 0 merged + 0 updated + 0 skipped + 5 failed + 0 unknown" in text
    assert "apollo_space needs contact_name" in text
    assert "What was lost:" in text


def test_an_unknown_outcome_is_named_and_ends_with_4(run, pair):
    _, target, words = pair
    target.break_(method="POST", path=V1, after=True, raw="", skip=3)
    shown = run(*words, "--lenient", code=4).stdout
    assert "39 created + 0 merged + 0 updated + 0 skipped + 0 failed + 1 unknown" in shown
    assert "Look in @v1_leads.json" in shown


def test_what_stops_the_work_is_said_with_what_to_do(run, pair):
    _, target, words = pair
    target.break_(method="POST", path=V1, status=403, body="{}", times=None, skip=5)
    found = run(*words, "--lenient", "--concurrency", 1, "--json", code=2)
    shown = json.loads(found.stdout)
    assert shown["counts"]["created"] == 5
    assert "answered 403" in shown["stopped_by"]
    assert "connections check" in found.stderr


def test_the_same_connection_is_no_source_and_target(run, pair, tmp_path):
    _, target, words = pair
    one = words[2]
    assert "same connection" in run("migrate", "--from", one, "--to", one, code=2).stderr
    (tmp_path / "copy.json").write_bytes((tmp_path / one[1:]).read_bytes())
    assert "same connection" in run(*words[:3], "--to", "@copy.json", code=2).stderr
    assert target.asked() == 0


def test_a_wrong_field_name_or_number_is_a_usage_error(run, pair):
    _, target, words = pair
    assert "'compny' is no field" in run(*words, "--accept", "compny", code=2).stderr
    run(*words, "--concurrency", 0, code=2)
    run("migrate", "--to", words[-1], code=2)
    assert target.asked() == 0


def test_settings_that_cannot_write_are_refused_unless_it_is_a_dry_run(run, sites, saved):
    source, target = sites.start("v1_leads", leads=2), sites.start("novala")
    token = target.running.settings["token"].replace("sk_", "pk_")
    words = ["migrate", "--from", saved(source), "--to", saved(target, token=token)]
    assert "pk_" in run(*words, "--lenient", code=2).stderr
    run(*words, "--dry-run")
    assert source.asked() == 1


def test_a_quota_and_a_merging_target_are_announced(run, sites, saved):
    source, target = sites.start("v1_leads", leads=4), sites.start("mega")
    words = ["migrate", "--from", saved(source), "--to", saved(target, rate_limits=True)]
    found = run(*words, "--lenient")
    assert (
        "Paced by the quota of @mega.json: default: 60/min, 1000/h; bulk: 10/min." in found.stderr
    )
    assert "merges by the same e-mail" in found.stderr


def test_an_account_that_does_not_add_up_is_a_fault_of_ours(run, pair, monkeypatch):
    *_, words = pair
    monkeypatch.setattr(MigrationReport, "adds_up", False)
    assert "does not add up" in run(*words, "--lenient", code=1).stderr


def test_the_command_to_go_on_keeps_what_was_asked():
    asked = Asked("a b", "c", dry_run=True, limit=0, accept=(), lenient=False, concurrency=8)
    invocation = Invocation(config="x y.toml")
    assert asked.again(invocation, ["name", "tags"]) == (
        "leadgateway --config 'x y.toml' migrate --from 'a b' --to c --limit 0 --accept name,tags"
    )
    assert asked.again(Invocation(), []) == "leadgateway migrate --from 'a b' --to c --limit 0"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_lets_writes_end_and_prints_the_account(pair, tmp_path, number, code):
    _, target, words = pair
    target.break_(method="POST", path=V1, after=True, delay=0.3, times=None)
    words = [*words, "--lenient", "--json", "--concurrency", "4"]
    with started(*words, cwd=tmp_path) as process:
        until(lambda: len(target.dump()) >= 4)
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code, err
    shown = json.loads(out)
    assert shown["exit_code"] == code
    assert shown["adds_up"]
    assert 4 <= shown["read"] < 40
    assert shown["counts"]["created"] == shown["read"] == len(target.dump())
    assert "writes in flight get 10 seconds" in err
    assert "Traceback" not in err


def test_a_signal_while_the_source_is_looked_at_ends_it_at_once(sites, saved, tmp_path):
    source, target = sites.start("apollo_space", leads=210), sites.start("v1_leads")
    source.break_(method="GET", delay=600, after=True, skip=1)
    words = ["migrate", "--from", saved(source), "--to", saved(target)]
    with started(*words, cwd=tmp_path) as process:
        until(lambda: source.asked("GET"))
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143, err
    assert "0 read = 0 created" in out
    assert target.asked() == 0


def test_a_whole_migration_between_processes(run, tmp_path):
    with (
        started("simulate", "mega", "--leads", "120", "--seed", "7", "--no-rate-limits",
                "--save", "one.json", cwd=tmp_path) as one,
        started("simulate", "v1_leads", "--leads", "5", "--seed", "8", "--no-rate-limits",
                "--save", "other.json", cwd=tmp_path) as other,
    ):  # fmt: skip
        one.stdout.readline()
        url = other.stdout.readline().split()[-1]
        other.stdout.readline()
        one.stdout.readline()
        words = ["migrate", "--from", "@one.json", "--to", "@other.json", "--lenient", "--json"]
        # One of these leads has neither an e-mail nor a company.
        shown = json.loads(run(*words, code=3).stdout)
        stored = httpx.get(f"{url}/_simulator/leads").text.splitlines()
        one.terminate()
        other.terminate()
    assert shown["read"] == sum(shown["counts"].values()) == 120
    assert len(stored) == 5 + shown["counts"]["created"]
