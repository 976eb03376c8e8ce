"""The two loops take the same steps, and lock nothing while they wait."""

import asyncio
import threading
from contextlib import nullcontext

import pytest

from leadgateway.conduct import NeedToken, Send, Wait
from leadgateway.drivers.clock import SystemClock
from leadgateway.drivers.drive import adrive, drive
from leadgateway.errors import UnsafeURL
from leadgateway.exchange import Interrupted, Request, Response

REQUEST = Request("GET", "https://vendor.example/")


def steps(log):
    """Every kind of step once, and an interruption."""
    try:
        log.append((yield NeedToken()))
        log.append((yield NeedToken(refused="one")))
        log.append((yield Wait(2.5)))
        try:
            yield Send(REQUEST)
        except Interrupted as error:
            log.append(error.reason)
        log.append((yield Send(REQUEST)).status)
        return "done"
    finally:
        log.append("closed")


class Vendor:
    """Fails once, then answers; `check` is called while a request is under way."""

    def __init__(self, check=lambda: None, failure=None):
        self.outcomes = [failure or Interrupted("lost", sent=True), Response(200, (), b"", REQUEST)]
        self.check = check

    def send(self, request):
        assert request is REQUEST
        self.check()
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def close(self):
        """Nothing is open."""


class AsyncVendor(Vendor):
    async def send(self, request):
        return super().send(request)


def run(mode, flow, *, failure=None, check=lambda: None, lock=None, slept=None, before_send=None):
    def token(refused=None):
        check()
        return "two" if refused else "one"

    def sleep(seconds):
        check()
        if slept is not None:
            slept.append(seconds)

    if mode == "sync":
        vendor = Vendor(check, failure)
        held = lock or nullcontext()
        return drive(flow, vendor, token, lock=held, sleep=sleep, before_send=before_send)

    async def atoken(refused=None):
        return token(refused)

    async def asleep(seconds):
        sleep(seconds)

    vendor = AsyncVendor(check, failure)
    return asyncio.run(adrive(flow, vendor, atoken, sleep=asleep, before_send=before_send))


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_every_step_is_taken_and_answered(mode):
    log = []
    assert run(mode, steps(log), slept=log) == "done"
    assert log == ["one", "two", 2.5, None, "lost", 200, "closed"]


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_steps_are_closed_when_the_driver_refuses(mode):
    log = []
    with pytest.raises(UnsafeURL):
        run(mode, steps(log), failure=UnsafeURL("elsewhere"))
    assert log[-1] == "closed"


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_before_send_is_called_after_every_wait_and_may_hold_the_request_back(mode):
    log, sent = [], []

    def before_send():
        log.append("leaving")
        if log.count("leaving") == 2:
            raise UnsafeURL("held back")

    with pytest.raises(UnsafeURL, match="held back"):
        run(
            mode, steps(log), slept=log, before_send=before_send,
            check=lambda: sent.append(len(log)) if "leaving" in log else None,
        )  # fmt: skip
    assert log == ["one", "two", 2.5, None, "leaving", "lost", "leaving", "closed"]
    assert len(sent) == 1


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_refusal_is_raised_where_it_was_asked_for(mode):
    def forgiving():
        try:
            yield Send(REQUEST)
        except UnsafeURL as error:
            return str(error)

    assert run(mode, forgiving(), failure=UnsafeURL("elsewhere")) == "elsewhere"


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_an_error_of_the_steps_is_the_callers(mode):
    def failing():
        yield NeedToken()
        raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        run(mode, failing())


def test_the_lock_is_held_while_thinking_and_never_while_waiting():
    lock = threading.Lock()
    thinking = []

    def watched(log):
        inner = steps(log)
        reply = None
        while True:
            thinking.append(lock.locked())
            try:
                reply = yield inner.send(reply)
            except StopIteration as done:
                return done.value
            except Interrupted as error:
                reply = yield inner.throw(error)

    waiting = []
    assert (
        run("sync", watched([]), lock=lock, check=lambda: waiting.append(lock.locked())) == "done"
    )
    assert len(thinking) >= 5
    assert all(thinking)
    assert waiting == [False] * 5


def test_the_machines_clock_is_aware_and_does_not_go_back():
    clock = SystemClock()
    assert clock.now().utcoffset().total_seconds() == 0
    assert clock.monotonic() <= clock.monotonic()
