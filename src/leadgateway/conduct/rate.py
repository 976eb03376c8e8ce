"""A vendor's quota as one connection sees it: several windows a bucket, learning from answers."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

from leadgateway.capabilities import RatePlan, Window
from leadgateway.exchange import Response

_SHORTEST_WAIT = 0.001
"""A wait that rounding made smaller than the clock's step would be asked for ever."""

_JITTER = 0.25
_JITTER_SHARE = 0.05
"""Two requests can come closer together at the vendor than they left here: a window is held for
that many seconds longer, and a short one for this share of it."""

_ROUNDING = 1.5
"""Resets come in whole seconds: two that differ by less end the same window."""

_NUMBER = re.compile(r"[0-9]{1,9}")


class _Limit(Protocol):
    def wait(self, now: float) -> float: ...

    def take(self, now: float) -> None: ...


def held(seconds: float) -> float:
    """Return how long a request counts against a window of `seconds`."""
    return seconds + min(_JITTER, seconds * _JITTER_SHARE)


class _Log:
    """At most `limit` requests in any stretch of `seconds`, wherever it begins."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._seconds = held(seconds)
        self._sent: deque[float] = deque(maxlen=limit)

    def wait(self, now: float) -> float:
        if len(self._sent) < (self._sent.maxlen or 0):
            return 0.0
        return self._sent[0] + self._seconds - now

    def take(self, now: float) -> None:
        self._sent.append(now)


class _Tokens:
    """A steady rate with room for `burst` at once."""

    def __init__(self, burst: int, per_second: float) -> None:
        self._burst = burst
        self._per_second = per_second
        self._left = float(burst)
        self._at = -inf

    def _filled(self, now: float) -> float:
        if self._at == -inf:
            return self._left
        return min(self._burst, self._left + (now - self._at) * self._per_second)

    def wait(self, now: float) -> float:
        return (1.0 - self._filled(now)) / self._per_second

    def take(self, now: float) -> None:
        self._left = self._filled(now) - 1.0
        self._at = now


def _limits(window: Window) -> list[_Limit]:
    if window.burst is None:
        return [_Log(window.limit, window.seconds)]
    tokens = _Tokens(window.burst, window.limit / window.seconds)
    if window.burst < window.limit:
        return [_Log(window.limit, window.seconds), tokens]
    return [tokens]


@dataclass(slots=True)
class _Bucket:
    limits: list[_Limit]
    pace: float
    """Seconds in which the plan lets one more request through."""
    blocked_until: float = -inf
    left: int = 0
    left_until: float = -inf
    """The server's own count of what is left, and until when it holds."""


class RetryQuota:
    """What may be spent on repeating: it grows with first attempts and shrinks with failures.

    A repeat that succeeds gives back what it took, so that only a target that stays down, and not
    one that stumbles, uses the quota up.
    """

    def __init__(self, reserve: int = 20, per_request: float = 0.5, most: int = 500) -> None:
        self._left = float(reserve)
        self._per_request = per_request
        self._most = most

    def earn(self) -> None:
        """Count one first attempt."""
        self._left = min(self._most, self._left + self._per_request)

    def take(self, cost: int) -> bool:
        """Take `cost` if there is as much left; tell whether there was."""
        if cost > self._left:
            return False
        self._left -= cost
        return True

    def give_back(self, cost: int) -> None:
        """Return what the repeats of a request took that succeeded in the end."""
        self._left = min(self._most, self._left + cost)


@dataclass(slots=True, repr=False)
class RateMeter:
    """The quota of one connection, shared by all its workers; every time is monotonic seconds.

    A bucket without a window in the plan starts unlimited and learns from the answers. Not locked:
    who drives flows in several threads advances them one at a time.
    """

    plan: RatePlan
    quota: RetryQuota = field(default_factory=RetryQuota)
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def reserve(self, bucket: str, now: float) -> float:
        """Take one request from `bucket` and return 0, or return how long to wait and ask again."""
        state = self._bucket(bucket)
        wait = max((limit.wait(now) for limit in state.limits), default=0.0)
        wait = max(wait, state.blocked_until - now)
        if now < state.left_until and state.left <= 0:
            wait = max(wait, state.left_until - now)
        if wait > 0:
            return max(wait, _SHORTEST_WAIT)
        for limit in state.limits:
            limit.take(now)
        state.left -= 1
        return 0.0

    def blocked(self, bucket: str, now: float) -> bool:
        """Tell whether the vendor asked for silence in `bucket`: many workers wake at its end."""
        return now < self._bucket(bucket).blocked_until

    def block(self, bucket: str, until: float) -> None:
        """Send nothing in `bucket` before `until`."""
        state = self._bucket(bucket)
        state.blocked_until = max(state.blocked_until, until)

    def observe(self, bucket: str, response: Response, now: float) -> None:
        """Follow what the vendor says is left of its quota."""
        state = self._bucket(bucket)
        left = _number(response, "ratelimit-remaining")
        reset = _number(response, "ratelimit-reset")
        if left is None:
            left = _number(response, "x-ratelimit-remaining")
            reset = state.pace if left == 0 else None
        if left is None or reset is None:
            return
        until = now + reset
        same_window = now < state.left_until and until <= state.left_until + _ROUNDING
        state.left = min(state.left, int(left)) if same_window else int(left)
        state.left_until = until

    def _bucket(self, name: str) -> _Bucket:
        state = self._buckets.get(name)
        if state is None:
            windows = self.plan.buckets.get(name, ())
            pace = max((window.seconds / window.limit for window in windows), default=1.0)
            limits = [limit for window in windows for limit in _limits(window)]
            state = self._buckets[name] = _Bucket(limits, pace)
        return state


def _number(response: Response, name: str) -> float | None:
    text = response.header(name)
    return float(text) if text is not None and _NUMBER.fullmatch(text) else None
