"""A migration that is stopped on the way: no lead is forgotten, none is written unseen."""

import asyncio
import time
from collections import Counter

import pytest

from leadgateway.adapter import Outcome
from leadgateway.mapping import LENIENT
from leadgateway.transfer import Halt, Halted, migrate

LEADS = "/api/v1/leads"


def wait_until(happened):
    for _ in range(4000):
        if happened():
            return
        time.sleep(0.005)
    raise AssertionError("it never happened")


def stopped(sites, source, target, *, patience, when, sleep=None, policy=LENIENT, **terms):
    """Migrate with four workers and wish to stop once `when(asked)` holds."""

    async def main():
        halt = Halt(patience)
        waits = {"sleep": halt.sleep} if sleep is None else {"sleep": sleep}
        async with sites.connected(source, target, **waits, **terms) as (ours, theirs):

            async def watch():
                await asyncio.to_thread(wait_until, when)
                halt.wish()

            watcher = asyncio.create_task(watch())
            try:
                return await migrate(ours, theirs, policy=policy, concurrency=4, halt=halt)
            finally:
                watcher.cancel()

    return asyncio.run(main())


def test_writes_in_flight_end_and_nothing_new_begins(sites):
    source, target = sites.start("apollo_space", leads=60), sites.start("v1_leads")
    target.break_(method="POST", path=LEADS, after=True, delay=0.05, times=None)
    report = stopped(sites, source, target, patience=10, when=lambda: len(target.dump()) >= 8)
    assert isinstance(report.stopped_by, Halted)
    assert set(report.counts) == {Outcome.CREATED}
    assert report.adds_up
    assert 8 <= report.read < 60
    assert report.counts[Outcome.CREATED] == len(target.dump()) == target.asked("POST")


def test_what_outlasts_patience_is_unknown(sites):
    source, target = sites.start("apollo_space", leads=60), sites.start("v1_leads")
    target.break_(method="POST", path=LEADS, after=True, delay=60, times=None, skip=6)
    report = stopped(sites, source, target, patience=0.1, when=lambda: len(target.dump()) >= 6)
    unknown = report.counts[Outcome.UNKNOWN]
    assert report.counts == Counter({Outcome.CREATED: 6, Outcome.UNKNOWN: unknown})
    assert 1 <= unknown <= 4
    assert report.adds_up
    assert {row.reason for row in report.problems} == {"v1_leads: stopped before the answer came"}


def test_who_waits_for_the_quota_waits_no_longer_and_was_never_sent(sites):
    source, target = sites.start("apollo_space", leads=60), sites.start("v1_leads")
    throttle = {"status": 429, "headers": {"retry-after": "600"}, "body": "{}"}
    target.break_(method="POST", path=LEADS, skip=6, times=None, **throttle)
    report = stopped(sites, source, target, patience=60, when=lambda: target.asked("POST") > 6)
    assert report.counts == Counter({Outcome.CREATED: 6})
    assert report.read == len(target.dump()) == 6


def test_a_write_in_doubt_that_waits_for_its_repetition_is_unknown(sites):
    source, target = sites.start("v1_leads", leads=3), sites.start("apollo_space")
    target.break_(method="POST", status=503, headers={"retry-after": "600"}, body="{}", after=True)
    report = stopped(sites, source, target, patience=60, when=lambda: target.asked("POST") > 2)
    assert report.counts[Outcome.UNKNOWN] == 1
    assert report.adds_up
    assert len(target.dump()) == report.read


def test_while_the_source_is_looked_at_nothing_was_written(sites):
    source, target = sites.start("apollo_space", leads=5), sites.start("v1_leads")
    source.break_(method="GET", delay=60, after=True)
    with pytest.raises(Halted):
        stopped(sites, source, target, patience=60, when=lambda: True, policy=LENIENT.__class__())
    assert target.asked() == 0


def test_while_the_next_page_is_read_what_was_written_counts(sites):
    source, target = sites.start("apollo_space", leads=450), sites.start("v1_leads")
    source.break_(method="GET", delay=60, after=True, skip=1)
    report = stopped(sites, source, target, patience=60, when=lambda: len(target.dump()) >= 200)
    assert report.counts == Counter({Outcome.CREATED: 200})
    assert report.adds_up
