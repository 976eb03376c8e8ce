"""The harness measures what it says: deliveries are counted, ratios are right, no goal is left."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import orjson
import phonenumbers
import pytest
from tests.benchmarks import (
    arrivals,
    contenders,
    corpus,
    environments,
    machine,
    page,
    population,
    programs,
    run,
)
from tests.benchmarks.effort import FULL, QUICK, Effort
from tests.benchmarks.environments import NotInstalled
from tests.benchmarks.findings import Findings, Table
from tests.benchmarks.goals import CLAUSES, verdicts
from tests.benchmarks.moves import Compared, Entrant, compared, race, track
from tests.benchmarks.paired import Spread, ratios, rounds
from tests.benchmarks.programs import Failed, Program, Run, ours
from tests.benchmarks.timed_journal import TimedJournal
from tests.benchmarks.works import quota

from leadgateway.journal.opening import open_journal

GOALS = [f"G{number}" for number in range(1, 11)]


def a_run(
    wall: float, cpu: float, *, busy: float | None = 0.5, start: float = 0.0, width: int = 4
) -> Run:
    return Run(100, width, wall, cpu, wall + start, cpu + start, 1, {}, 0.0, busy)


def findings(**figures: float) -> dict[str, Findings]:
    """Findings in which every clause just holds, but for the figures given by goal."""
    found: dict[str, Findings] = {}
    for clause in CLAUSES:
        enough = clause.least if clause.least is not None else clause.most
        assert enough is not None
        value = figures.get(clause.goal, enough)
        found.setdefault(clause.work, Findings()).figures[clause.figure] = value
    return found


def test_every_goal_is_asked_for_and_every_work_is_run() -> None:
    assert list(verdicts(findings())) == GOALS
    assert {clause.work for clause in CLAUSES} == set(run.WORKS)


def test_a_goal_holds_when_all_its_figures_do() -> None:
    assert all(each.holds for each in verdicts(findings()).values())
    assert [goal for goal, each in verdicts(findings(G3=0.8)).items() if not each.holds] == ["G3"]
    assert [goal for goal, each in verdicts(findings(G7=1.3)).items() if not each.holds] == ["G7"]


def test_a_figure_that_is_missing_does_not_hold_and_says_why() -> None:
    found = findings()
    del found["bulk"].figures["rate / dlt"]
    found["bulk"].missing["rate / dlt"] = "could not be installed"
    verdict = verdicts(found)["G4"]
    assert not verdict.holds
    assert verdict.measured["bulk: rate / dlt"] == "not measured: could not be installed"


def test_only_works_that_were_run_are_judged() -> None:
    assert list(verdicts({"bulk": findings()["bulk"]})) == ["G1", "G4"]


def test_the_last_line_has_goal_measured_and_holds() -> None:
    told = json.loads(json.dumps(verdicts(findings())["G5"].as_json()))
    assert told == {
        "goal": "re-sync: rate / httpx async moving all >= 2; re-sync: rate / own full pass >= 3",
        "measured": {
            "re-sync: rate / httpx async moving all": 2,
            "re-sync: rate / own full pass": 3,
        },
        "holds": True,
    }


def test_ratios_are_formed_within_a_round() -> None:
    found = ratios([2.0, 30.0, 4.0], [1.0, 10.0, 4.0], float)
    assert found == Spread(median=2.0, lowest=1.0, highest=3.0)
    assert str(found) == "2 [1-3]"


def test_those_who_are_compared_run_in_turn() -> None:
    order: list[str] = []
    found = rounds({name: lambda name=name: order.append(name) for name in "abc"}, 3)
    assert "".join(order) == "abccbaabc"
    assert [len(each) for each in found.values()] == [3, 3, 3]


def test_the_smaller_of_wall_and_cpu_counts() -> None:
    mine, theirs = [a_run(1, 1)], [a_run(4, 2, busy=0.95)]
    assert compared(mine, theirs, whole=False).rate == 2
    assert compared(mine, theirs, whole=False).saturated
    assert compared([a_run(2, 0.5)], theirs, whole=False).rate == 2
    assert not compared(mine, [a_run(4, 2, busy=None)], whole=False).saturated


def test_what_a_sequential_rival_waits_is_its_own_unless_the_simulators_bound_it() -> None:
    mine = [a_run(1, 1)]
    assert compared(mine, [a_run(4, 2, width=1)], whole=False).rate == 4
    assert compared(mine, [a_run(4, 2, width=1, busy=0.95)], whole=False).rate == 2


def test_whole_processes_count_where_that_is_asked_for() -> None:
    mine, theirs = [a_run(1, 1, start=1)], [a_run(4, 4, start=6)]
    assert compared(mine, theirs, whole=False).rate == 4
    assert compared(mine, theirs, whole=True).rate == 5


def test_a_bare_loop_and_we_deliver_every_lead(tmp_path: Path) -> None:
    with track("bulk", 60, tmp_path) as where:
        entrants = [
            Entrant("bare", contenders.httpx_async(), 2),
            Entrant("bare, one at a time", contenders.httpx_sync(), 1),
            Entrant("ours", ours(timed=True), 2),
        ]
        runs, failed = race(where, entrants, 1)
        again = where.again(ours(job="again"), 2)
    assert failed == {}
    for each in (*(runs[entrant.label][0] for entrant in entrants), again):
        assert each.leads == 60
        assert 0 < each.cpu <= each.whole_cpu
        assert each.wall <= each.whole_wall
        assert each.peak > 10 * 1024 * 1024
    found = compared(runs["ours"], runs["bare"], whole=False)
    assert isinstance(found, Compared)
    assert found.rate > 0
    assert 0 < runs["ours"][0].told["journal cpu"] < runs["ours"][0].cpu
    assert list(tmp_path.iterdir()) == []


def test_single_creates_come_late_where_they_are_to(tmp_path: Path) -> None:
    with track("single", 4, tmp_path) as where:
        where.late = 0.05
        found = where.once(contenders.httpx_sync(), 1)
    assert found.wall >= 4 * 0.05


LIAR = """
from stopwatch import moving
with moving() as told:
    told["leads"] = 5
"""
FORGETFUL = """
import fields
import httpx
from plain_loop import run
whole = fields.MAPPED["{work}"]
fields.MAPPED["{work}"] = lambda lead: {{k: v for k, v in whole(lead).items() if k != "{lost}"}}
run(lambda headers: httpx.Client(headers=headers))
"""


def forgetful(work: str, lost: str) -> Program:
    code = FORGETFUL.format(work=work, lost=lost)
    return Program.of(f"forgets {lost}", sys.executable, "-c", code)


@pytest.mark.parametrize(
    ("work", "program", "reason"),
    [
        ("single", Program.of("liar", sys.executable, "-c", LIAR), "0 are there"),
        ("single", Program.of("none", sys.executable, "-c", "raise SystemExit(3)"), "with 3"),
        ("single", forgetful("single", "industry"), "5 are there, 0 of them whole"),
        ("bulk", forgetful("bulk", "custom_fields"), "5 are there, 0 of them whole"),
    ],
)
def test_who_does_not_deliver_is_out_of_the_race(
    tmp_path: Path, work: str, program: Program, reason: str
) -> None:
    with track(work, 5, tmp_path) as where:
        with pytest.raises(Failed, match=reason):
            where.once(program, 1)
        runs, failed = race(where, [Entrant("bad", program, 1)], 2)
    assert runs == {}
    assert reason in failed["bad"]


def test_what_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_PATIENCE", 0.2)
    waiting = (sys.executable, "-c", "import time; time.sleep(600)")
    with track("single", 5, tmp_path) as where, pytest.raises(Failed, match="ended with -9, -9"):
        where.once(Program("hanging", (waiting, waiting), {}), 1)


def test_a_rival_that_is_not_installed_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "HOME", tmp_path)
    found = Findings()
    effort = replace(QUICK, only_installed=True)
    assert contenders.able(contenders.PEERS, effort, found) == []
    for name in contenders.PEERS:
        assert found.missing[f"rate / {name}"].startswith("not installed")


def test_what_cannot_be_installed_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "HOME", tmp_path)
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(NotInstalled, match="could not be installed"):
        environments.python("requests", FULL)


def test_an_installed_environment_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "HOME", tmp_path)
    folder = tmp_path / "environments" / "dlt"
    folder.mkdir(parents=True)
    (folder / "installed").write_text("\n".join(environments.REQUIRED["dlt"]))
    assert environments.python("dlt", FULL) == folder / "bin" / "python"


def test_a_journal_is_timed_call_by_call(tmp_path: Path) -> None:
    journal: Any = TimedJournal(open_journal(tmp_path / "journal.db"))
    assert journal.list_jobs() == []
    first = journal.wall
    assert first > 0
    assert list(journal.rows("job")) == []
    assert journal.wall > first
    journal.close()


def is_in_use(phone: corpus.Phone) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(*phone))
    except phonenumbers.NumberParseException:
        return False


def test_the_leads_have_the_size_and_the_fields_that_are_stated() -> None:
    leads = list(population.leads(5, 500))
    assert leads == [*population.leads(5, 500)]
    assert leads[:50] == [*population.leads(5, 50)]
    assert 750 < sum(len(orjson.dumps(each)) for each in leads) / 500 < 850
    assert {len(each) - 1 + len(each["customFields"]) for each in leads} == {32}
    assert {frozenset(each["customFields"]) for each in leads} == {
        frozenset(population.CUSTOM_FIELDS)
    }
    assert {each["customFields"]["country"] for each in leads} == set(corpus.COUNTRIES)


def test_no_lead_would_be_merged_with_another(monkeypatch: pytest.MonkeyPatch) -> None:
    def a_phone(random: Random) -> corpus.Phone:
        return random.choice((f"+49151{random.randrange(300):08}", "n/a")), "DE"

    monkeypatch.setattr(corpus, "a_phone", a_phone)
    monkeypatch.setattr(corpus, "_local", lambda random: f"ana{random.randrange(2)}")
    leads = list(population.leads(5, 300))
    phones = [each["phone"] for each in leads if each["phone"] != "n/a"]
    assert 50 < len(phones) == len(set(phones))
    emails = [each["email"] for each in leads if each["email"] not in corpus.NO_ADDRESSES]
    assert 250 < len(emails) == len({each.casefold() for each in emails})


@pytest.mark.parametrize("work", ["bulk", "single"])
def test_what_is_compared_is_every_field_that_the_target_has(work: str) -> None:
    leads = list(population.leads(5, 3))
    whole = arrivals.wanted(work, leads)
    changed = {
        "bulk": ("firstName", "lastName", "email", "phone", "companyName", "intent", "notes"),
        "single": ("firstName", "lastName", "email", "companyName"),
    }
    for name in changed[work]:
        other = {**leads[0], name: "+14155550123 x@y.zz" if name == "phone" else "x@y.zz"}
        assert (arrivals.wanted(work, [other, *leads[1:]]) & whole).total() == 2
    custom = population.CUSTOM_FIELDS if work == "bulk" else ("industry",)
    for slug in custom:
        other = {**leads[0], "customFields": {**leads[0]["customFields"], slug: "?"}}
        assert (arrivals.wanted(work, [other, *leads[1:]]) & whole).total() == 2


def test_the_corpus_has_the_shares_it_states() -> None:
    phones = corpus.phones(5, 2_000)
    assert phones == corpus.phones(5, 2_000)
    assert 0.35 < sum(text.startswith("+") and " " not in text for text, _ in phones) / 2_000 < 0.45
    assert {country for _, country in phones} == set(corpus.COUNTRIES)
    assert 0.94 < sum(map(is_in_use, phones)) / 2_000 < 0.96
    for text, country in corpus.phones_e164(5, 50):
        assert phonenumbers.is_valid_number(phonenumbers.parse(text, country))
    emails = corpus.emails(5, 2_000)
    assert 0.005 < sum(not text.isascii() for text in emails) / 2_000 < 0.03
    assert all(text.isascii() and "@" in text for text in corpus.emails_ascii(5, 50))


def test_a_kept_run_is_shown_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = findings(G1=0.1)
    found["bulk"].tables.append(Table("Bulk", ("", "leads/s"), [("ours", "9")]))
    found["bulk"].notes.append("A note.")
    del found["single"].figures["rate / dlt"]
    monkeypatch.setattr(page, "PAGE", tmp_path / "page.md")
    page.PAGE.write_text(
        "above\n<!-- measured -->\nstale figures\n<!-- end of measured -->\nbelow\n"
    )
    page.write(json.loads(json.dumps(page.kept(found, FULL))))
    text = page.PAGE.read_text()
    assert text.startswith("above\n")
    assert text.endswith("below\n")
    assert "stale figures" not in text
    assert "| ours | 9 |" in text
    assert "A note." in text
    assert "| G1 | bulk: rate / httpx async | ≥ 0.5 | 0.1 | **no** |" in text
    assert "8 of 10 goals hold" in text


def test_the_page_has_a_place_for_what_was_measured() -> None:
    assert page.shown(page.kept(findings(), FULL)) in page._MEASURED.sub(
        lambda around: f"{around[1]}{page.shown(page.kept(findings(), FULL))}{around[2]}",
        page.PAGE.read_text("utf-8"),
    )


def test_the_quotas_are_asked_for_where_they_are_simulated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quota, "SIMULATION", "tests.benchmarks.no_such_simulation")
    found = quota.measure(QUICK)
    assert found.figures == {}
    assert set(found.missing) == {each.figure for each in CLAUSES if each.work == "quota"}


def test_a_work_that_fails_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(effort: Effort) -> Findings:
        raise Failed("ended with 1")

    monkeypatch.setitem(run.WORKS, "journal", failing)
    found = run.attempted("journal", QUICK)
    verdict = verdicts({"journal": found})["G9"]
    assert "not measured: ended with 1" in run.line("G9", verdict)


def test_a_table_is_shown_in_columns_and_in_markdown() -> None:
    table = Table("T", ("", "b"), [("long", "1"), ("x", "22")])
    assert table.plain() == "      b\nlong  1\nx     22"
    assert table.markdown() == "|  | b |\n| --- | --- |\n| long | 1 |\n| x | 22 |"
