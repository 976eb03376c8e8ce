"""Python's garbage collector while many leads are moved."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_YOUNG: Final = 10_000
"""So many new objects are looked through at once: those of some two hundred leads."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Collect garbage less often while the block runs, and only among what it made itself.

    A lead leaves no garbage that has to be looked for, so a move spends a tenth of its time on
    looking. The collector is the whole process's: this is for programs that do nothing else.
    """
    usual, freezes = gc.get_threshold(), gc.get_freeze_count() == 0
    if freezes:
        gc.freeze()
    gc.set_threshold(_YOUNG, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        if freezes:
            gc.unfreeze()
