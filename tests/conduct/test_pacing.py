"""The quota is filled and never overrun, however the vendor counts and however answers travel."""

import random
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conduct.counting import Aligned, Bucket, OpenedByTheFirst, Sliding
from tests.conduct.virtual import World, answer, read

from leadgateway.capabilities import RatePlan, Window
from leadgateway.conduct import RetryPolicy
from leadgateway.conduct.limits import Stretch

PATIENT = RetryPolicy(longest_wait=7200.0)


def moved(counters, windows, *, requests, workers, travel, latency, bucket="default"):
    """Send so many requests to a vendor that counts; returns the world and the refusals."""
    refusals = []

    def vendor(request, at):
        verdicts = [counter.allows(at) for counter in counters]
        if all(verdicts):
            return answer(request)
        refusals.append(at)
        return answer(request, 429, retry_after="1")

    world = World(
        vendor, plan=RatePlan({bucket: windows}), policy=PATIENT, travel=travel, latency=latency
    )
    world.run([read(bucket)] * requests, workers=workers)
    return world, refusals


@pytest.mark.parametrize("counting", [Aligned, OpenedByTheFirst, Sliding, Bucket])
@pytest.mark.parametrize("workers", [1, 8, 64])
@pytest.mark.parametrize(("limit", "bucket"), [(60, "default"), (10, "bulk")])
def test_no_way_of_counting_refuses_and_the_quota_is_filled(counting, workers, limit, bucket):
    for phase in (0.0, 17.0, 59.9):
        roads = random.Random(phase)
        world, refusals = moved(
            [counting(limit, 60.0, phase)],
            (Window(limit, 60),),
            requests=20 * limit + 1,
            workers=workers,
            travel=lambda roads=roads: roads.uniform(0.01, 0.6),
            latency=0.2,
            bucket=bucket,
        )
        assert refusals == []
        assert 20 * 60 / world.sent[-1][0] >= 0.98


@pytest.mark.parametrize("counting", [Aligned, OpenedByTheFirst, Sliding])
def test_minute_and_hour_together_are_filled_and_never_overrun(counting):
    roads = random.Random(4)
    counters = [counting(60, 60.0, 11.0), counting(1000, 3600.0, 700.0)]
    world, refusals = moved(
        counters,
        (Window(60, 60), Window(1000, 3600)),
        requests=4001,
        workers=16,
        travel=lambda: roads.uniform(0.01, 0.9),
        latency=0.05,
    )
    assert refusals == []
    assert 4 * 3600 / world.sent[-1][0] >= 0.98


@pytest.mark.parametrize("workers", [1, 16])
def test_both_readings_of_a_burst_are_kept_and_the_quota_is_filled(workers):
    roads = random.Random(5)
    counters = [Bucket(60, 60.0, 0.0, burst=120), Sliding(120, 60.0, 0.0)]
    world, refusals = moved(
        counters,
        (Window(60, 60, burst=120),),
        requests=3000,
        workers=workers,
        travel=lambda: roads.uniform(0.01, 0.9),
        latency=0.05,
    )
    assert refusals == []
    assert (3000 - 120) / world.sent[-1][0] >= 0.98


@settings(max_examples=40, deadline=None)
@given(
    counting=st.sampled_from([Aligned, OpenedByTheFirst, Sliding, Bucket]),
    window=st.tuples(st.integers(1, 9), st.sampled_from([1.0, 7.0, 60.0])),
    phase=st.floats(0, 60),
    workers=st.integers(1, 12),
    seed=st.integers(0, 1000),
)
def test_what_arrives_within_the_slack_is_never_refused(counting, window, phase, workers, seed):
    roads, (limit, seconds) = random.Random(seed), window
    most = Stretch(Window(limit, seconds)).late
    _, refusals = moved(
        [counting(limit, seconds, phase)],
        (Window(limit, seconds),),
        requests=60,
        workers=workers,
        travel=lambda: roads.choice([0.0, most / 2, most]) * roads.random(),
        latency=roads.random() * seconds / 2,
    )
    assert refusals == []


def test_a_request_that_is_answered_late_counts_up_to_its_answer_but_not_for_ever():
    stretch = Stretch(Window(1, 60.0))
    stretch.take(0.0)
    assert stretch.wait(0, 0.0) == pytest.approx(61.03)
    stretch.arrived(0, 0.25)
    assert stretch.wait(0, 0.25) == pytest.approx(60.03)
    stretch.arrived(0, 30.0)
    assert stretch.wait(0, 0.25) == pytest.approx(60.03)


def test_an_answer_to_a_request_that_is_past_all_windows_changes_nothing():
    stretch = Stretch(Window(1, 60.0))
    stretch.take(0.0)
    stretch.take(100.0)
    stretch.arrived(0, 101.0)
    assert stretch.wait(0, 101.0) == pytest.approx(60.03)


def test_sixty_four_workers_wait_about_once_a_request_and_leave_in_their_order():
    left = {}

    def vendor(request, at):
        left[int(request.params[0][1])] = at
        return answer(request)

    plan = RatePlan({"default": (Window(60, 60, burst=60),)})
    world = World(vendor, plan=plan, policy=PATIENT, latency=0.05)
    world.run([read()._replace(params=(("n", str(n)),)) for n in range(2000)], workers=64)
    assert len(world.waits) <= 2.1 * 2000
    assert all(left[n] <= left[n + 1] + 0.01 for n in range(1999))


def test_windows_that_end_at_once_for_all_wake_nobody_in_vain():
    world = World(
        lambda request, _at: answer(request),
        plan=RatePlan({"default": (Window(10, 60),)}),
        policy=PATIENT,
        latency=0.05,
    )
    world.run([read()] * 1000, workers=64)
    assert len(world.waits) <= 2.2 * 1000


class Neighbour:
    """A window of which somebody else has used a part; it tells what is left."""

    def __init__(self, taken, every=1):
        self.window, self.taken, self.every, self.calls = (
            OpenedByTheFirst(60, 60.0, 0),
            taken,
            every,
            0,
        )

    def __call__(self, request, at):
        opened = self.window.opened
        allowed = self.window.allows(at)
        if self.window.opened != opened:
            self.window.calls += self.taken
        left = max(0, 60 - self.window.calls)
        reset = ceil(self.window.opened + 60 - at)
        told = {"ratelimit_remaining": str(left), "ratelimit_reset": str(reset)}
        return answer(request, 200 if allowed else 429, **told)


@pytest.mark.parametrize("workers", [1, 8])
def test_a_quota_that_somebody_else_uses_too_is_shared_without_a_refusal(workers):
    vendor = Neighbour(taken=25)
    statuses = []

    def told(request, at):
        reply = vendor(request, at)
        statuses.append(reply.status)
        return reply

    world = World(told, plan=RatePlan({"default": (Window(60, 60),)}), policy=PATIENT, latency=0.1)
    world.run([read()] * 350, workers=workers)
    assert set(statuses) == {200}
    assert world.sent[-1][0] == pytest.approx(9 * 60, rel=0.03)


def test_the_vendors_count_of_our_own_requests_holds_nothing_back():
    vendor = Neighbour(taken=0)
    world = World(
        vendor,
        plan=RatePlan({"default": (Window(60, 60),)}),
        policy=PATIENT,
        travel=lambda: 0.1,
        latency=0.4,
    )
    world.run([read()] * 601, workers=1)
    assert 600 / world.sent[-1][0] >= 0.98
