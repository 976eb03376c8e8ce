"""A quota that several processes use: each draws some permits from a common account, and uses them.

A permit that is drawn is good for a moment only. Until its process says when the last request of a
draw had arrived, the account takes it that all of them arrived as late as they may have: what a
process draws and then dies with is lost for the length of a window, and no more.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import ceil, inf
from typing import Protocol

from leadgateway.capabilities import Window
from leadgateway.conduct.limits import rate, slack

_CLOCK_GRAIN = 0.002
"""A store's clock tells milliseconds: a turn that comes a moment late is asked for once."""

_DRAWS = 2
"""A fast quota is drawn from so often while a permit is good, some permits at a time."""


@dataclass(frozen=True, slots=True)
class Ended:
    """That of the permits of a draw so many stayed unused, and the last one arrived `ago`."""

    slice: int
    unused: int
    ago: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """The permits that were granted at once, and how long each of the others has to wait."""

    slice: int
    granted: int
    waits: tuple[float, ...]


class Share(Protocol):
    """Where permits are drawn: one account of the quota for all who use it."""

    def draw(
        self, bucket: str, windows: tuple[Window, ...], wanted: int, ended: tuple[Ended, ...]
    ) -> Drawn:
        """Return up to `wanted` permits, after taking note of earlier draws that have ended."""

    def silence(self, bucket: str, windows: tuple[Window, ...], seconds: float) -> None:
        """Grant nobody anything for so many seconds."""


def good_for(windows: tuple[Window, ...]) -> float:
    """Return how many seconds after it was drawn a permit may be used."""
    return min(slack(window) for window in windows)


@dataclass(slots=True)
class _Slice:
    """What is left of one draw, and what became of the rest of it."""

    slice: int
    left: int
    until: float
    last: float
    in_flight: int = 0
    unused: int = 0


class Hand:
    """The permits of one bucket that this process holds, and whose turn it is when."""

    def __init__(self, share: Share, bucket: str, windows: tuple[Window, ...]) -> None:
        self._share = share
        self._bucket = bucket
        self._windows = windows
        self._good_for = good_for(windows)
        self._handful = ceil(min(rate(window) for window in windows) * self._good_for)
        self._pause = self._good_for / _DRAWS if self._handful > 1 else 0.0
        self._next_draw = -inf
        self._held: deque[_Slice] = deque()
        self._out: dict[int, _Slice] = {}
        self._ended: list[_Slice] = []
        self._turns: list[float] = []
        self.last_taken = 0
        """Of which draw the permit was that was used last."""

    def wait(self, ahead: int, waiting: int, now: float) -> float:
        """Return 0 where there is a permit for a request with `ahead` others before it.

        Else return how long to wait for one; draws for all who are `waiting`.
        """
        self._drop(now)
        held = sum(each.left for each in self._held)
        if ahead < held:
            return 0.0
        turn = ahead - held
        next_draw = self._next_draw
        if turn < len(self._turns):
            next_draw = max(next_draw, self._turns[turn])
        if next_draw <= now:
            self._draw(max(waiting - held, self._handful), now)
            held = sum(each.left for each in self._held)
            if ahead < held:
                return 0.0
            next_draw = max(self._turns[ahead - held], self._next_draw)
        return max(next_draw - now, _CLOCK_GRAIN)

    def take(self) -> None:
        """Use one permit."""
        first = self._held[0]
        first.left -= 1
        first.in_flight += 1
        self.last_taken = first.slice
        if not first.left:
            self._held.popleft()

    def arrived(self, number: int, now: float) -> None:
        """Take note that a request has its answer that used a permit of the draw `number`."""
        used = self._out.get(number)
        if used is None:
            return
        used.in_flight -= 1
        used.last = max(used.last, now)
        self._settle(used)

    def silence(self, seconds: float) -> None:
        """Let all who share the quota hear that the vendor asked for silence."""
        self._share.silence(self._bucket, self._windows, seconds)

    def fold(self, now: float) -> None:
        """Give back what is unused and say what has ended; draws nothing."""
        for each in self._held:
            each.until = now
        self._drop(now)
        if self._ended:
            self._draw(0, now)

    def _drop(self, now: float) -> None:
        """Let go of the permits that are good no more."""
        while self._held and self._held[0].until <= now:
            old = self._held.popleft()
            old.unused, old.left = old.left, 0
            self._settle(old)

    def _settle(self, used: _Slice) -> None:
        if not used.left and not used.in_flight:
            self._ended.append(self._out.pop(used.slice))

    def _draw(self, wanted: int, now: float) -> None:
        ended = tuple(Ended(each.slice, each.unused, now - each.last) for each in self._ended)
        drawn = self._share.draw(self._bucket, self._windows, wanted, ended)
        self._ended.clear()
        self._next_draw = now + self._pause
        if drawn.granted:
            made = _Slice(drawn.slice, drawn.granted, now + self._good_for, now)
            self._held.append(made)
            self._out[drawn.slice] = made
        self._turns = [now + wait + _CLOCK_GRAIN for wait in drawn.waits]
