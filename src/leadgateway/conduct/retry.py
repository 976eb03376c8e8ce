"""When a request may be sent again, and after how long: pure decisions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TypeAlias

from leadgateway.exchange import Effect, Interrupted, Response, loads

_SECONDS = re.compile(r"[0-9]{1,9}")
_DATE = re.compile(r"[A-Za-z]{3,9},? [\x20-\x7e]{8,40}")
_PASSING = frozenset(
    map(int, (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS))
)
_OK, _PAST_GOOD = 200, 300
_FIRST_SERVER_ERROR, _PAST_SERVER_ERRORS = 500, 600
_MARKS_OF_AN_END = frozenset({"content-length", "transfer-encoding"})
_TOLD_TO_WAIT = 1.0
"""A shorter silence than this counts as an attempt, or a moment could be waited for for ever."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to try: times are in seconds.

    `longest_wait` bounds a wait for the quota, and all waits between the attempts of one request;
    `stores_errors` is that the vendor replays a stored server error to a repeated key: repeating
    it cannot help.
    """

    attempts: int = 5
    base: float = 1.0
    cap: float = 30.0
    longest_wait: float = 15 * 60.0
    stores_errors: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """Send again after `delay` seconds; `cost` is what it takes from the retry quota.

    A retry a second or more later, as the vendor asked for, does not count as an attempt.
    """

    delay: float
    cost: int
    counts: bool = True


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not send again: it cannot help, may do harm, or would wait too long."""


Decision: TypeAlias = Retry | GiveUp

THROTTLED_COST = 1
FAILED_COST = 5


def retry_after(value: str, now: datetime) -> float | None:
    """Return the seconds a `Retry-After` asks for; `None` where the text is neither form of it."""
    if _SECONDS.fullmatch(value):
        return float(value)
    if not _DATE.fullmatch(value):
        return None
    try:
        moment = parsedate_to_datetime(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def backoff(policy: RetryPolicy, attempt: int, chance: float) -> float:
    """Return the delay after the attempt numbered `attempt`: full jitter, capped."""
    return chance * min(policy.cap, policy.base * 2.0 ** (attempt - 1))


def surely_not_executed(outcome: Response | Interrupted) -> bool:
    """Tell whether a request that ended so has certainly changed nothing at the vendor."""
    if isinstance(outcome, Interrupted):
        return not outcome.sent
    return outcome.status == HTTPStatus.TOO_MANY_REQUESTS


def passing(answer: Response) -> bool:
    """Tell whether the same request may well fare better later."""
    status = answer.status
    if _OK <= status < _PAST_GOOD:
        return looks_cut(answer)
    return status in _PASSING or is_server_error(answer)


def is_server_error(response: Response) -> bool:
    """Tell whether the status is in the range that HTTP keeps for the server's own faults."""
    return _FIRST_SERVER_ERROR <= response.status < _PAST_SERVER_ERRORS


def looks_cut(response: Response) -> bool:
    """Tell whether a good answer ended without any mark of its end and is not whole JSON."""
    kind = ""
    for name, value in response.headers:
        if name in _MARKS_OF_AN_END and value:
            return False
        if name == "content-type":
            kind = kind or value
    if "json" not in kind or not response.body:
        return False
    try:
        loads(response.body)
    except ValueError:
        return True
    return False


def decide(
    policy: RetryPolicy,
    attempt: int,
    effect: Effect,
    outcome: Response | Interrupted,
    *,
    asked: float | None,
    chance: float,
) -> Decision:
    """Decide about an interruption or a `passing` answer; `asked` is what its vendor asked for.

    A write without a key is repeated only when it was surely not executed.
    """
    if effect is Effect.ONCE and not surely_not_executed(outcome):
        return GiveUp()
    if asked is not None and asked > policy.longest_wait:
        return GiveUp()
    throttled = isinstance(outcome, Response) and outcome.status == HTTPStatus.TOO_MANY_REQUESTS
    if throttled and asked is not None and asked >= _TOLD_TO_WAIT:
        return Retry(asked + chance * policy.base, 0, counts=False)
    if attempt >= policy.attempts:
        return GiveUp()
    delay = (asked or 0.0) + backoff(policy, attempt, chance)
    return Retry(delay, THROTTLED_COST if throttled else FAILED_COST)
