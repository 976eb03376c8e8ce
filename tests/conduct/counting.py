"""The ways in which a vendor may count what its documents call so many in so many seconds."""

from collections import deque
from math import floor


class Aligned:
    """Windows that begin at multiples of their length, shifted by `phase`."""

    def __init__(self, limit, seconds, phase):
        self.limit, self.seconds, self.phase = limit, seconds, phase
        self.number, self.calls = None, 0

    def allows(self, at):
        number = floor((at - self.phase) / self.seconds)
        if number != self.number:
            self.number, self.calls = number, 0
        self.calls += 1
        return self.calls <= self.limit


class OpenedByTheFirst:
    """A window that opens with the first request after the last one ended."""

    def __init__(self, limit, seconds, _phase):
        self.limit, self.seconds, self.opened, self.calls = limit, seconds, None, 0

    def allows(self, at):
        if self.opened is None or at >= self.opened + self.seconds:
            self.opened, self.calls = at, 0
        self.calls += 1
        return self.calls <= self.limit


class Sliding:
    """Any stretch of that length."""

    def __init__(self, limit, seconds, _phase):
        self.limit, self.seconds, self.calls = limit, seconds, deque()

    def allows(self, at):
        while self.calls and self.calls[0] <= at - self.seconds:
            self.calls.popleft()
        self.calls.append(at)
        return len(self.calls) <= self.limit


class Bucket:
    """Tokens that fill up in the time of the window."""

    def __init__(self, limit, seconds, _phase, burst=None):
        self.rate, self.most = limit / seconds, float(burst or limit)
        self.left, self.at = self.most, None

    def allows(self, at):
        self.left = min(
            self.most, self.left + (at - (at if self.at is None else self.at)) * self.rate
        )
        self.at = at
        if self.left < 1.0 - 1e-9:
            return False
        self.left -= 1.0
        return True
