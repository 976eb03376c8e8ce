"""Holding an adapter's flows by hand: canned answers, or a simulator over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from leadgateway.adapter import Adapter
from leadgateway.conduct import RateMeter, RetryPolicy, conduct
from leadgateway.drivers.drive import drive
from leadgateway.drivers.httpx import HttpxDriver
from leadgateway.drivers.token import Token
from leadgateway.exchange import Flow, Request, Response, dumps
from leadgateway.simulator.serve import Running

T = TypeVar("T")


def talk(flow: Flow[T], *answers: tuple[int, Any]) -> tuple[T, list[Request]]:
    """Answer the flow's requests in turn; return its result and what it asked."""
    requests = [next(flow)]
    for status, body in answers:
        data = body if isinstance(body, bytes) else dumps(body)
        headers = (("content-type", "application/json"),)
        try:
            requests.append(flow.send(Response(status, headers, data, requests[-1])))
        except StopIteration as done:
            return done.value, requests
    raise AssertionError("the flow asks for more than it was answered")


def query(request: Request) -> dict[str, str]:
    """Return the parameters of a request, none of which may stand twice."""
    assert len(dict(request.params)) == len(request.params)
    return dict(request.params)


@dataclass
class Waiting:
    """A clock that moves only when somebody waits."""

    waits: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime(2031, 5, 6, tzinfo=UTC) + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return sum(self.waits)


@dataclass
class Line:
    """A running simulator seen through one adapter; waits are counted, not waited."""

    adapter: Adapter[Any]
    driver: HttpxDriver
    clock: Waiting = field(default_factory=Waiting)

    def run(self, flow: Flow[T]) -> T:
        """Run the flow against the simulator."""
        steps = conduct(
            flow,
            authorize=self.adapter.authorize,
            meter=RateMeter(self.adapter.capabilities.rate_plan),
            retry=RetryPolicy(),
            clock=self.clock,
            chance=lambda: 0.5,
            vendor=self.adapter.vendor,
        )
        token = Token("token", self.adapter.settings.credential())
        return drive(
            steps, self.driver, token, lock=threading.Lock(), sleep=self.clock.waits.append
        )


@contextmanager
def line(adapter_type: type[Adapter[Any]], running: Running, **settings: Any) -> Iterator[Line]:
    """Connect an adapter to a running simulator."""
    given = {key: value for key, value in running.settings.items() if key != "vendor"}
    adapter = adapter_type(adapter_type.settings_type.of({**given, **settings}))
    driver = HttpxDriver()
    try:
        yield Line(adapter, driver)
    finally:
        driver.close()


def spoil(running: Running, **fault: Any) -> None:
    """Put a fault in force at the simulator."""
    driver = HttpxDriver()
    headers = (("content-type", "application/json"),)
    url = f"{running.url}/_simulator/faults"
    assert driver.send(Request("POST", url, (), headers, dumps(fault))).status < 300
    driver.close()


def utc(text: str) -> datetime:
    """Return an instant from its ISO text."""
    return datetime.fromisoformat(text)
