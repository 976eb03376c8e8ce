"""`jobs`, `verify`, `undo`, `report` and `journal purge`: what is left of a job and its data."""

import csv
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser

import httpx
import pytest

from leadgateway.journal import Holder, JobRecord
from leadgateway.journal.opening import open_journal
from leadgateway.transfer import book
from leadgateway.transfer.undo import CSV_HEADER

FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def done(told, pair):
    """A job named `moves` that is done."""
    source, target, words = pair
    told(*words, "--lenient", "--job", "moves")
    return source, target, words


def test_where_no_journal_is_there_are_no_jobs(run, told, elsewhere):
    assert told("jobs") == []
    assert run("jobs").stdout.split() == ["job", "from", "to", "state", "begun", "leads"]
    assert list(elsewhere.iterdir()) == []


def test_jobs_are_listed_with_what_they_came_to(run, told, done):
    [job] = told("jobs")
    assert (job["job"], job["state"], job["leads"]) == ("moves", "done", {"created": 40})
    assert job["begun"].endswith("Z")
    assert "40 created" in run("jobs").stdout


def test_a_job_that_nobody_works_on_is_stopped(run, told, pair, journal):
    _, target, words = pair
    target.break_(method="POST", path="/api/v1/leads", status=403, body="{}", times=None)
    told(*words, "--lenient", "--job", "moves", code=2)
    [job] = told("jobs")
    assert (job["state"], job["held_by"]) == ("stopped", None)
    shown = run("jobs").stdout
    assert " stopped " in shown
    assert "the command that began it goes on with it" in shown
    assert ", stopped: 40 read" in run("report", "moves").stdout

    journal().claim("moves", Holder(4711, "elsewhere"))
    [job] = told("jobs")
    assert (job["state"], job["held_by"]) == ("running", {"pid": 4711, "host": "elsewhere"})
    shown = run("jobs").stdout
    assert "running in process 4711 on elsewhere" in shown
    assert "began it" not in shown
    assert ", running: 40 read" in run("report", "moves").stdout


def test_a_job_whose_process_is_no_more_is_stopped_at_once(told, done, journal):
    journal().open_job(JobRecord("died", "a", "b", "{}", "hash"))
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    journal().claim("died", Holder(process.pid, book._here()))
    assert {job["job"]: job["state"] for job in told("jobs")} == {
        "moves": "done",
        "died": "stopped",
    }


def test_the_journal_is_where_one_says(told, pair, tmp_path, monkeypatch):
    _, _, words = pair
    told(*words, "--lenient", "--sample", 1, "--journal", "other.db")
    assert len(told("jobs", "--journal", "other.db")) == 1
    assert not (tmp_path / ".leadgateway").exists()
    monkeypatch.setenv("LEADGATEWAY_JOURNAL", "other.db")
    assert len(told("jobs")) == 1


def test_what_was_written_holds_until_somebody_edits_it(run, told, done):
    _, target, _ = done
    found = told("verify", "moves")
    assert (found["holds"], found["expected"], found["found"]) == (True, 40, 40)
    assert "differs only as announced" in run("verify", "moves").stdout
    row = target.dump()[3]
    target.load({**row, "name": "Somebody Else"})
    found = told("verify", "moves", code=1)
    assert (found["holds"], found["found"]) == (False, 40)
    assert [path for path, *_ in found["faults"]] == ["name"]
    shown = run("verify", "moves", code=1).stdout
    assert "Not everything is there as announced." in shown
    httpx.delete(f"{target.running.url}/_simulator/leads")
    found = told("verify", "moves", code=1)
    assert (found["found"], found["missing"][0][1]) == (0, 40)
    assert "missing at the target" in run("verify", "moves", code=1).stdout


def test_a_job_that_is_not_there_is_named_with_those_that_are(run, done):
    for command in ("verify", "undo", "report", "retry"):
        found = run(command, "move", code=2)
        assert "there is no job 'move' in this journal. Jobs: moves." in found.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("report",),
        ("verify",),
        ("undo",),
        ("retry",),
        ("journal", "purge"),
        ("resolve", "--resend"),
    ],
)
def test_what_only_looks_at_a_journal_makes_none(run, elsewhere, words):
    found = run(*words, "1", "--journal", "new.db", code=2)
    assert "there is no journal at new.db: name another with --journal." in found.stderr
    assert list(elsewhere.iterdir()) == []


def test_a_journal_without_jobs_is_told_from_none(run, elsewhere):
    open_journal(elsewhere / "new.db").close()
    assert "Jobs: none." in run("report", "x", "--journal", "new.db", code=2).stderr


def test_undo_looks_first_and_lists_what_stays(run, told, done, tmp_path):
    _, target, _ = done
    before = target.dump()
    found = told("undo", "moves", "--dry-run", code=3)
    assert (found["dry_run"], sum(found["fates"].values()), len(found["left"])) == (True, 40, 40)
    assert "would be" in run("undo", "moves", "--dry-run", code=3).stdout
    shown = run("undo", "moves", "--csv", "left.csv", code=3)
    assert "What stays:" in shown.stdout
    assert "the vendor documents no delete" in shown.stdout
    assert "40 leads written to left.csv." in shown.stderr
    rows = list(csv.reader(io.StringIO((tmp_path / "left.csv").read_text("utf-8"))))
    assert (tuple(rows[0]), len(rows)) == (CSV_HEADER, 41)
    assert target.dump() == before
    assert "cannot be written" in run("undo", "moves", "--csv", "no/left.csv", code=2).stderr


def test_what_a_delta_changed_is_put_back(told, done):
    source, target, words = done
    row = source.dump()[7]
    source.load({**row, "contact_name": "Changed Since"})
    told(*words, "--lenient", "--job", "moves", "--delta")
    assert "Changed Since" in {each["name"] for each in target.dump()}
    found = told("undo", "moves@2")
    assert (found["fates"], found["left"]) == ({"restored": 1}, [])
    assert row["contact_name"] in {each["name"] for each in target.dump()}


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.seen = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)


def told_by(form, text):
    """How many leads a report in this form accounts for."""
    if form == "json":
        return json.loads(text)["outcomes"]["created"]
    if form == "jsonl":
        return sum(json.loads(line)["outcome"] == "created" for line in text.splitlines())
    if form == "csv":
        return sum(row["outcome"] == "created" for row in csv.DictReader(io.StringIO(text)))
    if form == "html":
        assert {"html", "table", "svg"} <= Tags(text).seen
    return 40 if "40 created" in text or ">40</b>created" in text else 0


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "html"])
def test_a_report_has_five_forms_on_stdout_and_in_a_file(run, done, tmp_path, form):
    text = run("report", "moves", "--format", form).stdout_bytes.decode()
    assert told_by(form, text) == 40
    assert run("report", "moves", "--format", form, "--output", "out").stdout == ""
    assert (tmp_path / "out").read_bytes().decode() == text


@pytest.mark.parametrize("words", [(), ("--output", "out"), ("--format", "csv")])
def test_a_report_that_reads_back_ends_as_verify_does(run, done, words):
    _, target, _ = done
    run("report", "moves", "--verify", *words)
    target.load({**target.dump()[3], "name": "Somebody Else"})
    run("report", "moves", "--verify", *words, code=1)
    run("report", "moves", *words)


def test_a_report_tells_what_was_read_back_the_last_time_and_when(run, told, pair):
    _, target, words = pair
    told(*words, "--lenient", "--no-verify", "--job", "moves")
    bare = json.loads(run("report", "moves", "--format", "json").stdout)
    assert (bare["verification"], bare["verified_at"]) == (None, None)
    assert "Read back" not in run("report", "moves").stdout
    told("verify", "moves")
    first = json.loads(run("report", "moves", "--format", "json").stdout)
    assert first["verification"]["holds"]
    assert first["verification"]["fields"]["name"] == {
        "agreeing": 40, "as_announced": 0, "faults": 0,
    }  # fmt: skip
    shown = run("report", "moves").stdout
    assert "Read back: 40 of 40" in shown
    assert re.search(r"^name +40 +0 +0$", shown, re.MULTILINE)
    assert re.search(r"^That was on \d{4}-\d\d-\d\d at \d\d:\d\d:\d\d UTC\.$", shown, re.MULTILINE)
    target.load({**target.dump()[3], "name": "Somebody Else"})
    html = run("report", "moves", "--format", "html").stdout
    assert "Read back from the target" in html
    assert "40 of 40 leads found again" in html
    proved = json.loads(run("report", "moves", "--format", "json", "--verify", code=1).stdout)
    assert (proved["complete"], proved["verification"]["holds"]) == (True, False)
    assert proved["verified_at"] > first["verified_at"] > first["finished_at"]
    assert proved["digest"] == bare["digest"]
    assert json.loads(run("report", "moves", "--format", "json").stdout) == proved


def test_what_was_read_back_before_a_job_went_on_is_told_so(run, told, pair):
    *_, words = pair
    told(*words, "--lenient", "--sample", 3, "--job", "moves")
    assert "gone on since" not in run("report", "moves").stdout
    shown = run(*words, "--lenient", "--no-verify", "--job", "moves").stdout
    assert "Read back: 3 of 3 leads are there" in shown
    assert "UTC. The job has gone on since, or has not ended." in shown
    assert "gone on since" in run("report", "moves", "--format", "html").stdout
    assert "That was on" not in run(*words, "--lenient", "--job", "moves").stdout


def test_no_cell_of_a_report_or_of_what_stays_starts_a_formula(run, told, sites, saved, tmp_path):
    target = sites.start("v1_leads")
    (tmp_path / "leads.csv").write_text(f"id,name,email\n{FORMULA},Ana Souza,ana@example.com\n")
    told("migrate", "--from", "leads.csv", "--to", saved(target), "--lenient", "--job", "f")
    report = run("report", "f", "--format", "csv").stdout
    run("undo", "f", "--csv", "left.csv", code=3)
    for text in (report, (tmp_path / "left.csv").read_text("utf-8")):
        [row] = csv.DictReader(io.StringIO(text))
        assert row["source_id"] == f"'{FORMULA}"


def test_purged_data_is_gone_and_the_report_still_stands(run, told, done, tmp_path):
    source, *_ = done
    held = (tmp_path / ".leadgateway" / "journal.db").read_bytes()
    name = source.dump()[0]["contact_name"].encode()
    assert name in held
    before = run("report", "moves", "--format", "json").stdout
    assert told("journal", "purge", "moves") == {"job": "moves", "purged": 40}
    assert run("report", "moves", "--format", "json").stdout == before
    assert "The data of" in run("journal", "purge", "moves").stdout
    assert told("verify", "moves")["compared"] == 0


def test_a_job_that_brought_nothing_has_nothing_to_read_back(run, told, sites, saved):
    source, target = sites.start("v1_leads"), sites.start("apollo_space")
    words = ["migrate", "--from", saved(source), "--to", saved(target), "--lenient", "--job", "x"]
    said = "Nothing to read back: no lead of this job is at the target."
    shown = run(*words).stdout
    assert said in shown
    assert "0 of 0" not in shown
    assert "Everything is there" not in shown
    assert run("verify", "x").stdout.split("\n")[1] == said
    assert told("verify", "x")["holds"]


def test_where_every_lead_shares_one_no_empty_table_of_fields_is_shown(run, sites, saved):
    source, target = sites.start("novala"), sites.start("mega")
    source.load(*[{"firstName": "Ana", "lastName": "Souza", "email": "ana@example.com"}] * 2)
    words = ["migrate", "--from", saved(source), "--to", saved(target), "--lenient"]
    shown = run(*words).stdout
    assert "Read back: 2 of 2 leads are there; 0 compared, 2 share a lead with others." in shown
    assert "\nfield  agree" not in shown
