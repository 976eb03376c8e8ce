"""A vendor's quota as one connection sees it: several windows a bucket, learning from answers."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from math import inf, ulp

from leadgateway.capabilities import RatePlan, Window
from leadgateway.conduct.limits import Limit, limits
from leadgateway.conduct.sharing import Hand, Share
from leadgateway.conduct.told import Notices, told
from leadgateway.exchange import Interrupted, Response

_SHORTEST_WAIT = 0.001
_GRAIN = 1e-6
"""What is missing of a wait because of rounding; the margins of every limit are wider."""


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
        if self._left < self._most:
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


@dataclass(slots=True)
class Place:
    """One request on its way through a bucket: its place in the line, then what it was given.

    `place` is 0 outside the line; `number` counts the requests that left, from 0, and is -1 before
    this one did; `left` is how many could have left right after it, by our own account.
    """

    place: int = 0
    number: int = -1
    left: float = inf
    slice: int = 0


class _Bucket:
    """One bucket: its limits, the line of those that wait, and what the vendor says of it."""

    __slots__ = (
        "began", "blocked_until", "hand", "in_flight", "last_place", "limits", "line", "notices",
        "pace", "taken",
    )  # fmt: skip

    def __init__(self, windows: tuple[Window, ...], hand: Hand | None) -> None:
        self.limits: tuple[Limit, ...] = limits(windows)
        self.pace = max((window.seconds / window.limit for window in windows), default=1.0)
        """Seconds in which the plan lets one more request through."""
        self.hand = hand
        self.notices = Notices()
        self.blocked_until = -inf
        self.line: list[int] = []
        self.last_place = 0
        self.began = 0.0
        self.taken = 0
        self.in_flight = 0

    def wait(self, ahead: int, now: float) -> float:
        """Return how long a request must wait that lets `ahead` others pass first."""
        longest = self.blocked_until - now
        for limit in self.limits:
            wait = limit.wait(ahead, now)
            if wait > longest:
                # Answers on their way may free a place sooner: look again before the feared time.
                sooner = wait - limit.late
                longest = max(longest, sooner if self.in_flight and sooner > limit.late else wait)
        if self.notices:
            longest = max(longest, self.notices.wait(ahead, now))
        return longest


@dataclass(slots=True, repr=False)
class RateMeter:
    """The quota of one connection, shared by all its workers; every time is monotonic seconds.

    A bucket without a window in the plan starts unlimited and learns from the answers. Who has to
    wait stands in line and is told when its turn will be, so that each waits about once and none
    overtakes another; a place in the line keeps room for one, but keeps nobody behind it waiting.
    Not locked: who drives flows in several threads advances them one at a time.
    """

    plan: RatePlan
    quota: RetryQuota = field(default_factory=RetryQuota)
    sharers: int = 0
    """How many tasks wish that the quota is shared with other processes."""
    _share: Share | None = None
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def share(self, with_others: Share | None, now: float) -> None:
        """Draw permits from `with_others` from now on, or from nobody; gives back unused ones."""
        folded = [state.hand for state in self._buckets.values() if state.hand is not None]
        self._share = with_others
        for name, state in self._buckets.items():
            state.hand = self._hand(name)
        for hand in folded:
            hand.fold(now)

    def reserve(self, bucket: str, now: float, place: Place | None = None) -> float:
        """Let one request leave and return 0, or return how long to wait and ask again.

        With a `place` the request keeps its turn while it waits: ask again with the same one, and
        `leave` the line where it will not. Every wait is long enough to move the clock.
        """
        state = self._buckets.get(bucket) or self._open(bucket)
        if state.limits or state.line or state.notices or now < state.blocked_until:
            wait = _turn(state, now, place)
            if wait > 0:
                return wait
            left = _pass(state, now)
            if not state.taken:
                state.began = now
            if place is not None:
                place.left = left
                if place.place:
                    self.leave(bucket, place)
        if place is not None:
            place.number = state.taken
            if state.hand is not None:
                place.slice = state.hand.last_taken
            state.in_flight += 1
        state.taken += 1
        return 0.0

    def leave(self, bucket: str, place: Place) -> None:
        """Give up a place in the line; outside the line nothing is given up."""
        if place.place:
            line = self._bucket(bucket).line
            del line[bisect_left(line, place.place)]
            place.place = 0

    def spent(self, bucket: str, now: float) -> tuple[int, float]:
        """Return how many requests have left, and how long ago the first of them did."""
        state = self._bucket(bucket)
        return state.taken, now - state.began

    def blocked(self, bucket: str, now: float) -> bool:
        """Tell whether the vendor asked for silence in `bucket`: many workers wake at its end."""
        return now < self._bucket(bucket).blocked_until

    def block(self, bucket: str, now: float, seconds: float) -> None:
        """Send nothing in `bucket` for so many seconds; all who share the quota hear of it."""
        state = self._bucket(bucket)
        state.blocked_until = max(state.blocked_until, now + seconds)
        if state.hand is not None and seconds > 0:
            state.hand.silence(seconds)

    def ended(self, bucket: str, place: Place, now: float) -> None:
        """Take note that a request that left has its answer, or never will have one."""
        state = self._bucket(bucket)
        state.in_flight -= 1
        for limit in state.limits:
            limit.arrived(place.number, now)
        if state.hand is not None:
            state.hand.arrived(place.slice, now)

    def observe(
        self, bucket: str, response: Response | Interrupted, now: float, place: Place
    ) -> None:
        """Follow what the vendor says is left, where that is less than we know ourselves.

        Less is left than we have left over only where somebody else uses the quota too.
        """
        if isinstance(response, Interrupted):
            return
        said = told(response)
        if said is None:
            return
        state = self._bucket(bucket)
        since = state.taken - place.number - 1
        if said.left >= place.left - since:
            return
        reset = said.reset
        if reset is None:
            if said.left:
                return
            reset = state.pace
        state.notices.note(said.left - since, now + reset)

    def _bucket(self, name: str) -> _Bucket:
        return self._buckets.get(name) or self._open(name)

    def _open(self, name: str) -> _Bucket:
        windows = self.plan.buckets.get(name, ())
        state = self._buckets[name] = _Bucket(windows, self._hand(name))
        return state

    def _hand(self, name: str) -> Hand | None:
        windows = self.plan.buckets.get(name, ())
        return Hand(self._share, name, windows) if self._share is not None and windows else None


def _turn(state: _Bucket, now: float, place: Place | None) -> float:
    """Return 0 where it is the request's turn, or how long to wait, in the line if it has one."""
    standing = place.place if place is not None else 0
    ahead = bisect_left(state.line, standing) if standing else len(state.line)
    wait = state.wait(ahead, now)
    if wait <= _GRAIN and state.hand is not None:
        wait = state.hand.wait(ahead, max(ahead + 1, len(state.line)), now)
    if wait <= _GRAIN:
        return 0.0
    if place is not None and not standing:
        state.last_place += 1
        place.place = state.last_place
        state.line.append(place.place)
    return max(wait, _SHORTEST_WAIT, 2 * ulp(now))


def _pass(state: _Bucket, now: float) -> float:
    """Let one request leave; returns how many more may, by our own account."""
    left = inf
    for limit in state.limits:
        left = min(left, limit.take(now))
    if state.notices:
        state.notices.take()
    if state.hand is not None:
        state.hand.take()
    return left
