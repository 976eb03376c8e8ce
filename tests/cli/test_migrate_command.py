"""`leadgateway migrate`: plan, refusal, account, and what each way to end exits with."""

import json

import httpx
import pytest
from tests.cli.programs import started

from leadgateway.cli.asked import Asked
from leadgateway.cli.invocation import Invocation

SUM = ("created", "merged", "updated", "skipped", "failed", "unknown")
ANA = {"firstName": "Ana", "lastName": "Souza"}
V1 = "/api/v1/leads"
JOB = "@apollo_space.json-to-@v1_leads.json"


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


def test_the_command_that_a_lenient_dry_run_names_goes_on_too(run, told, pair):
    _, target, words = pair
    shown = told(*words, "--dry-run", "--lenient")
    assert (shown["dry_run"], shown["looked_at"], shown["refused"]) == (True, 40, [])
    run(*shown["next"].split()[1:])
    assert len(target.dump()) == 40


def test_a_strict_run_refuses_before_the_first_write_and_says_how_to_go_on(run, told, pair):
    _, target, words = pair
    found = run(*words, "--accept", "owner", code=2)
    error, remedy = found.stderr.splitlines()[-2:]
    assert error.startswith("Error: nothing was written: created_at, ")
    again = remedy.removeprefix("To accept that by name: ").split()
    assert "owner" in again[-1]
    assert target.asked() == 0
    shown = told(*words, code=2)
    assert shown["refused"]
    assert (shown["read"], shown["looked_at"], shown["dry_run"]) == (0, 40, False)
    assert shown["exit_code"] == 2
    assert told("jobs") == []
    run(*again[1:])
    assert len(target.dump()) == 40


@pytest.mark.parametrize("where", [None, "deep/j.db", "sqlite:///j.db"])
def test_what_writes_nothing_leaves_no_journal_behind(run, pair, elsewhere, where):
    *_, words = pair
    before = set(elsewhere.iterdir())
    words += ["--journal", where] if where else []
    run(*words, "--dry-run")
    run(*words, code=2)
    assert "run it once without --delta" in run(*words, "--delta", code=2).stderr
    run(*words[:3], "--to", "nowhere", "--lenient", *words[5:], code=2)
    assert set(elsewhere.iterdir()) == before


def test_a_dry_run_beside_a_job_names_it_and_leaves_it_alone(run, told, pair, journal):
    *_, words = pair
    told(*words, "--lenient", "--sample", 3)
    before = [*journal().rows(JOB)]
    assert told(*words, "--dry-run")["job"] == JOB
    assert [*journal().rows(JOB)] == before


def test_the_counts_add_up_to_the_dump_of_the_target(run, pair):
    source, target, words = pair
    found = run(*words, "--lenient", "--json")
    shown = json.loads(found.stdout)
    assert shown["source"] == "@apollo_space.json"
    assert shown["target"] == "@v1_leads.json"
    assert (shown["job"], shown["dry_run"], shown["adds_up"]) == (JOB, False, True)
    assert shown["read"] == sum(shown["counts"][name] for name in SUM) == 40
    assert shown["counts"]["created"] == len(target.dump()) == len(source.dump())
    assert {row["path"] for row in shown["losses"]} >= {"owner", "tags", "value"}
    assert (shown["problems"], shown["not_accepted"], shown["waiting"]) == ([], [], 0)
    assert shown["stopped_by"] is None
    proof = shown["certificate"]
    assert (proof["state"], proof["complete"]) == ("done", True)
    assert proof["verification"]["holds"]
    assert "stop it whenever you like" in found.stderr


def test_problems_are_grouped_by_reason_with_samples(run, told, sites, saved):
    source, target = sites.start("v1_leads"), sites.start("apollo_space")
    source.load(*({"email": f"n{n}@example.com"} for n in range(5)), {"name": "Ana"})
    words = ["migrate", "--from", saved(source), "--to", saved(target)]
    assert "What cannot go at all:" in run(*words, "--dry-run").stdout
    shown = told(*words, "--lenient", code=3)
    (problem,) = shown["problems"]
    assert (problem["outcome"], problem["leads"], len(problem["samples"])) == ("failed", 5, 3)
    text = run(*words, "--lenient", "--job", "again", code=3).stdout
    assert "6 read = 0 created + 0 merged + 0 updated + 1 skipped + 5 failed + 0 unknown" in text
    assert "apollo_space needs contact_name" in text
    assert "unchanged since it was moved" in text
    assert "To try the failed ones again: leadgateway retry again" in text


def test_losses_that_only_the_targets_answers_show_are_told_apart(run, told, sites, saved):
    source, target = sites.start("novala"), sites.start("mega")
    source.load({**ANA, "customFields": {"shoe_size": 41}})
    words = ["migrate", "--from", saved(source), "--to", saved(target)]
    again = told(*words, "--dry-run")["next"].split()[1:]
    text = run(*again).stdout
    assert "Nobody accepted these losses: only @mega.json's own answers showed them." in text
    assert "unknown_custom_field" in text
    shown = told(*again)
    assert [row["reason"] for row in shown["not_accepted"]] == ["unknown_custom_field"]
    assert shown["certificate"]["verification"]["holds"]
    assert told(*again, "--job", "b", "--lenient")["not_accepted"] == []


def test_what_stops_the_work_is_said_with_what_to_do(run, pair):
    _, target, words = pair
    target.break_(method="POST", path=V1, status=403, body="{}", times=None, skip=5)
    found = run(*words, "--lenient", "--concurrency", 1, "--json", code=2)
    shown = json.loads(found.stdout)
    assert (shown["counts"]["created"], shown["certificate"]["state"]) == (5, "running")
    assert "answered 403" in shown["stopped_by"]
    assert "connections check" in found.stderr
    assert shown["waiting"] == shown["read"] - 5 > 0


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


def test_settings_that_cannot_write_are_refused_before_anything_is_read(run, sites, saved):
    source, target = sites.start("v1_leads", leads=2), sites.start("novala")
    token = target.running.settings["token"].replace("sk_", "pk_")
    words = ["migrate", "--from", saved(source), "--to", saved(target, token=token)]
    for mode in ("--lenient", "--dry-run"):
        assert "pk_" in run(*words, mode, code=2).stderr
    assert source.asked() == 0


def test_a_quota_and_what_cannot_be_undone_are_announced(run, sites, saved):
    source, target = sites.start("v1_leads", leads=4), sites.start("mega")
    words = ["migrate", "--from", saved(source), "--to", saved(target, rate_limits=True)]
    found = run(*words, "--lenient")
    assert (
        "Paced by the quota of @mega.json: default: 60/min, 1000/h; bulk: 10/min." in found.stderr
    )
    assert "Cannot be undone by program: Leads that were created stay" in found.stderr


def test_without_verify_nothing_is_read_back(told, pair):
    *_, words = pair
    shown = told(*words, "--lenient", "--no-verify")
    assert shown["certificate"]["verification"] is None


def test_what_is_not_there_when_it_is_read_back_ends_with_1(run, told, pair):
    _, target, words = pair
    told(*words, "--lenient")
    httpx.delete(f"{target.running.url}/_simulator/leads")
    found = run(*words, "--lenient", code=1)
    assert "Read back: 0 of 40 leads are there" in found.stdout
    assert "Not everything is there as announced." in found.stdout


def test_a_target_that_cannot_be_read_back_does_not_cost_the_account(told, pair):
    _, target, words = pair
    target.break_(method="GET", path=V1, status=403, body="{}", times=None, skip=1)
    target.break_(method="GET", path=f"{V1}/{{id}}", status=403, body="{}", times=None)
    shown = told(*words, "--lenient", code=2)
    assert shown["counts"]["created"] == 40
    assert "answered 403" in shown["stopped_by"]


def test_leads_that_the_target_would_merge_wrongly_stay_unless_that_is_allowed(
    run, told, sites, saved
):
    source, target = sites.start("novala"), sites.start("mega")
    # Two valid numbers of two countries that end in the same ten digits.
    source.load({**ANA, "phone": "+55 11 2345-6789"}, {**ANA, "phone": "+91 11 2345 6789"}, ANA)
    words = ["migrate", "--from", saved(source), "--to", saved(target)]
    assert "2 leads are refused unless --allow-merge" in run(*words, "--dry-run").stdout
    assert told(*words, "--dry-run")["merge_risks"] == 2
    shown = told(*words, "--lenient", "--job", "careful", code=3)
    assert (shown["counts"]["created"], shown["counts"]["failed"]) == (1, 2)
    assert "merge_risk" in shown["problems"][0]["reason"]
    shown = told("retry", "careful", code=3)
    assert shown["counts"]["failed"] == 2
    shown = told("retry", "careful", "--allow-merge")
    assert (shown["counts"]["created"], shown["counts"]["merged"]) == (2, 1)
    assert len(target.dump()) == 2
    changed = run(*words, "--lenient", "--job", "careful", code=2).stderr
    assert "under another configuration (changed: policy.allow_merge)" in changed
    told("retry", "careful")  # it still may what it once might
    assert told(*words, "--lenient", "--job", "careful", "--allow-merge")["read"] == 3


def test_the_command_to_go_on_keeps_what_was_asked():
    asked = Asked(
        "a b", "c", journal="j.db", job="moves", dry_run=True, sample=3, limit=7, accept=("tags",),
        concurrency=2, delta=True, new_config=True, allow_merge=True, no_verify=True,
    )  # fmt: skip
    assert asked.again(Invocation(config="x y.toml"), ["name"]) == (
        "leadgateway --config 'x y.toml' migrate --from 'a b' --to c --journal j.db --job moves "
        "--sample 3 --limit 7 --accept name,tags --concurrency 2 "
        "--delta --new_config --allow-merge --no-verify".replace("new_config", "new-config")
    )
    plain = Asked("a", "c", lenient=True)
    assert plain.again(Invocation()) == "leadgateway migrate --from a --to c --lenient"


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_file_is_a_source_like_any_other(told, sites, saved, tmp_path, ending):
    target = sites.start("v1_leads")
    (tmp_path / "leads.csv").write_text(
        "id,name,email\n1,Ana Souza,ana@example.com\n2,Bo Berg,bo@example.com\n"
    )
    where = f"leads.{ending}"
    if ending == "jsonl":
        told("migrate", "--from", "leads.csv", "--to", where, "--lenient")
    shown = told("migrate", "--from", where, "--to", saved(target), "--lenient")
    assert shown["counts"]["created"] == 2
    assert {row["name"] for row in target.dump()} == {"Ana Souza", "Bo Berg"}


def test_a_file_is_a_target_like_any_other(told, pair, tmp_path):
    source, _, words = pair
    shown = told(*words[:3], "--to", "out.jsonl", "--lenient")
    assert shown["counts"]["created"] == 40
    assert len((tmp_path / "out.jsonl").read_text("utf-8").splitlines()) == 40
    assert len(source.dump()) == 40


def test_a_file_that_cannot_be_made_is_named_before_anything_is_staged(run, told, pair, tmp_path):
    *_, words = pair
    said = "no/out.jsonl: the folder of the file does not exist."
    assert said in run(*words[:3], "--to", "no/out.jsonl", "--lenient", code=2).stderr
    [job] = told("jobs")
    assert (job["state"], job["leads"]) == ("stopped", {})


def test_an_error_while_a_file_is_written_names_it(run, pair, tmp_path):
    *_, words = pair
    (tmp_path / "out.jsonl").write_text("no lead\n", "utf-8")
    found = run(*words[:3], "--to", "out.jsonl", "--lenient", code=2)
    assert "Error: out.jsonl: line 1 holds no lead" in found.stderr


def test_a_whole_migration_between_processes(told, tmp_path):
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
        # One of these leads has neither an e-mail nor a company.
        shown = told("migrate", "--from", "@one.json", "--to", "@other.json", "--lenient", code=3)
        stored = httpx.get(f"{url}/_simulator/leads").text.splitlines()
        one.terminate()
        other.terminate()
    assert shown["read"] == sum(shown["counts"].values()) == 120
    assert len(stored) == 5 + shown["counts"]["created"]
