"""The time a plan foretells is the time that the rate meter takes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadgateway.capabilities import RatePlan, Window
from leadgateway.conduct import RateMeter
from leadgateway.transfer.duration import seconds_needed

PER_MINUTE_AND_HOUR = (Window(60, 60), Window(1000, 3600))
BULK = (Window(10, 60),)
STEADY_WITH_BURST = (Window(60, 60, burst=120),)


def metered(windows, requests):
    """When the last of `requests` leaves by a meter whose clock only moves while it waits."""
    meter, now = RateMeter(RatePlan({"bucket": tuple(windows)})), 0.0
    for _ in range(requests):
        while (wait := meter.reserve("bucket", now)) > 0:
            now += wait
    return now


@pytest.mark.parametrize("requests", [1, 10, 59, 60, 61, 120, 999, 1000, 1001, 1061, 4321, 10_000])
@pytest.mark.parametrize(
    "windows",
    [PER_MINUTE_AND_HOUR, BULK, STEADY_WITH_BURST, (Window(7, 1),), (Window(60, 60, burst=10),)],
    ids=["60/min with 1000/h", "10/min", "60/min with burst 120", "7/s", "60/min with burst 10"],
)
def test_the_time_is_the_meters_own_within_five_per_cent(windows, requests):
    assert seconds_needed(windows, requests) == pytest.approx(metered(windows, requests), rel=0.05)


quotas = st.builds(
    Window,
    st.integers(1, 60),
    st.sampled_from((1, 10, 60, 600, 3600)),
    st.none() | st.integers(1, 90),
)


@given(window=quotas, requests=st.integers(0, 1500))
@settings(deadline=None, max_examples=100)
def test_any_one_window_is_foretold_within_five_per_cent(window, requests):
    taken = metered((window,), requests)
    assert seconds_needed((window,), requests) == pytest.approx(taken, rel=0.05, abs=0.01)


@given(
    windows=st.lists(quotas, min_size=2, max_size=3, unique_by=lambda window: window.seconds),
    requests=st.integers(0, 1500),
)
@settings(deadline=None, max_examples=100)
def test_any_windows_together_are_foretold_within_one_round_of_the_longest(windows, requests):
    taken = metered(windows, requests)
    a_round = max(window.seconds for window in windows) * 1.05
    assert abs(seconds_needed(windows, requests) - taken) <= max(0.05 * taken, a_round)


def test_what_has_no_window_takes_no_time():
    assert seconds_needed((), 10_000) == 0.0
    assert seconds_needed(BULK, 0) == 0.0


def test_the_order_of_the_windows_does_not_matter():
    assert seconds_needed(PER_MINUTE_AND_HOUR, 5000) == seconds_needed(
        PER_MINUTE_AND_HOUR[::-1], 5000
    )
