"""The same moves for programs without an event loop: they take `Connection`s and block."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from leadgateway import transfer
from leadgateway.aio import AsyncConnection
from leadgateway.errors import ConfigError
from leadgateway.gateway import Connection
from leadgateway.journal import Journal
from leadgateway.transfer import (
    Certificate,
    Plan,
    UndoReport,
    Verification,
    open_journal,
    report,
    resolve_created,
    resolve_resend,
    retry,
    seldom_collected,
    unknown_rows,
)

__all__ = [
    "Certificate",
    "Plan",
    "UndoReport",
    "Verification",
    "migrate",
    "open_journal",
    "plan",
    "report",
    "resolve_created",
    "resolve_resend",
    "retry",
    "seldom_collected",
    "undo",
    "unknown_rows",
    "verify",
]

T = TypeVar("T")


def plan(
    source: Connection,
    target: Connection,
    *,
    sample: int | None = None,
    limit: int | None = None,
    ask_vendor: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Plan:
    """Do as `leadgateway.transfer.plan`."""
    return _run(
        lambda ours, theirs: transfer.plan(
            ours, theirs, sample=sample, limit=limit, ask_vendor=ask_vendor, progress=progress
        ),
        source,
        target,
    )


def migrate(
    source: Connection,
    target: Connection,
    journal: Journal,
    *,
    job: str | None = None,
    accept: Iterable[str] = (),
    lenient: bool = False,
    limit: int | None = None,
    concurrency: int = 8,
    new_config: bool = False,
    allow_merge: bool = False,
    prove: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Certificate:
    """Do as `leadgateway.transfer.migrate`."""
    return _run(
        lambda ours, theirs: transfer.migrate(
            ours,
            theirs,
            journal,
            job=job,
            accept=accept,
            lenient=lenient,
            limit=limit,
            concurrency=concurrency,
            new_config=new_config,
            allow_merge=allow_merge,
            prove=prove,
            progress=progress,
        ),
        source,
        target,
    )


def verify(target: Connection, journal: Journal, job_id: str) -> Verification:
    """Do as `leadgateway.transfer.verify`."""
    return _run(lambda theirs: transfer.verify(theirs, journal, job_id), target)


def undo(
    target: Connection, journal: Journal, job_id: str, *, look_only: bool = False
) -> UndoReport:
    """Do as `leadgateway.transfer.undo`."""
    return _run(lambda theirs: transfer.undo(theirs, journal, job_id, look_only=look_only), target)


def _run(work: Callable[..., Coroutine[Any, Any, T]], *connections: Connection) -> T:
    """Run `work` on twins of `connections`, which share their settings and their quota."""
    if _in_a_loop():
        raise ConfigError("an event loop runs here: await the same call of leadgateway.transfer.")

    async def main() -> T:
        twins = [AsyncConnection(connection.opened) for connection in connections]
        try:
            return await work(*twins)
        finally:
            for twin in twins:
                await twin.close()

    return asyncio.run(main())


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
