"""What a command that looks at many leads runs in: an event loop, and a patient collector."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end."""
    import asyncio

    from leadgateway.transfer import seldom_collected

    with seldom_collected():
        return asyncio.run(work)
