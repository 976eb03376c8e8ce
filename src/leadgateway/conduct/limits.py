"""The windows of a quota, each as what it has let through and when it lets more through.

A document says so many requests in so many seconds, and seldom how they are counted. These limits
send at most so many in any stretch of that length, wherever it begins: that holds for windows that
begin at full minutes, with the first request, or with every request, and for a bucket of so many
tokens that fills in that time. With a burst it is a bucket of that many tokens, and never more
than the burst in one stretch either, for "up to 120 a minute" can mean both. Nothing is lost by
that: what one reading allows sooner, the other allows by the end of the stretch.

What counts is when a request arrives, which is after it left and before its answer came. So it is
counted up to its answer, but no longer than `slack`, and for a stretch that is longer by `DRIFT`,
since two clocks do not run alike.
"""

from __future__ import annotations

from math import inf
from typing import Protocol

from leadgateway.capabilities import Window

DRIFT = 0.0005
"""By this share a stretch is held longer than documented: more than any two clocks differ."""

_LONGEST_SLACK = 1.0
_SLACK_SHARE = 0.05


def held(seconds: float) -> float:
    """Return how long a request counts against a window of `seconds` once it has arrived."""
    return seconds * (1.0 + DRIFT)


def slack(window: Window) -> float:
    """Return how long after leaving a request is taken to arrive at the latest."""
    burst_fills = window.seconds * (window.burst or window.limit) / window.limit
    return min(_LONGEST_SLACK, _SLACK_SHARE * min(window.seconds, burst_fills))


def rate(window: Window) -> float:
    """Return how many requests a second the window allows in the long run, on a slow clock."""
    return window.limit / held(window.seconds)


def most_at_once(window: Window) -> int:
    """Return how many requests one stretch of the window may hold."""
    return max(window.limit, window.burst or 0)


def depth(window: Window, late: float) -> float:
    """Return how many tokens may be taken at once if each may arrive `late` seconds later."""
    return max(1.0, (window.burst or 0) - rate(window) * late)


class Limit(Protocol):
    """One condition on when requests leave; every time is monotonic seconds."""

    late: float
    """By how much `wait` may be too long while answers are still to come."""

    def wait(self, ahead: int, now: float) -> float:
        """Return in how many seconds a request may leave that lets `ahead` others pass first."""

    def take(self, now: float) -> float:
        """Let one request leave; returns how many more may leave at once."""

    def arrived(self, number: int, now: float) -> None:
        """Count the request that was taken as the `number`-th, from 0, up to its answer."""


class Stretch:
    """At most so many requests in any stretch of the window's length."""

    __slots__ = ("_free_at", "_held", "_limit", "_oldest", "_taken", "late")

    def __init__(self, window: Window) -> None:
        self.late = slack(window)
        self._limit = most_at_once(window)
        self._held = held(window.seconds)
        self._free_at: list[float] = []
        self._taken = 0
        self._oldest = 0

    def wait(self, ahead: int, now: float) -> float:
        """Wait for the end of the request whose place is taken, a stretch for each time round."""
        rounds, rest = divmod(ahead, self._limit)
        next_one = self._taken + rest
        free_at = self._free_at[next_one % self._limit] if next_one >= self._limit else now
        return max(0.0, free_at - now) + rounds * self._held

    def take(self, now: float) -> float:
        """Hold a place until the request has surely arrived, and a stretch longer."""
        place, free_at = self._taken % self._limit, now + self.late + self._held
        if self._taken < self._limit:
            self._free_at.append(free_at)
        else:
            self._free_at[place] = free_at
        self._taken += 1
        self._oldest = max(self._oldest, self._taken - self._limit)
        while self._oldest < self._taken and self._free_at[self._oldest % self._limit] <= now:
            self._oldest += 1
        return self._limit - (self._taken - self._oldest)

    def arrived(self, number: int, now: float) -> None:
        """Count the request from `now` if that is earlier than was feared."""
        if number >= self._taken - self._limit:
            place = number % self._limit
            self._free_at[place] = min(self._free_at[place], now + self._held)


class Tokens:
    """A steady rate with room for a burst at once; what may arrive late is left in the bucket."""

    __slots__ = ("_at", "_depth", "_left", "_per_second", "late")

    def __init__(self, window: Window) -> None:
        self.late = 0.0
        self._depth = depth(window, slack(window))
        self._per_second = rate(window)
        self._left = self._depth
        self._at = -inf

    def _filled(self, now: float) -> float:
        if self._at == -inf:
            return self._left
        return min(self._depth, self._left + (now - self._at) * self._per_second)

    def wait(self, ahead: int, now: float) -> float:
        """Wait until the bucket has filled up by the tokens that are missing."""
        return max(0.0, (ahead + 1.0 - self._filled(now)) / self._per_second)

    def take(self, now: float) -> float:
        """Take one token."""
        self._left = self._filled(now) - 1.0
        self._at = now
        return self._left

    def arrived(self, number: int, now: float) -> None:
        """Change nothing: the bucket is shallower by what arrives late."""


def limits(windows: tuple[Window, ...]) -> tuple[Limit, ...]:
    """Return the conditions that all `windows` come to."""
    found: list[Limit] = [Stretch(window) for window in windows]
    found += [Tokens(window) for window in windows if window.burst is not None]
    return tuple(found)
