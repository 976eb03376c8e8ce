"""Everything between an adapter's flow and the wire, still pure: token, quota, retry.

A flow yields requests; `conduct` turns it into steps that a driver can take without thinking:
send this, wait so long, fetch the token. Clock and chance are arguments, so nothing here waits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TypeVar

from leadgateway.conduct.rate import Place, RateMeter, RetryQuota
from leadgateway.conduct.retry import (
    GiveUp,
    Retry,
    RetryPolicy,
    decide,
    is_server_error,
    passing,
    retry_after,
    surely_not_executed,
)
from leadgateway.conduct.steps import Answer, Clock, NeedToken, Send, Step, Steps, Wait
from leadgateway.errors import OutcomeUnknown, RateLimited, Unavailable, VendorError
from leadgateway.exchange import Effect, Flow, Interrupted, Request, Response

__all__ = [
    "Answer",
    "Clock",
    "NeedToken",
    "RateMeter",
    "RetryPolicy",
    "RetryQuota",
    "Send",
    "Step",
    "Steps",
    "Wait",
    "conduct",
]

T = TypeVar("T")

_USELESS_REPLAYS = 2
_UNAUTHORIZED = int(HTTPStatus.UNAUTHORIZED)
_TOKEN = NeedToken()
_MASK = b"[token]"

logger = logging.getLogger(__name__)


def conduct(
    flow: Flow[T],
    *,
    authorize: Callable[[Request, str], Request],
    meter: RateMeter,
    retry: RetryPolicy,
    clock: Clock,
    chance: Callable[[], float],
    vendor: str,
) -> Steps[T]:
    """Run `flow` as steps: paced by `meter`, retried by `retry`, each request with its token.

    A flow sees only answers worth reading. Otherwise `RateLimited` or `Unavailable`, where nothing
    happened at the vendor, or `OutcomeUnknown` is raised in it, where it asked; so is whatever else
    ends a step.
    """
    conductor = _Conductor(authorize, meter, retry, clock, chance, vendor)
    try:
        request = next(flow)
        while True:
            try:
                answer = yield from conductor.ask(request)
            except Exception as error:  # noqa: BLE001 - the flow decides what an error ends
                request = flow.throw(error)
            else:
                request = flow.send(answer)
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        flow.close()


@dataclass(slots=True, repr=False)
class _Trail:
    """What has become of one request so far; `spent` is what its repeats took from the quota."""

    request: Request
    attempt: int = 1
    waited: float = 0.0
    spent: int = 0
    asked: float | None = None
    token: str = ""
    passing: bool = False
    in_doubt: bool = False
    refused: str | None = None
    replays: int = 0
    fault: tuple[int, bytes] | None = None

    def note(self, outcome: Response | Interrupted) -> None:
        """Remember whether a write may have happened, and how often the same fault came back."""
        if self.request.effect is not Effect.READ and not surely_not_executed(outcome):
            self.in_doubt = True
        fault = None
        if isinstance(outcome, Response) and is_server_error(outcome):
            fault = outcome.status, outcome.body
        self.replays = self.replays + 1 if fault is not None and fault == self.fault else 0
        self.fault = fault


@dataclass(slots=True)
class _Conductor:
    authorize: Callable[[Request, str], Request]
    meter: RateMeter
    retry: RetryPolicy
    clock: Clock
    chance: Callable[[], float]
    vendor: str

    def ask(self, request: Request) -> Steps[Response]:
        """Send one request until its answer is worth reading, or until hope is lost.

        A write that is in doubt stays so, whatever else ends the attempts after that.
        """
        trail = _Trail(request)
        quota = self.meter.quota
        quota.earn()
        try:
            while True:
                outcome = yield from self._send(trail)
                if isinstance(outcome, Response) and not trail.passing:
                    if trail.spent:
                        quota.give_back(trail.spent)
                    return outcome
                trail.note(outcome)
                retry = self._retry(trail, outcome)
                if retry is None:
                    return self._settle(trail, outcome)
                trail.waited += retry.delay
                yield Wait(retry.delay)
        except Exception as error:
            if not trail.in_doubt or isinstance(error, OutcomeUnknown):
                raise
            raise OutcomeUnknown(
                f"the write may have happened before {type(error).__name__}", vendor=self.vendor
            ) from error

    def _send(self, trail: _Trail) -> Generator[Step, Answer, Response | Interrupted]:
        """Send once, and once more under a renewed token where the first was refused."""
        token = yield _TOKEN
        while True:
            place = Place()
            wait = self.meter.reserve(trail.request.bucket, self.clock.monotonic(), place)
            if wait > 0:
                yield from self._stand_in_line(trail, place, wait)
                token = None
            answer = yield from self._exchange(trail, place, token)
            if isinstance(answer, Interrupted):
                return answer
            if answer.status != _UNAUTHORIZED or trail.refused is not None:
                return answer
            trail.refused = trail.token
            token = yield NeedToken(refused=trail.token)
            if token == trail.refused:
                return answer

    def _stand_in_line(
        self, trail: _Trail, place: Place, wait: float
    ) -> Generator[Step, Answer, None]:
        """Wait until the quota has room for the request."""
        bucket, meter, clock = trail.request.bucket, self.meter, self.clock
        try:
            while wait > 0:
                if wait > self.retry.longest_wait:
                    raise self._limited(trail, wait)
                if meter.blocked(bucket, clock.monotonic()):
                    wait += self.chance() * self.retry.base
                yield Wait(wait)
                wait = meter.reserve(bucket, clock.monotonic(), place)
        finally:
            meter.leave(bucket, place)

    def _exchange(
        self, trail: _Trail, place: Place, token: Answer
    ) -> Generator[Step, Answer, Response | Interrupted]:
        """Send the request that was admitted, and learn from what comes of it.

        A `token` that had to wait for the quota is fetched anew.
        """
        asked, bucket = trail.request, trail.request.bucket
        trail.asked = None
        try:
            if token is None:
                token = yield _TOKEN
            assert isinstance(token, str)  # noqa: S101 - the driver answers NeedToken with a text
            trail.token = token
            answer = yield Send(self.authorize(asked, token))
        except Interrupted as interruption:
            self.meter.ended(bucket, place, self.clock.monotonic())
            return interruption
        except BaseException:
            self.meter.ended(bucket, place, self.clock.monotonic())
            raise
        assert isinstance(answer, Response)  # noqa: S101 - the driver answers Send with one
        now = self.clock.monotonic()
        self.meter.ended(bucket, place, now)
        trail.passing = passing(answer)
        self._learn(trail, answer, now, place)
        body = _without(token, asked, answer)
        return Response(answer.status, answer.headers, body, asked, trail.in_doubt)

    def _learn(self, trail: _Trail, answer: Response, now: float, place: Place) -> None:
        """Follow what the answer says about the quota; every worker will heed it."""
        bucket = trail.request.bucket
        text = answer.header("retry-after") if trail.passing else None
        if text is not None:
            trail.asked = retry_after(text, self.clock.now())
            if trail.asked is not None:
                self.meter.block(bucket, now, trail.asked)
                return
            logger.warning("%s sent a Retry-After that is neither seconds nor a date", self.vendor)
        self.meter.observe(bucket, answer, now, place)

    def _retry(self, trail: _Trail, outcome: Response | Interrupted) -> Retry | None:
        """Return the retry that policy and quota allow, paid for; `None` is that there is none."""
        if self.retry.stores_errors and trail.replays >= _USELESS_REPLAYS:
            return None
        decision = decide(
            self.retry,
            trail.attempt,
            trail.request.effect,
            outcome,
            asked=trail.asked,
            chance=self.chance(),
        )
        if isinstance(decision, GiveUp):
            return None
        if trail.waited + decision.delay > self.retry.longest_wait:
            return None
        if not self.meter.quota.take(decision.cost):
            return None
        trail.spent += decision.cost
        trail.attempt += decision.counts
        if _throttled(outcome) and trail.asked is None:
            self.meter.block(trail.request.bucket, self.clock.monotonic(), decision.delay)
        return decision

    def _settle(self, trail: _Trail, outcome: Response | Interrupted) -> Response:
        """End a request that is not sent again: with its last answer, or with what it means."""
        if trail.in_doubt and trail.request.effect is Effect.KEYED:
            raise self._unknown(outcome)
        if isinstance(outcome, Interrupted):
            if trail.in_doubt:
                raise self._unknown(outcome)
            raise Unavailable(outcome.reason, vendor=self.vendor)
        if _throttled(outcome) or (trail.asked or 0.0) > self.retry.longest_wait:
            raise self._limited(trail, trail.asked, outcome.status)
        return outcome

    def _unknown(self, outcome: Response | Interrupted) -> VendorError:
        if isinstance(outcome, Interrupted):
            return OutcomeUnknown(outcome.reason, vendor=self.vendor)
        return OutcomeUnknown(
            "the write may have happened although every answer was a failure",
            vendor=self.vendor,
            status=outcome.status,
        )

    def _limited(self, trail: _Trail, wait: float | None, status: int | None = None) -> VendorError:
        """Return the error for a quota that is used up, unless an earlier attempt is in doubt."""
        if trail.in_doubt:
            return OutcomeUnknown(
                "the quota is used up before the write could be settled",
                vendor=self.vendor,
                status=status,
            )
        until = None if wait is None else self.clock.now() + timedelta(seconds=wait)
        return RateLimited(
            "the quota is used up" + (f" until {until:%Y-%m-%d %H:%M:%S %Z}" if until else ""),
            retry_at=until,
            vendor=self.vendor,
            status=status,
        )


def _without(token: str, asked: Request, answer: Response) -> bytes:
    """Return the body of an answer; whatever may say why something failed repeats no token."""
    may_explain = answer.status >= HTTPStatus.BAD_REQUEST or asked.effect is not Effect.READ
    return answer.body.replace(token.encode(), _MASK) if token and may_explain else answer.body


def _throttled(outcome: Response | Interrupted) -> bool:
    return isinstance(outcome, Response) and outcome.status == HTTPStatus.TOO_MANY_REQUESTS
