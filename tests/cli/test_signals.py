"""Signals while something is under way."""

import asyncio
import os
import signal

import pytest

from leadgateway.cli.signals import heeding


@pytest.mark.parametrize(("first", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_acts_and_later_ones_change_nothing(first, code):
    acted = []

    async def main():
        with heeding(lambda: acted.append("stop")) as heard:
            assert heard.exit_code is None
            for number in (first, signal.SIGINT, signal.SIGTERM):
                os.kill(os.getpid(), number)
                await asyncio.sleep(0)
            await asyncio.sleep(0)
            return heard.exit_code

    assert asyncio.run(main()) == code
    assert acted == ["stop"]


def test_afterwards_signals_do_what_they_did_before():
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}

    async def main():
        with heeding(lambda: None):
            pass
        return signal.getsignal(signal.SIGTERM)

    assert asyncio.run(main()) == before[signal.SIGTERM]
    assert {each: signal.getsignal(each) for each in before} == before
