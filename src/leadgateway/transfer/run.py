"""A migration as a job in the journal: it may be killed anywhere and goes on where it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import Final

from leadgateway.aio import AsyncConnection
from leadgateway.errors import (
    LeadGatewayError,
    Paused,
    RateLimited,
    Recovery,
    Unavailable,
)
from leadgateway.events import JobFinished, JobStarted, LeadSettled, LeadsSettled
from leadgateway.journal import JobRecord, JobState, Journal, Pending, RowState, Settlement
from leadgateway.mapping import STRICT, Policy
from leadgateway.transfer.admission import admit
from leadgateway.transfer.ahead import Ahead, reading_ahead
from leadgateway.transfer.book import Book, Listener, hold
from leadgateway.transfer.encode import losses_of
from leadgateway.transfer.halt import Halt, Halted
from leadgateway.transfer.intake import Intake
from leadgateway.transfer.job_config import accounts, config_hash, config_of
from leadgateway.transfer.lookup import since_epoch
from leadgateway.transfer.merging import merge_guard
from leadgateway.transfer.prepare import Preparer
from leadgateway.transfer.quotas import shared_quotas
from leadgateway.transfer.reconcile import Reconciler
from leadgateway.transfer.send import Sender
from leadgateway.transfer.stage import stage_pages

EXIT_CODES: Final[Mapping[JobState, int]] = MappingProxyType(
    {
        JobState.DONE: 0,
        JobState.DONE_WITH_FAILURES: 3,
        JobState.NEEDS_OPERATOR: 4,
        JobState.PAUSED: 75,
        JobState.RUNNING: 75,
    }
)
"""What a process that ran a job to this state exits with; a job still running was stopped."""

_AWAY_SECONDS = 60.0
_WAVES_AHEAD = 2


@dataclass(frozen=True)
class JobOptions:
    """How a job runs: what it may lose, how much of the source it takes, how wide it sends.

    With a `limit` no more than the first so many leads are read and written, and the others wait.
    A target that merges gets no lead that it would merge with another of the job which may be
    somebody else, unless `allow_merge`; to know them all, the source is read to its end first.
    `progress` is told now and then how many rows have been dealt with.
    """

    policy: Policy = STRICT
    limit: int | None = None
    concurrency: int = 8
    new_config: bool = False
    allow_merge: bool = False
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

    Returns early, with the job still running, when `options.halt` wishes so. Raises `JobLocked`
    while another process holds it, `Paused` while it is not time yet or when a vendor is away,
    `ConfigError` if the connections, the policy or `allow_merge` are not those it began with, or,
    whatever `new_config` says, if the names of the connections lead to other vendors now, and
    whatever else stops all rows. Whatever is raised, what was settled stays settled.
    """
    config = config_of(source, target, options.policy, allow_merge=options.allow_merge)
    asked = JobRecord(job_id, source.name, target.name, config, config_hash(config))
    journal.open_job(asked)
    async with hold(journal, job_id, _listener(target)) as book:
        admit(book, asked, accounts(source, target), new_config=options.new_config)
        target.opened.session.adapter.check_write()
        with shared_quotas(journal, source, target):
            await _Run(source, target, book, options).run()
        return book.record()


def _listener(target: AsyncConnection) -> Listener | None:
    """Return who wants to hear of the leads that are settled; nobody does most of the time."""
    plugins, hook = target.opened.plugins, "leadgateway_leads_settled"
    if not plugins.listened_to(hook):
        return None

    def announce(settled: Sequence[tuple[str, Settlement]]) -> None:
        leads = [
            LeadSettled(
                target.name, source_id, row.target_id, row.state.value,
                losses_of(row.losses or "[]"),
            )
            for source_id, row in settled
        ]  # fmt: skip
        if leads:
            plugins.announce(hook, LeadsSettled(tuple(leads)))

    return announce


@dataclass
class _Run:
    source: AsyncConnection
    target: AsyncConnection
    book: Book
    options: JobOptions
    _dealt_with: int = 0
    _taken: int = 0

    async def run(self) -> None:
        """Do all that is left to do; a target or a source that is away pauses the job."""
        self.book.mark(JobState.RUNNING)
        if self.book.pending(1):
            self.book.journal.catch_up(self.book.lease)
        try:
            await self._work()
        except Halted:
            if not self.options.halt.wished:
                raise
        except LeadGatewayError as error:
            if error.recovery is Recovery.RETRY:
                raise self._paused(error) from error
            raise

    async def _work(self) -> None:
        started = JobStarted(self.source.name, self.target.name)
        plugins, options = self.target.opened.plugins, self.options
        plugins.announce("leadgateway_job_started", started)
        preparer = Preparer(
            self.target, self.book.job, options.policy, options.concurrency, started
        )
        sender = Sender(self.target, self.book, preparer, options.concurrency, options.halt)
        reconciler = Reconciler(self.target, self.book, sender, options.sleep)
        if options.progress is not None:
            counts = self.book.journal.counts(self.book.job)
            self._dealt_with = sum(counts.values()) - counts[RowState.PENDING]
        await self.target.check()
        await reconciler.reconcile()
        intake = Intake(self.book, preparer)
        if self.target.capabilities.create_merges and not options.allow_merge:
            with merge_guard(self.target) as guard:
                preparer.guard = guard
                await self._read(intake)
                if self.book.pending(1):
                    await guard.learn(self.book.journal, self.book.job)
                await self._write(sender)
        else:
            await self._write(sender, intake)
        await reconciler.reconcile()
        self._stop_if_stopped(sender)
        if reconciler.later_may_help:
            raise Unavailable("some writes are still without an answer", vendor=self.target.vendor)
        if self._pending(1):
            raise Unavailable("some leads are to be sent anew", vendor=self.target.vendor)
        self._end(started)

    async def _read(self, intake: Intake) -> None:
        """Read the source to its end."""
        async with self._pages(intake, 1) as ahead:
            while ahead is not None and await self.options.halt.unless(ahead.more()):
                pass

    async def _write(self, sender: Sender, intake: Intake | None = None) -> None:
        """Write what is pending, and what `intake` takes in meanwhile."""
        self._stop_if_stopped(sender)
        batch = self.target.capabilities.batch_size or 1
        async with self._pages(intake, sender.wave * _WAVES_AHEAD) as ahead:

            async def next_rows() -> list[Pending]:
                """While reading goes on, what does not fill a batch may wait."""
                nonlocal ahead
                rows = self._pending(sender.wave)
                while ahead is not None and len(rows) < batch:
                    if not await self.options.halt.unless(ahead.more()):
                        ahead = None
                    rows = self._pending(sender.wave)
                if ahead is not None:
                    ahead.took(len(rows))
                self._tell(len(rows))
                return rows

            await sender.send(next_rows)
        self._stop_if_stopped(sender)

    def _pending(self, most: int) -> list[Pending]:
        """Return the next rows to be written, of those that the limit leaves."""
        rows, last = self.book.pending(most), self._last
        return rows if last is None else [row for row in rows if row.seq <= last]

    @cached_property
    def _last(self) -> int | None:
        """The last row that the limit leaves, where a run before staged more than that."""
        limit, journal = self.options.limit, self.book.journal
        if limit is None or journal.counts(self.book.job).total() <= limit:
            return None
        return next(islice(journal.rows(self.book.job), limit - 1, None)).seq

    @asynccontextmanager
    async def _pages(self, intake: Intake | None, most: int) -> AsyncIterator[Ahead | None]:
        """Have the source read on while the block runs, unless it has been read to its end.

        It rests while `most` rows wait to be written.
        """
        if intake is None or self.book.record().reading_done:
            yield None
            return
        pages = stage_pages(self.source, self.book, intake, self.options.limit)
        async with aclosing(pages), reading_ahead(pages, most) as ahead:
            yield ahead

    def _tell(self, taken: int) -> None:
        """Tell that the rows taken before are dealt with, now that more of them are."""
        self._dealt_with += self._taken
        if self._taken and self.options.progress is not None:
            self.options.progress(self._dealt_with)
        self._taken = taken

    def _stop_if_stopped(self, sender: Sender) -> None:
        if sender.stopped_by is not None:
            raise sender.stopped_by
        if self.options.halt.wished:
            raise Halted("stopped before the next lead")

    def _paused(self, error: LeadGatewayError) -> Paused:
        """Pause the job until the time that the vendor named, or until somebody tries again."""
        now = self.book.journal.now()
        until = None
        if isinstance(error, RateLimited) and error.retry_at is not None:
            wait = error.retry_at - self.target.opened.clock.now()
            until = now + wait.total_seconds()
        self.book.mark(JobState.PAUSED, until)
        return Paused(since_epoch(until or now + _AWAY_SECONDS), str(error))

    def _end(self, started: JobStarted) -> None:
        counts = self.book.journal.counts(self.book.job)
        self.book.mark(end_of(counts))
        named = {state.value: count for state, count in counts.items()}
        finished = JobFinished(started.source, started.target, named)
        self.target.opened.plugins.announce("leadgateway_job_finished", finished)


def end_of(counts: Mapping[RowState, int]) -> JobState:
    """Return how a job stands whose rows are all settled."""
    if counts.get(RowState.UNKNOWN):
        return JobState.NEEDS_OPERATOR
    return JobState.DONE_WITH_FAILURES if counts.get(RowState.FAILED) else JobState.DONE
