"""The account of a quota that is shared: what was drawn of it, and what may be drawn now."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from math import floor
from typing import Any

from leadgateway.capabilities import Window
from leadgateway.conduct.limits import depth, held, most_at_once, rate, slack
from leadgateway.conduct.sharing import Drawn, Ended, good_for

_GRAIN = 1e-6
_TRIFLE = 0.001

LONGEST_SILENCE = 900.0
"""What the vendor asks of one process beyond this many seconds, each has to hear for itself."""


@dataclass(slots=True)
class _Draw:
    """Permits that count from `at`; `slice` is 0 once it is known when they were used."""

    at: float
    permits: int
    slice: int


@dataclass
class Ledger:
    """The account of one bucket, kept as text between draws; every time is the store's own.

    A draw that was not heard of again counts as if its last request had arrived as late as it may.
    """

    windows: tuple[Window, ...]
    _last_slice: int = 0
    _draws: list[_Draw] = field(default_factory=list)
    _full_at: dict[str, float] = field(default_factory=dict)
    _silent_until: float = 0.0

    @classmethod
    def read(cls, text: str, windows: tuple[Window, ...]) -> Ledger:
        """Return the account that `text` holds; an empty text is a new one."""
        if not text:
            return cls(windows)
        kept: dict[str, Any] = json.loads(text)
        draws = [_Draw(*each) for each in kept["draws"]]
        return cls(windows, kept["last"], draws, dict(kept["full"]), kept["silent"])

    def text(self) -> str:
        """Return the account as text."""
        draws = [[each.at, each.permits, each.slice] for each in self._draws]
        kept = {
            "last": self._last_slice, "draws": draws, "full": self._full_at,
            "silent": self._silent_until,
        }  # fmt: skip
        return json.dumps(kept, separators=(",", ":"))

    def draw(self, wanted: int, ended: Iterable[Ended], now: float) -> Drawn:
        """Grant as many of the `wanted` permits as there is room for, and foretell the others."""
        self._forget(now)
        for each in ended:
            self._end(each, now)
        silence = max(0.0, min(self._silent_until - now, LONGEST_SILENCE))
        granted = 0
        if silence <= _GRAIN:
            granted = max(0, min((wanted, *(self._room(window, now) for window in self.windows))))
        if granted:
            self._grant(granted, now)
        waits = [self._waits(window, wanted - granted, now) for window in self.windows]
        longest = map(max, zip(*waits, strict=True))
        return Drawn(self._last_slice, granted, tuple(max(silence, wait) for wait in longest))

    def silence(self, seconds: float, now: float) -> None:
        """Grant nothing for so long, as the vendor asked of one of those who share the account."""
        until = now + min(seconds, LONGEST_SILENCE)
        self._silent_until = max(min(self._silent_until, now + LONGEST_SILENCE), until)

    @property
    def _feared(self) -> float:
        """How long after it was drawn a permit's request has arrived at the latest."""
        return good_for(self.windows) + max(slack(window) for window in self.windows)

    def _forget(self, now: float) -> None:
        """Drop what counts no more; what lies too far ahead was written before a clock was set."""
        longest = max(held(window.seconds) for window in self.windows)
        kept: dict[tuple[float, ...], _Draw] = {}
        for each in self._draws:
            if each.at + longest <= now:
                continue
            each.at = min(each.at, now + self._feared)
            twin = kept.setdefault(self._likeness(each, now), each)
            if twin is not each:
                twin.at, twin.permits = max(twin.at, each.at), twin.permits + each.permits
        self._draws = list(kept.values())
        for window in self.windows:
            if window.burst is not None:
                emptied = now + self._depth(window) / rate(window)
                full_at = self._full_at.get(_name(window), now)
                self._full_at[_name(window)] = min(max(full_at, now), emptied)

    def _likeness(self, draw: _Draw, now: float) -> tuple[float, ...]:
        """Return what draws have in common that may count as one, from the later of their times.

        That delays by a trifle of the shortest window in which they count still.
        """
        if draw.slice:
            return (0.0, draw.slice)
        counting = [
            window.seconds for window in self.windows if draw.at + held(window.seconds) > now
        ]
        trifle = min(counting) * _TRIFLE
        return (trifle, floor(draw.at / trifle))

    def _end(self, ended: Ended, now: float) -> None:
        """Count what a draw used from when it was used, and give back the rest."""
        for each in self._draws:
            if each.slice == ended.slice:
                each.at = min(each.at, now - ended.ago)
                each.permits -= ended.unused
                each.slice = 0
                for name, window in self._bursting():
                    self._full_at[name] -= ended.unused / rate(window)
        self._draws = [each for each in self._draws if each.permits > 0]

    def _grant(self, permits: int, now: float) -> None:
        self._last_slice += 1
        self._draws.append(_Draw(now + self._feared, permits, self._last_slice))
        for name, window in self._bursting():
            self._full_at[name] += permits / rate(window)

    def _room(self, window: Window, now: float) -> int:
        counted = sum(
            each.permits for each in self._draws if each.at + held(window.seconds) > now + _GRAIN
        )
        room = most_at_once(window) - counted
        return room if window.burst is None else min(room, floor(self._level(window, now) + _GRAIN))

    def _waits(self, window: Window, permits: int, now: float) -> list[float]:
        """Return how long each of so many permits has to wait that there is no room for."""
        waits = self._waits_for_a_stretch(window, permits, now)
        if window.burst is None:
            return waits
        level, per_second = self._level(window, now), rate(window)
        return [max(wait, (ahead - level) / per_second) for ahead, wait in enumerate(waits, 1)]

    def _waits_for_a_stretch(self, window: Window, permits: int, now: float) -> list[float]:
        """Go by when draws may have ended at the earliest, unless that is past already."""
        if not permits:
            return []
        stretch, most = held(window.seconds), most_at_once(window)
        ends: list[tuple[float, int]] = []
        for each in self._draws:
            end = each.at + stretch
            soonest = end - self._feared if each.slice else end
            if end > now + _GRAIN:
                ends.append((soonest if soonest > now + _GRAIN else end, each.permits))
        ends.sort()
        freed = list(accumulate(permits for _, permits in ends))
        missing = (freed[-1] if freed else 0) - most
        waits = []
        for ahead in range(permits):
            rounds, rest = divmod(ahead, most)
            turn = missing + rest
            first = ends[bisect_right(freed, turn)][0] - now if turn >= 0 else 0.0
            waits.append(first + rounds * stretch)
        return waits

    def _bursting(self) -> list[tuple[str, Window]]:
        return [(_name(window), window) for window in self.windows if window.burst is not None]

    def _depth(self, window: Window) -> float:
        return depth(window, self._feared)

    def _level(self, window: Window, now: float) -> float:
        return self._depth(window) - (self._full_at[_name(window)] - now) * rate(window)


def _name(window: Window) -> str:
    return f"{window.limit}/{window.seconds}/{window.burst}"
