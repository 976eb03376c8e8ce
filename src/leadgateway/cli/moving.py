"""What `leadgateway migrate` does, step by step."""

from __future__ import annotations

from dataclasses import dataclass

from leadgateway.aio import AsyncConnection
from leadgateway.cli.account import Account, may_merge, policy_of
from leadgateway.cli.asked import Asked
from leadgateway.cli.columns import columns_of
from leadgateway.cli.invocation import Invocation
from leadgateway.cli.journals import Shelf
from leadgateway.cli.render import Screen
from leadgateway.cli.signals import Heard, heeding
from leadgateway.errors import ConfigError, LeadGatewayError
from leadgateway.journal import JobRecord, JobState, Journal, RowState
from leadgateway.mapping import Policy
from leadgateway.transfer.halt import Halt, Halted
from leadgateway.transfer.plan import plan
from leadgateway.transfer.run import EXIT_CODES, JobOptions, run_job
from leadgateway.transfer.verification import Verification
from leadgateway.transfer.verify import verify


@dataclass
class Move:
    """One run of a migration from the command line."""

    invocation: Invocation
    asked: Asked
    screen: Screen
    shelf: Shelf

    async def run(self) -> int:
        """Do what was asked and print the account; returns the exit code."""
        halt = Halt()

        def stop() -> None:
            self.screen.note(f"Stopping: writes in flight get {halt.patience:g} seconds to end.")
            halt.wish()

        gateway = self.invocation.async_gateway(halt.sleep)
        async with (
            gateway.connect(self.asked.source) as source,
            gateway.connect(self.asked.target) as target,
        ):
            _refuse_the_same(source, target)
            with heeding(stop) as heard:
                return await self._move(source, target, halt, heard)

    async def _move(
        self, source: AsyncConnection, target: AsyncConnection, halt: Halt, heard: Heard
    ) -> int:
        known = self.shelf.find()
        job_id = self._job_id(known, self.asked.job or f"{source.name}-to-{target.name}")
        account = Account(self.invocation, self.asked, self.screen, source, target, job_id)
        if known is None or known.find_job(job_id) is None or self.asked.dry_run:
            try:
                code = await self._look_first(account, source, target, halt)
            except Halted as stopped:
                return account.stopped(stopped, heard.exit_code or 130)
            if code is not None:
                return code
        else:
            account.going_on(known.counts(job_id))
        journal = self.shelf.open()
        account.warn()
        failure: LeadGatewayError | None = None
        found: Verification | None = None
        try:
            await self._write(source, target, journal, job_id, halt)
            found = await self._prove(target, journal, job_id, halt)
        except LeadGatewayError as error:
            if journal.find_job(job_id) is None:
                raise
            failure = error
        code = _code(journal.find_job(job_id), failure, found, heard)
        return account.end(journal, code, failure, proved=found is not None)

    async def _look_first(
        self, account: Account, source: AsyncConnection, target: AsyncConnection, halt: Halt
    ) -> int | None:
        """Plan the move; returns the exit code if it ends here."""
        asked, policy = self.asked, Policy(self.asked.accept, lenient=self.asked.lenient)
        account.name_columns(await halt.unless(columns_of(source)))
        if asked.lenient and not asked.dry_run:
            target.opened.adapter.check_write()
            return None
        with self.screen.progress("leads read", asked.limit) as advance:
            found = await halt.unless(plan(source, target, limit=asked.limit, progress=advance))
        account.plan(found)
        refused = found.to_accept(policy)
        again = asked.again(self.invocation, refused)
        if asked.dry_run:
            return account.tried(found, refused, again)
        return account.refused(found, refused, again) if refused else None

    async def _write(
        self,
        source: AsyncConnection,
        target: AsyncConnection,
        journal: Journal,
        job_id: str,
        halt: Halt,
    ) -> None:
        asked = self.asked
        with self.screen.progress("leads settled", asked.most) as advance:
            options = JobOptions(
                policy=Policy(asked.accept, lenient=asked.lenient),
                limit=asked.most,
                concurrency=asked.concurrency,
                new_config=asked.new_config,
                allow_merge=asked.allow_merge,
                sleep=halt.sleep,
                halt=halt,
                progress=advance,
            )
            await run_job(source, target, journal, job_id, options)

    async def _prove(
        self, target: AsyncConnection, journal: Journal, job_id: str, halt: Halt
    ) -> Verification | None:
        if self.asked.no_verify or halt.wished:
            return None
        self.screen.note(f"Reading {target.name} back.")
        return await halt.unless(verify(target, journal, job_id))

    def _job_id(self, journal: Journal | None, name: str) -> str:
        """Return the job's id; a delta run is a job of its own, numbered after the others."""
        if not self.asked.delta:
            return name
        jobs = journal.list_jobs() if journal is not None else []
        runs = [job for job in jobs if _is_run_of(job, name)]
        if journal is None or not runs:
            raise ConfigError(f"there is no job {name!r} yet: run it once without --delta.")
        unfinished = (job.id for job in runs if not _is_over(journal, job))
        return next(unfinished, f"{name}@{len(runs) + 1}")


async def again(
    invocation: Invocation,
    screen: Screen,
    shelf: Shelf,
    job: JobRecord,
    *,
    allow_merge: bool = False,
) -> int:
    """Go on with the leads that a job has read, under what it accepted and today's settings."""
    policy = policy_of(job)
    asked = Asked(
        job.source, job.target, shelf.given, job.id,
        limit=sum(shelf.open().counts(job.id).values()), accept=tuple(sorted(policy.accept)),
        lenient=policy.lenient, new_config=True, allow_merge=allow_merge or may_merge(job),
    )  # fmt: skip
    return await Move(invocation, asked, screen, shelf).run()


def _code(
    record: JobRecord | None,
    failure: LeadGatewayError | None,
    found: Verification | None,
    heard: Heard,
) -> int:
    if heard.exit_code is not None:
        return heard.exit_code
    if failure is not None:
        return failure.exit_code
    code = EXIT_CODES[record.state] if record is not None else 0
    return 1 if code == 0 and found is not None and not found.holds else code


def _is_run_of(job: JobRecord, name: str) -> bool:
    return job.id == name or (
        job.id.startswith(f"{name}@") and job.id.removeprefix(f"{name}@").isdecimal()
    )


def _is_over(journal: Journal, job: JobRecord) -> bool:
    counts = journal.counts(job.id)
    open_rows = counts[RowState.PENDING] + counts[RowState.INTENT]
    return job.reading_done and not open_rows and job.state is not JobState.RUNNING


def _refuse_the_same(source: AsyncConnection, target: AsyncConnection) -> None:
    ours, theirs = source.opened.adapter, target.opened.adapter
    if source.name == target.name or (
        ours.vendor == theirs.vendor and ours.settings == theirs.settings
    ):
        raise ConfigError("--from and --to are the same connection: there is nothing to move.")
