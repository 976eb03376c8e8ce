"""One timer for many exchanges: each has its own time, and nobody else's cancelling is hidden."""

import asyncio

import pytest

from leadgateway.drivers.timekeeper import Timekeeper


async def inside(keeper, seconds):
    with keeper.limit():
        await asyncio.sleep(seconds)
    return "done"


def test_what_takes_too_long_ends_and_the_others_go_on():
    async def main():
        keeper = Timekeeper(0.2)
        slow = asyncio.create_task(inside(keeper, 30))
        await asyncio.sleep(0.1)
        later = [asyncio.create_task(inside(keeper, seconds)) for seconds in (0.15, 30, 0)]
        return await asyncio.gather(slow, *later, return_exceptions=True)

    slow, quick, late, at_once = asyncio.run(main())
    assert isinstance(slow, TimeoutError)
    assert isinstance(late, TimeoutError)
    assert (quick, at_once) == ("done", "done")


def test_a_task_has_its_time_anew_for_each_exchange():
    async def main():
        keeper = Timekeeper(0.2)
        return [await inside(keeper, 0.12) for _ in range(3)]

    assert asyncio.run(main()) == ["done"] * 3


def test_no_timer_is_left_when_nothing_is_under_way():
    async def main():
        keeper = Timekeeper(60)
        await asyncio.gather(*[inside(keeper, 0.01) for _ in range(3)])
        return [each for each in asyncio.get_running_loop()._scheduled if not each.cancelled()]

    assert asyncio.run(main()) == []


@pytest.mark.parametrize("seconds", [60, 0], ids=["in time", "when its time is up"])
def test_a_task_that_somebody_else_cancels_stays_cancelled(seconds):
    async def main():
        keeper = Timekeeper(seconds)
        task = asyncio.create_task(inside(keeper, 30))
        await asyncio.sleep(0)
        task.cancel()
        keeper._look(asyncio.get_running_loop())
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(main())


def test_an_error_of_its_own_is_not_hidden_by_the_end_of_its_time():
    async def stubborn(keeper):
        with keeper.limit():
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                raise KeyError from None

    async def main():
        task = asyncio.create_task(stubborn(Timekeeper(0.05)))
        await asyncio.wait([task])
        return task.exception(), task.cancelling()

    error, cancelling = asyncio.run(main())
    assert isinstance(error, KeyError)
    assert cancelling == 0
