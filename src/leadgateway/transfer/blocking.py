"""The same moves for programs without an event loop: they take `Connection`s and block."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from leadgateway import transfer
from leadgateway.aio import AsyncConnection
from leadgateway.gateway import Connection
from leadgateway.journal import Journal
from leadgateway.transfer.certificate import Certificate
from leadgateway.transfer.plan import Plan
from leadgateway.transfer.undo import UndoReport
from leadgateway.transfer.verify import Verification

T = TypeVar("T")

report = transfer.report


def plan(source: Connection, target: Connection, **options: Any) -> Plan:
    """Do as `leadgateway.transfer.plan`."""
    return _run(lambda ours, theirs: transfer.plan(ours, theirs, **options), source, target)


def migrate(
    source: Connection, target: Connection, journal: Journal, **options: Any
) -> Certificate:
    """Do as `leadgateway.transfer.migrate`."""
    return _run(
        lambda ours, theirs: transfer.migrate(ours, theirs, journal, **options), source, target
    )


def verify(target: Connection, journal: Journal, job: str) -> Verification:
    """Do as `leadgateway.transfer.verify`."""
    return _run(lambda theirs: transfer.verify(theirs, journal, job), target)


def undo(target: Connection, journal: Journal, job: str, *, look_only: bool = False) -> UndoReport:
    """Do as `leadgateway.transfer.undo`."""
    return _run(lambda theirs: transfer.undo(theirs, journal, job, look_only=look_only), target)


def _run(work: Callable[..., Coroutine[Any, Any, T]], *connections: Connection) -> T:
    """Run `work` on twins of `connections`, which share their settings and their quota."""

    async def main() -> T:
        twins = [AsyncConnection(connection.opened) for connection in connections]
        try:
            return await work(*twins)
        finally:
            for twin in twins:
                await twin.close()

    return asyncio.run(main())
