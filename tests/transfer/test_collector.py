"""The collector's habits change for a block, and for it alone."""

from __future__ import annotations

import gc
import weakref

import pytest

from leadgateway.transfer import seldom_collected


class Knot:
    """Garbage that only the collector can find."""

    def __init__(self) -> None:
        self.itself = self


def test_little_is_looked_through_and_seldom() -> None:
    usual = gc.get_threshold()
    with seldom_collected():
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] > usual[0]
        assert gc.get_threshold()[1:] == usual[1:]
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0


def test_habits_come_back_after_an_error() -> None:
    usual = gc.get_threshold()
    with pytest.raises(ZeroDivisionError), seldom_collected():
        1 / 0  # noqa: B018  # any error
    assert (gc.get_threshold(), gc.get_freeze_count()) == (usual, 0)


def test_what_others_have_frozen_stays_frozen() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with seldom_collected():
            pass
        assert gc.get_freeze_count() >= frozen > 0
    finally:
        gc.unfreeze()


def test_garbage_is_still_collected() -> None:
    with seldom_collected():
        knot = Knot()
        seen = weakref.ref(knot)
        del knot
        gc.collect()
        assert seen() is None
