"""How long a quota makes a number of requests take; figures only, nothing waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from leadgateway.capabilities import Window
from leadgateway.conduct.limits import depth, held, most_at_once, rate, slack

Start = Callable[[int], float]
"""When the request of an index leaves, in seconds after the first."""


def seconds_needed(windows: Sequence[Window], requests: int) -> float:
    """Return when the last of `requests` may leave, in seconds after the first.

    As a rate meter paces them that sends as early as every window allows; how long an answer takes
    is left out.
    """
    start: Start = _at_once
    for window in windows:
        if window.burst is not None:
            start = partial(_steadily, start, rate(window), depth(window, slack(window)))
    for window in sorted(windows, key=lambda window: window.seconds):
        start = partial(_in_rounds, start, held(window.seconds), most_at_once(window))
    return start(requests - 1) if requests > 0 else 0.0


def _at_once(_index: int) -> float:
    return 0.0


def _steadily(inner: Start, per_second: float, burst: float, index: int) -> float:
    """A steady rate after the first `burst`."""
    return max(inner(index), (index + 1 - burst) / per_second)


def _in_rounds(inner: Start, seconds: float, limit: int, index: int) -> float:
    """Rounds of `limit`, each no earlier than `seconds` after the one before."""
    rounds, rest = divmod(index, limit)
    return max(inner(index), rounds * seconds + inner(rest))
