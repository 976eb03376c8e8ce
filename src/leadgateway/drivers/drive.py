"""Two small loops that take conduct's steps: one blocks, one awaits, and nothing else differs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from leadgateway.conduct import Answer, NeedToken, Send, Step, Steps
from leadgateway.drivers.port import AsyncDriver, Driver

T = TypeVar("T")


def _advance(steps: Steps[Any], answer: Answer | Exception) -> Step:
    if isinstance(answer, Exception):
        return steps.throw(answer)
    return steps.send(answer)


def drive(
    steps: Steps[T],
    driver: Driver,
    token: Callable[[str | None], str],
    *,
    lock: AbstractContextManager[object],
    sleep: Callable[[float], None] = time.sleep,
    before_send: Callable[[], None] | None = None,
) -> T:
    """Take `steps` to their end and return what they return; errors are raised in them.

    `lock` is held while they think, never while anything is sent or waited for: flows that share
    a rate meter share it. `before_send` is called when nothing is left to wait for; if it raises,
    the request does not leave.
    """
    answer: Answer | Exception = None
    try:
        while True:
            with lock:
                step = _advance(steps, answer)
            answer = None
            try:
                if isinstance(step, Send):
                    if before_send is not None:
                        before_send()
                    answer = driver.send(step.request)
                elif isinstance(step, NeedToken):
                    answer = token(step.refused)
                else:
                    sleep(step.seconds)
            except Exception as error:  # noqa: BLE001 - raised in the flow, where it was asked for
                answer = error
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        with lock:
            steps.close()


async def adrive(
    steps: Steps[T],
    driver: AsyncDriver,
    token: Callable[[str | None], Awaitable[str]],
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    before_send: Callable[[], None] | None = None,
) -> T:
    """Do as `drive` does; one event loop needs no lock."""
    answer: Answer | Exception = None
    try:
        while True:
            step = _advance(steps, answer)
            answer = None
            try:
                if isinstance(step, Send):
                    if before_send is not None:
                        before_send()
                    answer = await driver.send(step.request)
                elif isinstance(step, NeedToken):
                    answer = await token(step.refused)
                else:
                    await sleep(step.seconds)
            except Exception as error:  # noqa: BLE001 - raised in the flow, where it was asked for
                answer = error
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        steps.close()
