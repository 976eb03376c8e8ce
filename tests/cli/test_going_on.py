"""A job that ended early: the same command, `retry` and `resolve` bring it to its end."""

import json
import shlex

import pytest
from tests.cli.programs import started, until
from tests.transfer.engine.world import without

from leadgateway.errors import JournalError
from leadgateway.journal import Holder
from leadgateway.journal.store import SQLJournal
from leadgateway.transfer import book
from leadgateway_novala.adapter import Novala

V1 = "/api/v1/leads"
JOB = "@apollo_space.json-to-@v1_leads.json"


def sources_of(target):
    return sorted(row["name"] for row in target.dump())


def test_killed_outright_the_same_command_goes_on_and_doubles_nothing(run, pair, saved, tmp_path):
    source, target, words = pair
    # What was on its way when the process died may be executed after the first look for it.
    saved(target, settle_seconds=3)
    target.break_(method="POST", path=V1, after=True, delay=0.3, times=None)
    with started(*words, "--lenient", "--concurrency", "4", cwd=tmp_path) as process:
        until(lambda: len(target.dump()) >= 4)
        process.kill()
    target.mend()
    assert 4 <= len(target.dump()) < 40
    found = run(*words, "--lenient", "--json")
    shown = json.loads(found.stdout)
    assert (shown["read"], shown["counts"]["created"]) == (40, 40)
    assert sources_of(target) == sorted(row["contact_name"] for row in source.dump())


def test_the_same_command_on_a_job_that_is_done_sends_nothing(run, told, pair):
    _, target, words = pair
    told(*words, "--lenient")
    posts = target.asked("POST")
    assert f"Job {JOB} goes on: 40 leads settled, 0 waiting." in run(*words, "--lenient").stdout
    assert target.asked("POST") == posts == 40


def test_a_sample_is_looked_at_and_then_the_rest_follows(run, told, pair):
    _, target, words = pair
    refused = told(*words, "--sample", 5, code=2)
    assert refused["looked_at"] == 40
    again = refused["next"].split()[1:]
    assert "There is more to move" in run(*again).stdout
    assert len(target.dump()) == 5
    rest = [word for word in again if word not in {"--sample", "5"}]
    shown = told(*rest)
    assert (shown["read"], shown["counts"]["created"], len(target.dump())) == (40, 40, 40)


def test_a_bound_is_one_for_what_an_earlier_run_has_read_too(run, told, pair):
    _, target, words = pair
    target.break_(method="POST", path=V1, status=403, body="{}", times=None, skip=5)
    assert told(*words, "--lenient", "--concurrency", 1, code=2)["waiting"] == 35
    target.mend()
    for bound, there in ((3, 5), (8, 8)):
        found = run(*words, "--lenient", "--limit", bound)
        assert len(target.dump()) == there
        assert f"40 read = {40 - there} pending + {there} created" in found.stdout
        assert "There is more to move: the same command without a bound" in found.stdout
        assert "Not finished" in run("report", JOB, "--format", "html").stdout
    assert told(*words, "--lenient")["counts"]["created"] == len(target.dump()) == 40


def test_retrying_a_sample_reads_no_further(told, sites, saved):
    source, target = sites.start("v1_leads"), sites.start("apollo_space")
    source.load(*({"email": f"n{n}@example.com"} for n in range(6)))
    words = ["migrate", "--from", saved(source), "--to", saved(target), "--job", "moves"]
    shown = told(*words, "--lenient", "--sample", 2, code=3)
    assert (shown["read"], shown["counts"]["failed"]) == (2, 2)
    shown = told("retry", "moves", code=3)
    assert (shown["read"], shown["counts"]["failed"]) == (2, 2)


def test_failed_leads_are_tried_again_by_reason_under_the_mended_configuration(
    run, told, sites, saved
):
    source, target = sites.start("v1_leads"), sites.start("novala")
    source.load(*({"name": f"Bo{n}"} for n in range(3)), {"name": "Ana Souza"})
    to = saved(target, fallback_source="import")
    told("migrate", "--from", saved(source), "--to", to, "--job", "moves", "--lenient", code=3)
    saved(target, fallback_source="import", name_placeholder="-")
    found = run("retry", "moves", "--reason", "no such reason", code=3)
    assert "0 failed leads are tried again." in found.stderr
    found = run("retry", "moves", "--reason", "MappingError", "--json")
    assert "3 failed leads are tried again." in found.stderr
    assert json.loads(found.stdout)["counts"]["created"] == len(target.dump()) == 4
    assert "there is no job 'other'" in run("retry", "other", code=2).stderr


@pytest.fixture
def awkward(sites, saved, tmp_path):
    """A move whose names want quotes, from a file one of whose leads cannot go."""
    target = sites.start("novala")
    (tmp_path / "a b.csv").write_text(
        "id,name,email\n1,Ana Souza,ana@example.com\n2,Bo,bo@example.com\n", "utf-8"
    )
    (tmp_path / "c d.toml").write_text("")
    words = ["--config", "c d.toml", "migrate", "--from", "a b.csv", "--journal", "j k.db",
             "--job", "c d;e", "--to", saved(target, fallback_source="import"),
             "--lenient"]  # fmt: skip
    return target, words


def test_the_same_file_by_another_path_is_the_same_source(told, sites, saved, tmp_path, journal):
    target = sites.start("v1_leads")
    (tmp_path / "a.csv").write_text("id,name,email\n1,Ana Souza,ana@example.com\n", "utf-8")
    to = saved(target)
    jobs = []
    for file, where in (
        ("a.csv", to), ("./a.csv", f"@./{to[1:]}"), (tmp_path / "a.csv", f"@{tmp_path / to[1:]}"),
    ):  # fmt: skip
        shown = told("migrate", "--from", file, "--to", where, "--lenient")
        jobs.append((shown["job"], shown["source"], shown["target"]))
    assert set(jobs) == {(f"a.csv-to-{to}", "a.csv", to)}
    assert len(told("jobs")) == len(target.dump()) == 1
    held = ("migrate", "--from", "./a.csv", "--to", to, "--lenient", "--job", "other")
    journal().claim(jobs[0][0], Holder(1, book._here()))
    told(*held, code=5)


def typed(text, line):
    [found] = [each for each in text.splitlines() if line in each]
    return shlex.split(found.partition(f"{line}: ")[2])[1:]


def test_what_is_printed_to_try_again_can_be_typed_as_it_is(run, awkward):
    target, words = awkward
    text = run(*words, code=3).stdout
    retry = typed(text, "To try the failed ones again")
    assert retry == ["--config", "c d.toml", "retry", "c d;e", "--journal", "j k.db"]
    assert typed(run(*retry, code=3).stdout, "To try the failed ones again") == retry
    assert len(target.dump()) == 1


def test_a_lead_mended_at_the_source_is_read_again_by_a_delta_and_not_by_retry(
    run, awkward, tmp_path
):
    target, words = awkward
    text = run(*words, code=3).stdout
    file = tmp_path / "a b.csv"
    file.write_text(file.read_text("utf-8").replace("Bo,", "Bo Berg,"), "utf-8")
    run(*typed(text, "To try the failed ones again"), code=3)
    run(*typed(text, "What was mended at the source"))
    assert {row["lastName"] for row in target.dump()} == {"Souza", "Berg"}


def test_a_delta_moves_what_is_new_or_changed(run, told, pair):
    source, target, words = pair
    assert "run it once without --delta" in run(*words, "--lenient", "--delta", code=2).stderr
    told(*words, "--lenient")
    changed = source.dump()[7]
    source.load(
        {**changed, "contact_name": "Changed Since"},
        {"contact_name": "New Since", "email": "new@example.com"},
    )
    shown = told(*words, "--lenient", "--delta")
    assert shown["job"] == f"{JOB}@2"
    assert shown["read"] == 41
    assert shown["counts"] == {
        "created": 1, "merged": 0, "updated": 1, "skipped": 39, "failed": 0, "unknown": 0,
    }  # fmt: skip
    assert len(target.dump()) == 41
    assert {"Changed Since", "New Since"} <= set(sources_of(target))
    shown = told(*words, "--lenient", "--delta")
    assert (shown["job"], shown["counts"]["skipped"]) == (f"{JOB}@3", 41)


def test_a_delta_goes_on_with_the_run_that_was_not_finished(told, pair):
    _, target, words = pair
    told(*words, "--lenient", "--sample", 4)
    told(*words, "--lenient", "--job", f"{JOB}@elsewhere", "--sample", 1)
    shown = told(*words, "--lenient", "--delta")
    assert (shown["job"], shown["read"], len(target.dump())) == (JOB, 40, 40)


def test_another_configuration_is_refused_until_it_is_wanted(run, told, pair, saved):
    _, target, words = pair
    told(*words, "--lenient", "--sample", 4)
    saved(target, name_placeholder="nobody")
    found = run(*words, "--lenient", code=2)
    assert "under another configuration (changed: target.name_placeholder)" in found.stderr
    assert len(target.dump()) == 4
    assert told(*words, "--lenient", "--new-config")["counts"]["created"] == 40


@pytest.mark.parametrize("side", [0, 1])
def test_a_job_is_not_taken_over_to_another_vendor(run, pair, sites, tmp_path, side):
    *sides, words = pair
    run(*words, "--lenient", "--sample", 4)
    other = sites.start("novala", leads=3)
    settings = {**other.running.settings, "fallback_source": "import"}
    (tmp_path / f"{sides[side].vendor}.json").write_text(json.dumps(settings))
    for more in ((), ("--new-config",)):
        found = run(*words, "--lenient", *more, code=2)
        assert "began between other vendors" in found.stderr
        assert "begin another job with --job NAME" in found.stderr
        assert "go on with --new-config" not in found.stderr
    assert (other.asked("POST"), len(sides[1].dump())) == (0, 4)


def test_a_vendor_that_names_a_day_pauses_the_job_until_then(run, told, pair):
    _, target, words = pair
    target.break_(method="POST", path=V1, status=429, headers={"retry-after": "86400"}, skip=3,
                  body="{}", times=None)  # fmt: skip
    found = run(*words, "--lenient", "--concurrency", 1, "--json", code=75)
    shown = json.loads(found.stdout)
    assert (shown["counts"]["created"], shown["certificate"]["state"]) == (3, "paused")
    assert "the job is paused until" in shown["stopped_by"]
    posts = target.asked("POST")
    run(*words, "--lenient", code=75)
    assert target.asked("POST") == posts


def test_a_job_that_another_process_works_on_is_left_to_it(run, told, pair, journal):
    _, target, words = pair
    told(*words, "--lenient", "--sample", 2)
    journal().claim(JOB, Holder(1, book._here()))
    found = run(*words, "--lenient", code=5)
    assert "leadgateway jobs" in found.stderr
    assert len(target.dump()) == 2


def test_a_journal_that_is_none_ends_it_before_anything_is_read(run, pair, tmp_path):
    source, target, words = pair
    (tmp_path / "notes.db").write_text("this is no journal, but somebody's notes\n" * 40)
    for where in ("notes.db", "notes.db/below.db"):
        run(*words, "--lenient", "--journal", where, code=6)
    assert source.asked() + target.asked() == 0


def test_a_journal_that_breaks_on_the_way_ends_with_6(run, pair, monkeypatch):
    _, target, words = pair
    settle, calls = SQLJournal.settle, iter(range(100))

    def breaking(*words):
        if next(calls) == 3:
            raise JournalError("the disk is full")
        return settle(*words)

    with monkeypatch.context() as broken:
        broken.setattr(SQLJournal, "settle", breaking)
        found = run(*words, "--lenient", "--concurrency", 1, code=6)
    assert "Error: the disk is full" in found.stderr
    run(*words, "--lenient")
    assert len(target.dump()) == 40


def test_a_journal_that_takes_no_job_ends_with_6_before_any_write(run, pair, monkeypatch):
    _, target, words = pair

    def full(*_):
        raise JournalError("the disk is full")

    monkeypatch.setattr(SQLJournal, "open_job", full)
    assert "Error: the disk is full" in run(*words, "--lenient", code=6).stderr
    assert target.asked() == 0


@pytest.fixture
def doubtful(sites, saved, monkeypatch, told):
    """A job of four leads, two of which are in doubt: one arrived, one did not."""
    without(Novala, monkeypatch, lookup=None)
    source, target = sites.start("v1_leads"), sites.start("novala")
    source.load(*({"name": f"Ana {n}", "email": f"ana{n}@example.com"} for n in range(4)))
    words = ["migrate", "--from", saved(source), "--job", "moves", "--lenient", "--concurrency", 1,
             "--to", saved(target, fallback_source="import", name_placeholder="-")]  # fmt: skip
    target.break_(method="POST", path="/api/v1/leads", after=True, raw="", skip=1)
    target.break_(method="POST", path="/api/v1/leads", raw="", skip=1)
    return target, words, told(*words, code=4)


def test_leads_in_doubt_are_named_by_row_and_settled_by_hand(run, told, doubtful):
    target, words, shown = doubtful
    assert (shown["counts"]["created"], shown["counts"]["unknown"]) == (2, 2)
    text = run(*words, code=4).stdout
    assert "In doubt: look in @novala.json, then resolve each row." in text
    assert "leadgateway resolve ROW --created ID, or --resend" in text
    stored = {row["email"]: row["id"] for row in target.dump()}
    table = text[text.index("\nrow ") :].splitlines()[2:4]
    rows = [int(line.split()[0]) for line in table]
    lost = [row for row in rows if f"ana{4 - row}@example.com" not in stored]
    assert (len(rows), len(lost)) == (2, 1)
    [arrived] = set(rows) - set(lost)
    there = stored[f"ana{4 - arrived}@example.com"]
    assert (
        f"Row {arrived} of job moves is created now."
        in run("resolve", arrived, "--created", there).stdout
    )
    assert told("resolve", lost[0], "--resend") == {
        "job": "moves", "row": lost[0], "state": "pending",
    }  # fmt: skip
    assert told(*words)["counts"]["created"] == len(target.dump()) == 4


def test_resolving_wants_one_answer_and_a_row_in_doubt(run, doubtful):
    assert "either --created ID or --resend" in run("resolve", 1, code=2).stderr
    run("resolve", 1, "--created", "x", "--resend", code=2)
    assert "no job of this journal has a row 99" in run("resolve", 99, "--resend", code=2).stderr
