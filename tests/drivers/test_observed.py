"""An observed driver tells how every exchange ended, and changes nothing else."""

import asyncio
from itertools import count

import pytest

from leadgateway.drivers.clock import SystemClock
from leadgateway.drivers.observed import ObservedAsyncDriver, ObservedDriver, Observer
from leadgateway.errors import UnsafeURL
from leadgateway.events import ExchangeFinished
from leadgateway.exchange import Interrupted, Request, Response

REQUEST = Request("GET", "https://vendor.example/leads", (("email", "canary"),))
ANSWER = Response(200, (), b"", REQUEST)


class Ticking(SystemClock):
    """A clock on which every look costs a second."""

    def __init__(self):
        self._ticks = count()

    def monotonic(self):
        return float(next(self._ticks))


class Vendor:
    def __init__(self, end):
        self.end = end
        self.closed = False

    def send(self, request):
        if isinstance(self.end, Exception):
            raise self.end
        return self.end

    def close(self):
        self.closed = True


class AsyncVendor(Vendor):
    async def send(self, request):
        return super().send(request)

    async def close(self):
        super().close()


def send(mode, end, told):
    """Send once and close, telling `told`."""
    observer = Observer("vendor", "prod", Ticking(), told.append)
    if mode == "sync":
        vendor = Vendor(end)
        driver = ObservedDriver(vendor, observer)
        try:
            return driver.send(REQUEST)
        finally:
            driver.close()
            assert vendor.closed

    async def main():
        vendor = AsyncVendor(end)
        driver = ObservedAsyncDriver(vendor, observer)
        try:
            return await driver.send(REQUEST)
        finally:
            await driver.close()
            assert vendor.closed

    return asyncio.run(main())


def finished(status, failure):
    return ExchangeFinished("vendor", "prod", "GET", "/leads", status, failure, 1.0)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_an_answer_is_told_and_returned(mode):
    told = []
    assert send(mode, ANSWER, told) is ANSWER
    assert told == [finished(200, None)]


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("error", [Interrupted("lost", sent=True), UnsafeURL("elsewhere")])
def test_a_failure_is_told_by_its_kind_and_raised(mode, error):
    told = []
    with pytest.raises(type(error)) as caught:
        send(mode, error, told)
    assert caught.value is error
    assert told == [finished(None, type(error).__name__)]
