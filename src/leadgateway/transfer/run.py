"""A migration as a job in the journal: it may be killed anywhere and goes on where it was."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leadgateway.aio import AsyncConnection
from leadgateway.errors import (
    ConfigError,
    LeadGatewayError,
    Paused,
    RateLimited,
    Recovery,
)
from leadgateway.events import JobFinished, JobStarted
from leadgateway.journal import JobRecord, JobState, Journal, RowState
from leadgateway.mapping import STRICT, Policy
from leadgateway.transfer.book import Book, hold
from leadgateway.transfer.halt import Halt
from leadgateway.transfer.lookup import since_epoch
from leadgateway.transfer.reconcile import Reconciler
from leadgateway.transfer.send import Sender
from leadgateway.transfer.stage import stage_pages

_SECRETS = frozenset({"token"})
_NO_MATTER = frozenset({"deadline", "proxy", "client", "rate_limits", "settle_seconds"})
_AWAY_SECONDS = 60.0


@dataclass(frozen=True)
class JobOptions:
    """How a job runs: what it may lose, how much of the source it takes, how wide it sends."""

    policy: Policy = STRICT
    limit: int | None = None
    concurrency: int = 8
    new_config: bool = False
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    halt: Halt = field(default_factory=Halt)
    progress: Callable[[int], None] | None = None


async def run_job(
    source: AsyncConnection,
    target: AsyncConnection,
    journal: Journal,
    job_id: str,
    options: JobOptions,
) -> JobRecord:
    """Begin the job or go on with it, until its source is read and every row is settled.

    Raises `JobLocked` while another process holds it, `Paused` while it is not time yet or when
    the target is away, `ConfigError` if the connections or the policy are not those it began
    with, and whatever else stops all rows. Whatever is raised, what was settled stays settled.
    """
    config = config_of(source, target, options.policy)
    record = journal.open_job(
        JobRecord(job_id, source.name, target.name, config, config_hash(config))
    )
    async with hold(journal, job_id) as book:
        _check_time(record, journal.now())
        _check_config(record, config, book, new_config=options.new_config)
        target.opened.session.adapter.check_write()
        book.mark(JobState.RUNNING)
        await _Run(source, target, book, options).run()
        return book.record()


def config_of(source: AsyncConnection, target: AsyncConnection, policy: Policy) -> str:
    """Return what decides how a lead is mapped, as text; without secrets and without tuning."""
    held = {
        "source": _settings(source),
        "target": _settings(target),
        "accept": sorted(policy.accept),
        "lenient": policy.lenient,
    }
    return json.dumps(held, sort_keys=True, default=str)


def config_hash(config: str) -> str:
    """Return the short name of a configuration."""
    return hashlib.sha256(config.encode()).hexdigest()[:16]


def _settings(connection: AsyncConnection) -> dict[str, Any]:
    dumped = connection.opened.adapter.settings.model_dump(
        mode="json", exclude=_SECRETS | _NO_MATTER, exclude_defaults=True
    )
    return {"vendor": connection.vendor, **dumped}


def _check_time(record: JobRecord, now: float) -> None:
    if record.state is JobState.PAUSED and record.paused_until and now < record.paused_until:
        raise Paused(since_epoch(record.paused_until))


def _check_config(record: JobRecord, config: str, book: Book, *, new_config: bool) -> None:
    if record.config_hash == config_hash(config):
        return
    if not new_config:
        was, now = json.loads(record.config), json.loads(config)
        changed = sorted(key for key in was.keys() | now.keys() if was.get(key) != now.get(key))
        raise ConfigError(
            f"job {record.id!r} began under another configuration ({', '.join(changed)} changed): "
            "go on with --new-config, or begin another job with --job NAME."
        )
    book.journal.reconfigure(book.lease, config, config_hash(config))


@dataclass
class _Run:
    source: AsyncConnection
    target: AsyncConnection
    book: Book
    options: JobOptions

    async def run(self) -> None:
        job = JobStarted(self.source.name, self.target.name)
        plugins = self.target.opened.plugins
        plugins.announce("leadgateway_job_started", job)
        sender = Sender(
            self.target,
            self.book,
            self.options.policy,
            self.options.concurrency,
            self.options.halt,
            job,
        )
        reconciler = Reconciler(self.target, self.book, sender, self.options.sleep)
        await reconciler.reconcile()
        self._stop_if(sender.stopped_by)
        await self._drain(sender)
        async with aclosing(
            one_ahead(stage_pages(self.source, self.book, self.options.limit))
        ) as new:
            async for _ in new:
                await self._drain(sender, keep_for_a_batch=True)
                if self.options.halt.wished:
                    return
        await self._drain(sender)
        await reconciler.reconcile()
        self._stop_if(sender.stopped_by)
        if self.options.halt.wished:
            return
        counts = self.book.journal.counts(self.book.job)
        self.book.mark(_end(counts))
        named = {str(state): count for state, count in counts.items()}
        plugins.announce("leadgateway_job_finished", JobFinished(job.source, job.target, named))

    async def _drain(self, sender: Sender, *, keep_for_a_batch: bool = False) -> None:
        """Write what is pending; while reading goes on, what does not fill a batch may wait."""
        least = (self.target.capabilities.batch_size or 1) if keep_for_a_batch else 1
        while not self.options.halt.wished:
            rows = self.book.pending(sender.wave)
            if len(rows) < least:
                return
            await sender.send(rows[: len(rows) - len(rows) % least])
            self._stop_if(sender.stopped_by)
            if self.options.progress is not None:
                counts = self.book.journal.counts(self.book.job)
                self.options.progress(sum(counts.values()) - counts[RowState.PENDING])

    def _stop_if(self, error: LeadGatewayError | None) -> None:
        """Pause the job where trying later helps, else raise what ended it."""
        if error is None:
            return
        if error.recovery is not Recovery.RETRY:
            raise error
        until = error.retry_at if isinstance(error, RateLimited) else None
        now = self.book.journal.now()
        seconds = until.timestamp() if isinstance(until, datetime) else now + _AWAY_SECONDS
        self.book.mark(JobState.PAUSED, seconds if until is not None else None)
        raise Paused(since_epoch(seconds), str(error)) from error


def _end(counts: dict[RowState, int]) -> JobState:
    if counts.get(RowState.UNKNOWN):
        return JobState.NEEDS_OPERATOR
    return JobState.DONE_WITH_FAILURES if counts.get(RowState.FAILED) else JobState.DONE


async def one_ahead(pages: AsyncIterator[int]) -> AsyncGenerator[int, None]:
    """Yield what `pages` yields while the next one is being read."""
    nothing = object()

    async def advance() -> Any:
        return await anext(pages, nothing)

    ahead: asyncio.Task[Any] = asyncio.create_task(advance())
    try:
        while (found := await ahead) is not nothing:
            ahead = asyncio.create_task(advance())
            yield found
    finally:
        ahead.cancel()
        await asyncio.wait([ahead])
