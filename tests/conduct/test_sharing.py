"""Processes that share one quota fill it together, overrun it never, and lose little by dying."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conduct.counting import Aligned, Bucket, OpenedByTheFirst, Sliding
from tests.conduct.virtual import Account, World, answer, read

from leadgateway.capabilities import RatePlan, Window
from leadgateway.conduct import RateMeter, RetryPolicy
from leadgateway.conduct.ledger import Ledger
from leadgateway.conduct.rate import Place
from leadgateway.conduct.sharing import Ended

PATIENT = RetryPolicy(longest_wait=7200.0)
MINUTE, BULK, BURSTING = (Window(60, 60),), (Window(10, 60),), (Window(60, 60, burst=120),)
HOURLY = (Window(60, 60), Window(1000, 3600))


def together(counters, windows, *, requests, processes=2, workers=16, travel=0.3, seed=1):
    """Move by several processes; returns the world, the account and when a request was refused."""
    roads, refusals = random.Random(seed), []

    def vendor(request, at):
        verdicts = [counter.allows(at) for counter in counters]
        if all(verdicts):
            return answer(request)
        refusals.append(at)
        return answer(request, 429, retry_after="1")

    world = World(
        vendor, policy=PATIENT, travel=lambda: roads.uniform(0.01, travel), latency=0.05, seed=seed
    )
    account = Account(world.clock)
    meters = [RateMeter(RatePlan({"default": windows})) for _ in range(processes)]
    for meter in meters:
        meter.share(account, world.clock.monotonic())
    world.run([read()] * requests, workers=workers, meters=meters)
    for meter in meters:
        meter.share(None, world.clock.monotonic())
    return world, account, refusals


@pytest.mark.parametrize("counting", [Aligned, OpenedByTheFirst, Sliding, Bucket])
@pytest.mark.parametrize("processes", [1, 2, 5])
@pytest.mark.parametrize("windows", [MINUTE, BULK], ids=["60/min", "10/min"])
def test_several_processes_fill_a_window_without_a_refusal(counting, processes, windows):
    limit = windows[0].limit
    world, _, refusals = together(
        [counting(limit, 60.0, 13.0)], windows, requests=20 * limit + 1, processes=processes
    )
    assert refusals == []
    assert 20 * 60 / world.sent[-1][0] >= 0.98


def test_minute_and_hour_are_filled_together():
    counters = [Sliding(60, 60.0, 0), Sliding(1000, 3600.0, 0)]
    world, _, refusals = together(counters, HOURLY, requests=2001, processes=3)
    assert refusals == []
    assert 2 * 3600 / world.sent[-1][0] >= 0.98


def test_a_burst_is_shared_too():
    counters = [Bucket(60, 60.0, 0, burst=120), Sliding(120, 60.0, 0)]
    world, _, refusals = together(counters, BURSTING, requests=2000, workers=6)
    assert refusals == []
    assert (2000 - 120) / world.sent[-1][0] >= 0.98


@settings(max_examples=30, deadline=None)
@given(
    counting=st.sampled_from([Aligned, OpenedByTheFirst, Sliding, Bucket]),
    window=st.tuples(st.integers(1, 9), st.sampled_from([1.0, 7.0, 60.0])),
    crowd=st.tuples(st.integers(1, 4), st.integers(1, 12)),
    seed=st.integers(0, 1000),
)
def test_whatever_arrives_within_the_slack_is_never_refused(counting, window, crowd, seed):
    (limit, seconds), (processes, workers) = window, crowd
    _, _, refusals = together(
        [counting(limit, seconds, seed % 60)],
        (Window(limit, seconds),),
        requests=60,
        processes=processes,
        workers=workers,
        travel=min(1.0, seconds * 0.05),
        seed=seed,
    )
    assert refusals == []


def test_a_fast_quota_is_drawn_by_the_handful():
    windows = (Window(6000, 60.0, burst=100),)
    world, account, refusals = together(
        [Bucket(6000, 60.0, 0, burst=100)], windows, requests=1500, workers=60
    )
    assert refusals == []
    assert (1500 - 100) / 100 / world.sent[-1][0] >= 0.95
    assert account.draws < 1500


def test_the_dead_cost_no_more_than_what_they_drew():
    world = World(lambda request, _at: answer(request), policy=PATIENT, latency=0.05)
    account = Account(world.clock)
    dead, alive = (RateMeter(RatePlan({"default": MINUTE})) for _ in range(2))
    for meter in (dead, alive):
        meter.share(account, world.clock.monotonic())
    for _ in range(7):
        assert dead.reserve("default", world.clock.monotonic(), Place()) == 0
    world.run([read()] * 54, workers=4, meters=[alive])
    assert sum(at < 50 for at, _ in world.sent) == 53
    assert 60 < world.sent[-1][0] < 63
    world.run([read()] * 60, workers=4, meters=[alive])
    assert world.sent[-1][0] < 125


def test_what_is_unused_is_given_back():
    clock = World(lambda request, _at: answer(request)).clock
    account = Account(clock)
    first, second = (RateMeter(RatePlan({"default": (Window(60, 60, burst=30),)})) for _ in "12")
    for meter in (first, second):
        meter.share(account, clock.monotonic())
    lines = [Place() for _ in range(40)]
    passed = [first.reserve("default", clock.monotonic(), place) == 0 for place in lines]
    assert 20 <= sum(passed) < 30
    for place in lines:
        if place.number >= 0:
            first.ended("default", place, clock.monotonic())
    first.share(None, clock.monotonic())
    ledger = Ledger.read(account.texts["default"], (Window(60, 60, burst=30),))
    drawn = ledger.draw(60, (), clock.elapsed + account.skew)
    assert drawn.granted + sum(passed) in range(28, 31)


def test_permits_that_are_too_old_are_not_used():
    clock = World(lambda request, _at: answer(request)).clock
    account, plan = Account(clock), RatePlan({"default": (Window(6000, 60),)})
    meter = RateMeter(plan)
    meter.share(account, clock.monotonic())
    place = Place()
    assert meter.reserve("default", clock.monotonic(), place) == 0
    meter.ended("default", place, clock.monotonic())
    clock.elapsed += 0.9
    assert meter.reserve("default", clock.monotonic()) == 0
    assert account.draws == 1
    clock.elapsed += 0.2
    assert meter.reserve("default", clock.monotonic()) == 0
    assert account.draws == 2


def test_sharing_may_end_and_begin_while_requests_are_on_their_way():
    clock = World(lambda request, _at: answer(request)).clock
    meter = RateMeter(RatePlan({"default": MINUTE}))
    meter.share(Account(clock), clock.monotonic())
    meter.reserve("default", clock.monotonic(), place := Place())
    meter.share(None, clock.monotonic())
    assert meter.reserve("default", clock.monotonic()) == 0
    meter.share(Account(clock), clock.monotonic())
    meter.ended("default", place, clock.monotonic())
    assert meter.reserve("default", clock.monotonic()) == 0


def test_an_account_that_fails_at_the_end_is_left_all_the_same():
    class Gone(Account):
        def draw(self, bucket, windows, wanted, ended):
            if not wanted:
                raise ConnectionError
            return super().draw(bucket, windows, wanted, ended)

    clock = World(lambda request, _at: answer(request)).clock
    account, meter = Gone(clock), RateMeter(RatePlan({"a": MINUTE, "b": MINUTE}))
    meter.share(account, clock.monotonic())
    for bucket in "ab":
        place = Place()
        meter.reserve(bucket, clock.monotonic(), place)
        meter.ended(bucket, place, clock.monotonic())
    with pytest.raises(ConnectionError):
        meter.share(None, clock.monotonic())
    before = account.draws
    assert meter.reserve("a", clock.monotonic()) == meter.reserve("b", clock.monotonic()) == 0
    assert account.draws == before


def test_a_bucket_without_a_window_is_not_shared():
    clock = World(lambda request, _at: answer(request)).clock
    account, meter = Account(clock), RateMeter(RatePlan({"default": MINUTE}))
    meter.share(account, clock.monotonic())
    assert meter.reserve("another", clock.monotonic()) == 0
    assert account.draws == 0


def test_an_account_outlives_a_clock_that_is_put_back():
    ledger = Ledger(MINUTE)
    assert ledger.draw(60, (), 1_000_000.0).granted == 60
    again = Ledger.read(ledger.text(), MINUTE)
    assert again.draw(1, (), 1000.0).granted == 0
    assert again.draw(1, (), 1000.0).waits[0] < 63
    assert Ledger.read(again.text(), MINUTE).draw(60, (), 1063.0).granted == 60


def test_a_bursting_account_outlives_it_too():
    ledger = Ledger(BURSTING)
    assert ledger.draw(200, (), 1_000_000.0).granted == 118
    again = Ledger.read(ledger.text(), BURSTING)
    assert again.draw(1, (), 1000.0).granted == 0
    assert again.draw(200, (), 1200.0).granted == 118


def test_an_end_that_is_told_twice_counts_once():
    ledger = Ledger(MINUTE)
    drawn = ledger.draw(10, (), 0.0)
    ended = Ended(drawn.slice, unused=4, ago=0.0)
    assert ledger.draw(0, (ended, ended), 1.0).granted == 0
    assert ledger.draw(60, (ended,), 1.0).granted == 54


def test_a_plan_that_has_changed_keeps_what_it_can_of_the_account():
    ledger = Ledger(MINUTE)
    ledger.draw(10, (), 0.0)
    assert Ledger.read(ledger.text(), BURSTING).draw(200, (), 0.0).granted == 110


def test_a_silence_that_one_process_is_asked_for_is_kept_by_all():
    replies = []

    def vendor(request, at):
        replies.append(at)
        return answer(request, 429 if len(replies) == 3 else 200, retry_after="7")

    world = World(vendor, policy=PATIENT, latency=0.01)
    account = Account(world.clock)
    meters = [RateMeter(RatePlan({"default": (Window(60, 60, burst=1),)})) for _ in range(3)]
    for meter in meters:
        meter.share(account, world.clock.monotonic())
    world.run([read()] * 20, workers=6, meters=meters)
    third = replies[2]
    assert [at for at in replies if third < at < third + 7] == []
    assert len(replies) == 21


def test_a_silence_is_shared_for_a_quarter_of_an_hour_at_most():
    ledger = Ledger(MINUTE)
    ledger.silence(86400.0, 0.0)
    ledger.silence(5.0, 1.0)
    assert ledger.draw(1, (), 1.0).waits == (899.0,)
    again = Ledger.read(ledger.text(), MINUTE)
    assert again.draw(1, (), -1e6).waits == (900.0,)
    assert again.draw(1, (), 900.0).granted == 1
