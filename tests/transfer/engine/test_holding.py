"""Who may work on a job, and what a resumed job trusts: rows K6 and K10 to K13."""

import asyncio
import json
import os
import subprocess
import sys

import pytest
from tests.services.fault_proxy import edit, lose_response, status_before
from tests.transfer.engine.world import once_each

from leadgateway.errors import BadResponse, ConfigError, JobLocked, JournalError
from leadgateway.exchange import dumps, loads
from leadgateway.journal import Holder, JobRecord
from leadgateway.transfer import book
from leadgateway.transfer.book import claim, hold

ALL = ["apollo_space", "mega", "novala", "v1_leads"]


@pytest.fixture
def journal(world):
    here = world("novala", 2)
    opened = here.journal()
    opened.open_job(JobRecord("job", "from", "to", "{}", "hash"))
    yield here, opened
    opened.close()


def test_k6_a_second_process_is_refused_and_told_who_works_on_the_job(journal):
    here, opened = journal
    opened.claim("job", Holder(1, book._here()))
    ended = here.run()
    assert isinstance(ended.error, JobLocked)
    assert ended.exit_code == 5
    assert (ended.error.pid, ended.error.host) == (1, book._here())
    assert ended.error.age < 60
    assert here.wire.trace == here.from_wire.trace == []


def test_another_job_of_the_same_connections_is_refused_while_one_runs(journal):
    here, opened = journal
    opened.claim("job", Holder(1, book._here()))
    ended = here.run(job="other")
    assert isinstance(ended.error, JobLocked)
    assert ended.exit_code == 5
    assert (ended.error.job, ended.error.wanted) == ("job", "other")
    assert here.wire.trace == here.from_wire.trace == []
    opened.evict("job", Holder(1, book._here()))
    assert here.run(job="other").exit_code == 0


def test_jobs_of_the_same_connections_whose_holders_died_here_are_in_nobodys_way(journal):
    here, opened = journal
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    opened.open_job(JobRecord("second", "from", "to", "{}", "hash"))
    for job in ("job", "second"):
        opened.claim(job, Holder(dead.pid, book._here()))
    assert here.run(job="other").exit_code == 0


def test_a_job_whose_holder_died_here_is_free_at_once(journal):
    _, opened = journal
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    opened.claim("job", Holder(dead.pid, book._here()))
    lease = claim(opened, "job")
    assert lease.fence == 2
    opened.release(lease)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells whether a process has ended")
def test_a_holder_that_died_and_was_not_buried_yet_is_dead(journal):
    _, opened = journal
    dead = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
    os.kill(dead.pid, 0)
    opened.claim("job", Holder(dead.pid, book._here()))
    assert claim(opened, "job").fence == 2
    dead.wait()


@pytest.mark.parametrize("host", ["elsewhere", "localhost/1"])
def test_nobody_judges_whether_a_process_elsewhere_is_dead(journal, host):
    _, opened = journal
    opened.claim("job", Holder(2**22 + 1, host))
    with pytest.raises(JobLocked):
        claim(opened, "job")


def test_a_process_that_may_not_be_asked_is_taken_to_be_alive(journal, monkeypatch):
    _, opened = journal
    opened.claim("job", Holder(4, book._here()))

    def refuse(_pid, _signal):
        raise PermissionError

    monkeypatch.setattr(book.os, "kill", refuse)
    with pytest.raises(JobLocked):
        claim(opened, "job")
    monkeypatch.setattr(book.os, "name", "other")
    assert not book._is_dead(2**22 + 1)


def test_the_lease_is_kept_alive_through_long_waits(journal, monkeypatch):
    _, opened = journal
    monkeypatch.setattr(book, "_HEARTBEAT", 0.01)
    kept = []
    keep = opened.keep

    def counted(lease):
        kept.append(lease)
        if len(kept) == 2:
            raise JournalError("away for a moment")
        keep(lease)

    monkeypatch.setattr(opened, "keep", counted)

    async def wait():
        async with hold(opened, "job"):
            while len(kept) < 4:  # noqa: ASYNC110 - the heart beats by itself
                await asyncio.sleep(0.01)

    asyncio.run(wait())
    assert opened.claim("job", Holder(1, "elsewhere")).fence == 2


def test_after_a_long_standstill_the_lease_is_asked_for_before_anything_is_sent(journal):
    _, opened = journal

    async def frozen():
        async with hold(opened, "job") as held:
            held.confirm()
            held._kept_at = (held._kept_at[0] - 31, held._kept_at[1])
            held.confirm()
            held._kept_at = (held._kept_at[0], held._kept_at[1] - 31)
            opened.evict("job", Holder(book.os.getpid(), book._here()))
            opened.claim("job", Holder(1, "elsewhere"))
            with pytest.raises(JournalError, match="taken"):
                held.confirm()

    asyncio.run(frozen())


def left_in_doubt(here):
    """Run until the only write went without an answer, and nobody looked."""
    here.wire.on(lose_response, times=None)
    here.settings["to"]["settle_seconds"] = 0
    ended = here.run(concurrency=1)
    here.wire.calm()
    return ended


@pytest.mark.parametrize("days", [-2, 2])
@pytest.mark.parametrize("target", ["apollo_space", "mega"])
def test_k10_a_key_is_not_trusted_when_the_clock_was_set(world, target, days):
    here = world(target, 1)
    left_in_doubt(here)
    sent = len(here.wire.passed())
    here.tell("UPDATE leadgateway_intents SET at = at + ?", days * 86400)
    ended = here.run()
    assert here.arrived() == once_each(1)
    # Two days ago by the clock, the lead is younger than its request: it is the one. In two days
    # it is older, which only a clock that was set explains: nobody can be sure, and sending it
    # anew is harmless only where it becomes one with what is there.
    unsure = days > 0
    merges = target == "mega"
    assert len(here.wire.passed()) == sent + (unsure and merges)
    assert ended.exit_code == (4 if unsure and not merges else 0)
    assert [str(row.state) for row in ended.rows] == [
        "created" if not unsure else "merged" if merges else "unknown"
    ]


def test_k10_a_lease_from_the_future_holds_nobody(world):
    here = world("apollo_space", 2)
    assert here.run().exit_code == 0
    here.tell(
        "UPDATE leadgateway_jobs SET lease_until = held_since + 172800, holder_host = 'elsewhere'"
    )
    assert here.run().exit_code == 0


@pytest.mark.parametrize("target", ["apollo_space", "mega"])
def test_k11_after_the_life_of_a_key_rows_are_looked_up_and_not_sent(world, target):
    here = world(target, 2)
    left_in_doubt(here)
    sent = len(here.wire.passed())
    here.tell("UPDATE leadgateway_intents SET at = at - 90000")
    ended = here.run()
    assert ended.exit_code == 0
    assert len(here.wire.passed()) == sent
    assert here.arrived() == once_each(2)


def test_a_list_cut_short_does_not_say_that_a_write_did_not_arrive(world):
    here = world("mega", 2)
    left_in_doubt(here)
    here.tell("UPDATE leadgateway_intents SET at = at - 90000")
    sent = len(here.wire.passed())
    here.wire.on(edit(lambda body: dumps({**loads(body), "leads": []})), "GET", times=None)
    ended = here.run()
    assert isinstance(ended.error, BadResponse)
    assert "ended at 0 of 2" in str(ended.error)
    assert len(here.wire.passed()) == sent
    here.wire.calm()
    assert here.run().exit_code == 0
    assert len(here.wire.passed()) == sent
    assert here.arrived() == once_each(2)


def test_k12_another_configuration_is_refused_until_it_is_wanted(world):
    here = world("novala", 3)
    assert here.run(limit=1).exit_code == 0
    requests = len(here.wire.trace)
    here.settings["to"] |= {"fallback_source": "referral", "settle_seconds": 3}
    ended = here.run()
    assert isinstance(ended.error, ConfigError)
    assert ended.exit_code == 2
    assert "target.fallback_source" in str(ended.error)
    assert "settle_seconds" not in str(ended.error)
    assert "referral" not in str(ended.error)
    assert len(here.wire.trace) == requests
    assert here.run(new_config=True).exit_code == 0
    assert here.run().exit_code == 0
    assert [row["source"] for row in here.target.tenant.leads] == ["import", "referral", "referral"]


def elsewhere(here, end):
    """Let a connection lead to another account of its vendor, as its journal sees it."""
    [(config,)] = here.tell("SELECT config FROM leadgateway_jobs")
    settings = json.loads(config)
    settings[end]["base_url"] = "https://sandbox.example.com"
    here.tell("UPDATE leadgateway_jobs SET config = ?", json.dumps(settings))


@pytest.mark.parametrize("end", ["source", "target"])
def test_connections_that_lead_elsewhere_now_know_no_lead_of_then(world, end):
    here = world("novala", 2)
    assert here.run(limit=1).exit_code == 0
    elsewhere(here, end)
    sent = len(here.wire.trace)
    ended = here.run("another")
    assert isinstance(ended.error, ConfigError)
    assert f"changed: {end}.base_url" in str(ended.error)
    assert "sandbox" not in str(ended.error)
    assert len(here.wire.trace) == sent
    assert here.run("another", new_config=True).counts == {"skipped": 1, "created": 1}
    assert here.run("another").exit_code == 0
    assert here.run("third").counts == {"skipped": 2}


def test_k12_a_job_is_of_two_connections_for_good(world):
    here = world("novala", 1)
    journal = here.journal()
    journal.open_job(JobRecord("job", "from", "somewhere", "{}", "hash"))
    journal.close()
    ended = here.run(new_config=True)
    assert isinstance(ended.error, ConfigError)
    assert "from from to somewhere" in str(ended.error)


@pytest.mark.parametrize("target", ["apollo_space", "mega"])
def test_k13_a_request_leaves_again_as_it_was_committed_whatever_the_rules_are_now(world, target):
    here = world(target, 1)
    left_in_doubt(here)
    relocated = {"relocate": {"name": "custom:notes"}} if target == "mega" else {"region": "BR"}
    here.settings["to"] |= relocated
    ended = here.run(new_config=True)
    assert ended.exit_code == 0
    assert len({(p.body, p.headers["idempotency-key"]) for p in here.wire.passed()}) == 1
    assert here.arrived() == once_each(1)


def test_what_may_be_merged_is_part_of_what_a_job_began_with(world):
    here = world("mega", 2)
    here.wire.on(status_before(403), times=None)
    assert here.run(allow_merge=True).exit_code == 2
    here.wire.calm()
    ended = here.run()
    assert isinstance(ended.error, ConfigError)
    assert "policy.allow_merge" in str(ended.error)
    assert here.wire.passed()[1:] == []
    assert here.run(allow_merge=True).counts == {"created": 2}
    assert here.run(job="other").exit_code == 0
    changed = here.run(job="other", allow_merge=True)
    assert "policy.allow_merge" in str(changed.error)
    assert here.run(job="other", allow_merge=True, new_config=True).exit_code == 0
