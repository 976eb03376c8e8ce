"""The quota: never more than any window allows, every worker heeds the vendor, retries are few."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conduct.virtual import World, answer, asking, read, scripted, write

from leadgateway.capabilities import RatePlan, Window
from leadgateway.conduct import NeedToken, RateMeter, RetryPolicy, RetryQuota, Wait
from leadgateway.conduct.rate import Place
from leadgateway.conduct.retry import decide
from leadgateway.errors import OutcomeUnknown, RateLimited, Unavailable
from leadgateway.exchange import Effect, Interrupted, Response

PATIENT = RetryPolicy(longest_wait=7200.0)
HOURLY = RatePlan(
    {"default": (Window(60, 60.0), Window(1000, 3600.0)), "bulk": (Window(10, 60.0),)}
)
BURSTING = RatePlan({"default": (Window(60, 60.0, burst=120),)})


def most_within(times, seconds):
    """The largest number of `times` in any stretch of `seconds` that excludes its end."""
    most, first = 0, 0
    for last, at in enumerate(times):
        while at - times[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def test_minute_and_hour_windows_both_hold():
    world = World(scripted(200), plan=HOURLY, policy=PATIENT, latency=0.02)
    world.run([read()] * 2100, workers=4)
    times = [at for at, _ in world.sent]
    assert len(times) == 2100
    assert most_within(times, 60.0) == 60
    assert most_within(times, 3600.0) == 1000
    assert times[-1] < 2 * 3600 + 130


def test_buckets_do_not_share_a_quota():
    world = World(scripted(200), plan=HOURLY, policy=PATIENT)
    world.run([read("bulk"), read()] * 40, workers=80)
    bulk = [at for at, request in world.sent if request.bucket == "bulk"]
    single = [at for at, request in world.sent if request.bucket == "default"]
    assert most_within(bulk, 60.0) == 10
    assert bulk[-1] >= 180
    assert {*single} == {0.0}


def test_a_wait_for_the_hourly_quota_pauses_instead_of_sleeping():
    world = World(scripted(200), plan=HOURLY)
    results = world.run([read()] * 1001)
    limited = results[-1]
    assert isinstance(limited, RateLimited)
    assert limited.status is None
    assert (limited.retry_at - world.clock.start).total_seconds() == pytest.approx(3600, abs=3)
    assert len(world.sent) == 1000


def test_a_burst_passes_at_once_and_then_the_steady_rate_holds():
    world = World(scripted(200), plan=BURSTING)
    world.run([read()] * 300, workers=8)
    times = [at for at, _ in world.sent]
    assert sum(at == 0 for at in times) == 119
    assert most_within(times, 60.0) == 120
    assert all(later - sooner >= 0.99 for sooner, later in pairwise(times[180:]))
    assert times[-1] == pytest.approx(181, abs=1)


def test_a_small_burst_within_a_window_holds_as_well():
    plan = RatePlan({"default": (Window(60, 60.0, burst=10),)})
    world = World(scripted(200), plan=plan)
    world.run([read()] * 130, workers=3)
    times = [at for at, _ in world.sent]
    assert sum(at == 0 for at in times) == 9
    assert most_within(times, 60.0) == 60


@settings(max_examples=40)
@given(
    st.lists(
        st.builds(
            Window,
            limit=st.integers(1, 8),
            seconds=st.floats(0.1, 20),
            burst=st.none() | st.integers(1, 12),
        ),
        min_size=1,
        max_size=3,
    ),
    st.lists(st.floats(0, 5), min_size=1, max_size=60),
)
def test_no_window_is_ever_exceeded(windows, pauses):
    meter = RateMeter(RatePlan({"default": tuple(windows)}))
    now, times = 0.0, []
    for pause in pauses:
        now += pause
        while (wait := meter.reserve("default", now)) > 0:
            now += wait
        times.append(now)
    for window in windows:
        assert most_within(times, window.seconds - 1e-6) <= max(window.limit, window.burst or 0)
        if window.burst is not None:
            per_second = window.limit / window.seconds
            for i, start in enumerate(times):
                for j in range(i, len(times)):
                    room = window.burst + (times[j] - start) * per_second
                    assert j - i + 1 <= room + 1e-3


def test_an_unknown_plan_starts_unlimited():
    world = World(scripted(200))
    world.run([read()] * 500, workers=5)
    assert {at for at, _ in world.sent} == {0.0}


def test_retry_after_silences_every_worker():
    def vendor(request, at):
        return answer(request, 429, retry_after="7") if 3 <= at < 10 else answer(request)

    world = World(vendor, latency=0.5)
    results = world.run([write()] * 60, workers=4)
    assert [each.status for each in results] == [200] * 60
    throttled = [at for at, _ in world.sent if at + 0.5 > 3.4 and at < 10]
    first = min(at for at, _ in world.sent if at >= 3)
    silent = [at for at, _ in world.sent if first + 0.5 < at < first + 7.5]
    assert silent == []
    assert len(throttled) <= 5
    woken = sorted(at for at, _ in world.sent if at >= first + 7.5)[:4]
    assert all(at <= first + 7.5 + 2 for at in woken)
    assert len(set(woken)) == 4


def test_workers_that_heard_of_a_silence_do_not_wake_as_one():
    replies = iter([429])

    def vendor(request, _at):
        return answer(request, next(replies, 200), retry_after="7")

    world = World(vendor, latency=0.1)
    world.run([read()] * 8, workers=4)
    woken = [at for at, _ in world.sent if at > 0]
    assert len(woken) == 5
    assert all(7 <= at <= 8.3 for at in woken)
    assert len(set(woken)) == 5


def test_silence_in_one_bucket_leaves_the_others_alone():
    def vendor(request, at):
        throttled = request.bucket == "bulk" and at < 30
        return answer(request, 429, retry_after="30") if throttled else answer(request)

    world = World(vendor, latency=0.1)
    world.run([read("bulk"), *[read()] * 20], workers=2)
    assert sum(request.bucket == "default" and at < 5 for at, request in world.sent) == 20


def test_throttling_without_a_header_silences_the_bucket_too():
    world = World(scripted(429, 200), chance=lambda: 0.5, latency=0.1)
    world.run([read()] * 2)
    assert [at for at, _ in world.sent] == pytest.approx([0, 0.6, 0.7])
    assert world.meter.blocked("default", 1000.55)
    assert world.meter.reserve("default", 1000.55) == pytest.approx(0.05)


def test_every_third_call_throttled_delays_all_and_loses_none():
    calls = Counter()

    def vendor(request, _at):
        calls["all"] += 1
        return answer(request, 429, retry_after="1") if calls["all"] % 3 == 0 else answer(request)

    world = World(vendor, latency=0.05)
    results = world.run([write()] * 200, workers=4)
    assert [each.status for each in results] == [200] * 200
    assert len(world.sent) <= 1.5 * 200


@pytest.mark.parametrize(
    ("outcome", "effect", "error"),
    [
        (503, Effect.KEYED, OutcomeUnknown),
        (503, Effect.READ, None),
        (503, Effect.ONCE, None),
        (429, Effect.ONCE, RateLimited),
        (Interrupted("down", sent=False), Effect.ONCE, Unavailable),
    ],
    ids=str,
)
def test_a_target_that_is_down_is_not_hammered(outcome, effect, error):
    world = World(scripted(outcome), latency=0.02)
    results = world.run([write(effect)] * 200, workers=4)
    assert all(type(each) is (error or Response) for each in results)
    ceiling = 1.2 if outcome != 429 else 1.7
    assert len(world.sent) <= ceiling * 200


def test_a_target_that_stumbles_does_not_use_the_quota_up():
    calls = Counter()

    def vendor(request, _at):
        calls["all"] += 1
        return answer(request, 503 if calls["all"] % 2 else 200)

    world = World(vendor)
    assert [each.status for each in world.run([read()] * 300)] == [200] * 300


def test_the_quota_is_bounded():
    quota = RetryQuota(reserve=5, per_request=1.0, most=7)
    for _ in range(10):
        quota.earn()
    quota.give_back(50)
    assert quota.take(7)
    assert not quota.take(1)


def meter_after(*observations, plan=None):
    """A meter after requests that left as one and were answered, when and how it says."""
    meter = RateMeter(plan or RatePlan())
    places = [Place() for _ in observations]
    for place in places:
        assert meter.reserve("default", 0, place) == 0
    for place, (now, headers) in zip(places, observations, strict=True):
        meter.ended("default", place, now)
        response = Response(200, tuple(headers.items()), b"", read())
        meter.observe("default", response, now, place)
    return meter


def left(meter, now):
    """How many requests pass at `now`."""
    count = 0
    while count < 1000 and meter.reserve("default", now) == 0:
        count += 1
    return count


def limits(remaining, reset):
    return {"ratelimit-remaining": str(remaining), "ratelimit-reset": str(reset)}


def test_the_vendors_own_count_is_followed_until_its_reset():
    meter = meter_after((0, limits(5, 42)))
    assert left(meter, 1) == 5
    assert meter.reserve("default", 2) == 40
    assert left(meter, 43) == 1000


def test_late_answers_do_not_raise_the_count_of_one_window():
    assert left(meter_after((0, limits(3, 42)), (1, limits(9, 41))), 2) == 2


def test_a_new_window_starts_a_new_count():
    assert left(meter_after((0, limits(0, 5)), (4.9, limits(59, 60))), 5) == 59
    assert left(meter_after((0, limits(0, 5)), (6, limits(59, 60))), 7) == 59


def test_an_unsaid_reset_waits_for_the_next_place():
    none_left = {"x-ratelimit-remaining": "0"}
    assert meter_after((0, none_left), plan=BURSTING).reserve("default", 0) == 1.0
    assert meter_after((0, none_left)).reserve("default", 0.25) == 0.75
    assert left(meter_after((0, {"x-ratelimit-remaining": "3"})), 0) == 1000


@pytest.mark.parametrize("odd", ["", "-1", "1.5", "nan", "٣", "9" * 5000])
def test_odd_counts_are_ignored(odd):
    for headers in (limits(odd, 60), limits(0, odd), {"x-ratelimit-remaining": odd}):
        assert left(meter_after((0, headers)), 0) == 1000


def test_retry_after_wins_over_the_reset():
    headers = {"retry_after": "30", "ratelimit_remaining": "0", "ratelimit_reset": "42"}
    world = World(scripted((429, headers), 200), chance=lambda: 0.0)
    world.run([read()])
    assert [at for at, _ in world.sent] == [0, 30]


def test_throttling_without_retry_after_waits_for_the_reset():
    headers = {"ratelimit_remaining": "0", "ratelimit_reset": "42"}
    world = World(scripted((429, headers), 200), chance=lambda: 0.5)
    world.run([read()])
    assert [at for at, _ in world.sent] == [0, 42]


@pytest.mark.parametrize("uptime", [0.0, 1e9, 2.0**40, 2.0**53, 1e17])
@pytest.mark.parametrize(
    "window", [Window(1, 1e-9), Window(7, 1e-3), Window(3, 60.0, burst=2), Window(1, 60.0)]
)
def test_every_wait_moves_the_clock_whatever_it_shows(uptime, window):
    meter, now, waits = RateMeter(RatePlan({"default": (window,)})), uptime, 0
    for _ in range(20):
        while (wait := meter.reserve("default", now)) > 0:
            assert now + wait > now
            now += wait
            waits += 1
    assert waits <= 2 * 20


def test_a_silence_that_ends_within_the_clocks_grain_is_waited_for_as_well():
    meter = RateMeter(RatePlan())
    meter.block("default", 2.0**53, 2)
    assert 2.0**53 + meter.reserve("default", 2.0**53) > 2.0**53


@pytest.mark.parametrize(("asked", "counts"), [(1e-9, True), (0.99, True), (1.0, False)])
def test_a_moment_of_silence_is_an_attempt_so_that_moments_come_to_an_end(asked, counts):
    throttled = Response(429, (), b"", read())
    retry = decide(RetryPolicy(), 1, Effect.READ, throttled, asked=asked, chance=0.0)
    assert retry.counts is counts


def test_a_request_that_gives_up_its_turn_lets_the_others_pass():
    meter = RateMeter(RatePlan({"default": (Window(1, 60.0),)}))
    assert meter.reserve("default", 0.0) == 0
    first, second = Place(), Place()
    assert meter.reserve("default", 1.0, first) == pytest.approx(60.03)
    assert meter.reserve("default", 1.0, second) == pytest.approx(120.06)
    assert meter.reserve("default", 62.0, second) > 0
    meter.leave("default", first)
    assert meter.reserve("default", 62.0, second) == 0
    meter.leave("default", second)


def test_a_waiter_whose_flow_is_closed_leaves_the_line():
    world = World(scripted(200), plan=RatePlan({"default": (Window(1, 60.0),)}))
    world.run([read()])
    steps = world.conduct(asking(read()))
    assert steps.send(None) == NeedToken()
    assert isinstance(steps.send("tok"), Wait)
    steps.close()
    world.clock.elapsed += 62
    assert world.meter.reserve("default", world.clock.monotonic()) == 0


def test_a_token_is_asked_for_again_after_a_wait_for_the_quota():
    world = World(scripted(200), plan=RatePlan({"default": (Window(1, 60.0),)}))
    world.run([read()])
    steps = world.conduct(asking(read()))
    assert steps.send(None) == NeedToken()
    wait = steps.send("old")
    world.clock.elapsed += wait.seconds
    assert steps.send(None) == NeedToken()
    assert steps.send("new").request.header("authorization") == "new"
    steps.close()


def test_counts_of_two_windows_are_kept_side_by_side():
    hour, minute = limits(8, 2000), limits(2, 30)
    assert left(meter_after((0, hour), (0, minute)), 1) == 2
    assert left(meter_after((0, hour), (0, minute)), 31) == 7
