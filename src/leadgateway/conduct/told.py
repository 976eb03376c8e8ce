"""What a vendor says of its quota in the headers of an answer, and how long that holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf

from leadgateway.exchange import Response

_ROUNDING = 1.5
"""Resets come in whole seconds: two that differ by less end the same window."""

_NUMBER = re.compile(r"[0-9]{1,9}")
_LEFT, _RESET, _BARE_LEFT = "ratelimit-remaining", "ratelimit-reset", "x-ratelimit-remaining"
_NAMES = frozenset({_LEFT, _RESET, _BARE_LEFT})


@dataclass(frozen=True, slots=True)
class Told:
    """So many requests are left, until so many seconds from now; `None` where that is unsaid."""

    left: int
    reset: float | None


def told(response: Response) -> Told | None:
    """Return what the answer says is left of the quota; `None` where it says nothing readable."""
    found: dict[str, str] | None = None
    for name, value in response.headers:
        if name in _NAMES:
            found = found or {}
            found.setdefault(name, value)
    if found is None:
        return None
    left, reset = _number(found, _LEFT), _number(found, _RESET)
    if left is not None:
        return None if reset is None else Told(left, float(reset))
    left = _number(found, _BARE_LEFT)
    return None if left is None else Told(left, None)


def _number(found: dict[str, str], name: str) -> int | None:
    text = found.get(name)
    return int(text) if text is not None and _NUMBER.fullmatch(text) else None


@dataclass(slots=True)
class _Window:
    left: int
    until: float
    first_until: float


class Notices:
    """The vendor's own counts: each holds until its reset, less what has left since."""

    __slots__ = ("_windows",)

    def __init__(self) -> None:
        self._windows: list[_Window] = []

    def __bool__(self) -> bool:
        return bool(self._windows)

    def take(self) -> None:
        """Count one request that leaves."""
        for window in self._windows:
            window.left -= 1

    def wait(self, ahead: int, now: float) -> float:
        """Return in how many seconds a request may leave that lets `ahead` others pass first."""
        self._windows = [window for window in self._windows if now < window.until]
        ends = [window.until for window in self._windows if window.left <= ahead]
        return max(ends, default=-inf) - now

    def note(self, left: int, until: float) -> None:
        """Hold the vendor to its count; a later end of the window makes an earlier one void.

        Answers may overtake each other, so within one window the lower count wins.
        """
        for window in self._windows:
            if abs(until - window.first_until) <= _ROUNDING:
                window.left = min(window.left, left)
                window.until = max(window.until, until)
                return
        self._windows = [window for window in self._windows if window.until > until]
        self._windows.append(_Window(left, until, until))
