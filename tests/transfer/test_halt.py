"""A wish to stop: what it ends at once, what it lets end, and for how long."""

import asyncio

import pytest

from leadgateway.transfer import Halt, Halted


def run(main):
    return asyncio.run(main())


async def after(seconds, value):
    await asyncio.sleep(seconds)
    return value


def test_sleeping_is_sleeping_while_nobody_wishes_to_stop():
    async def main():
        halt = Halt()
        meanwhile = asyncio.create_task(after(0.01, None))
        await halt.sleep(0.05)
        return meanwhile.done(), halt.wished

    assert run(main) == (True, False)


def test_a_wish_ends_every_sleep_now_and_later():
    async def main():
        halt = Halt()
        sleeper = asyncio.create_task(halt.sleep(3600))
        await asyncio.sleep(0)
        halt.wish()
        with pytest.raises(Halted):
            await sleeper
        with pytest.raises(Halted):
            await halt.sleep(3600)
        assert halt.wished

    run(main)


def test_work_is_returned_and_its_errors_are_raised():
    async def broken():
        raise ValueError("broken")

    async def main():
        halt = Halt()
        assert await halt.unless(after(0, 7)) == 7
        with pytest.raises(ValueError, match="broken"):
            await halt.unless(broken())
        assert len(asyncio.all_tasks()) == 1

    run(main)


def test_a_wish_cancels_the_work_of_the_moment():
    ends = []

    async def work():
        try:
            await asyncio.sleep(3600)
        finally:
            ends.append("cleaned up")

    async def main():
        halt = Halt()
        asyncio.get_running_loop().call_later(0.01, halt.wish)
        with pytest.raises(Halted):
            await halt.unless(work())

    run(main)
    assert ends == ["cleaned up"]


def test_what_ends_within_patience_ends_and_the_rest_is_cancelled():
    async def main():
        halt = Halt(patience=0.2)
        quick, slow = asyncio.create_task(after(0.05, None)), asyncio.create_task(after(60, None))
        halt.wish()
        await halt.bear([quick, slow])
        return quick.cancelled(), slow.cancelled()

    assert run(main) == (False, True)


def test_an_error_in_one_task_is_raised_when_all_have_ended():
    async def main():
        halt = Halt()
        other = asyncio.create_task(after(0.02, None))

        async def broken():
            raise ValueError("broken")

        with pytest.raises(ValueError, match="broken"):
            await halt.bear([asyncio.create_task(broken()), other])
        return other.done()

    assert run(main)


def test_nothing_to_wait_for_is_no_wait():
    async def main():
        await Halt().bear([])

    run(main)


def test_whoever_cancels_us_cancels_what_we_wait_for():
    async def main():
        halt = Halt()
        task = asyncio.create_task(after(3600, None))
        waiting = asyncio.create_task(halt.bear([task]))
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return task.cancelled()

    assert run(main)
