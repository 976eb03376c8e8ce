"""Rate limits: windows and token buckets, charged per key, told by an injected clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import ceil
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reading:
    """What an allowance has left after a call; the two waits are whole seconds, rounded up."""

    allowed: bool
    limit: int
    remaining: int
    reset: int
    """Until the allowance is full again."""
    retry_after: int
    """Until one more call fits; 0 while one still does."""


class Allowance(Protocol):
    """A limit that keeps its state outside itself, as two numbers."""

    def look(self, state: tuple[float, float] | None, now: float) -> tuple[float, float]:
        """The state as of now: (anchor, calls left)."""

    def read(self, state: tuple[float, float], now: float, *, allowed: bool) -> Reading:
        """The state in the terms of the vendor's headers."""


@dataclass(frozen=True, slots=True)
class Window:
    """So many calls in a window that opens with the first of them and refills when it ends."""

    limit: int
    seconds: int

    def look(self, state: tuple[float, float] | None, now: float) -> tuple[float, float]:
        """The open window, or a full one that starts now."""
        if state is None or now >= state[0] + self.seconds:
            return now, float(self.limit)
        return state

    def read(self, state: tuple[float, float], now: float, *, allowed: bool) -> Reading:
        """Both waits are the rest of the window."""
        opened, left = state
        rest = ceil(opened + self.seconds - now)
        return Reading(allowed, self.limit, int(left), rest, 0 if left >= 1 else rest)


@dataclass(frozen=True, slots=True)
class Burst:
    """A token bucket: a steady rate with room for a burst."""

    limit: int
    per_second: float

    def look(self, state: tuple[float, float] | None, now: float) -> tuple[float, float]:
        """The bucket with what has dripped in since."""
        if state is None:
            return now, float(self.limit)
        filled = state[1] + max(0.0, now - state[0]) * self.per_second
        return now, min(float(self.limit), filled)

    def read(self, state: tuple[float, float], now: float, *, allowed: bool) -> Reading:
        """The waits until the bucket is full, and until it holds one call."""
        left = state[1]
        return Reading(
            allowed,
            self.limit,
            int(left),
            ceil((self.limit - left) / self.per_second),
            ceil(max(0.0, 1 - left) / self.per_second),
        )


class RateMeter:
    """Charges calls to buckets; a call that is refused costs nothing."""

    def __init__(self, buckets: Mapping[str, Sequence[Allowance]]) -> None:
        self._buckets = buckets
        self._states: dict[tuple[str, str], list[tuple[float, float]]] = {}

    def charge(self, bucket: str, key: str, now: float) -> Reading | None:
        """One call against every allowance of the bucket; the tightest is read.

        Of those that are equally tight it is the one that lets the next call wait longest. None
        when the bucket has no allowance.
        """
        allowances = self._buckets.get(bucket, ())
        if not allowances:
            return None
        before = self._states.get((bucket, key), ())
        states = [each.look(old, now) for each, old in zip_longest(allowances, before)]
        allowed = all(left >= 1 for _, left in states)
        if allowed:
            states = [(anchor, left - 1) for anchor, left in states]
        self._states[bucket, key] = states
        readings = [
            each.read(state, now, allowed=allowed)
            for each, state in zip(allowances, states, strict=True)
        ]
        return min(readings, key=lambda reading: (reading.remaining, -reading.retry_after))

    def clear(self) -> None:
        """Every allowance is full again."""
        self._states.clear()
