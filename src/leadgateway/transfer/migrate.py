"""Moving the leads of one connection to another, in one process and without a journal.

Nothing is written while a value would be lost that nobody accepted. A run that is interrupted
cannot be resumed: what it had settled until then is in the rows it reported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from leadgateway.adapter import Outcome, Receipt
from leadgateway.aio import AsyncConnection
from leadgateway.errors import FidelityError, LeadGatewayError, Recovery
from leadgateway.events import JobFinished, JobStarted
from leadgateway.lead import Lead
from leadgateway.mapping import STRICT, Policy
from leadgateway.transfer.halt import Halt, Halted
from leadgateway.transfer.report import MigrationReport, Row
from leadgateway.transfer.scan import Scan, scan
from leadgateway.transfer.stream import chunks, first, following, one_ahead
from leadgateway.transfer.write import write
from leadgateway.values import Loss

_CHUNK = 200

OnRow = Callable[[Lead, Row], None]


async def migrate(
    source: AsyncConnection,
    target: AsyncConnection,
    *,
    policy: Policy = STRICT,
    limit: int | None = None,
    concurrency: int = 8,
    dry_run: bool = False,
    found: Scan | None = None,
    on_row: OnRow | None = None,
    halt: Halt | None = None,
) -> MigrationReport:
    """Write every lead of `source` to `target`, and account for each.

    Unless everything is accepted, all leads are first read once to find what would be lost; give
    what an earlier `scan` of them `found` to spare that. `FidelityError` names what nobody
    accepted, before anything was written. An error that ends the writing, and a `halt` of it, are
    `stopped_by` in the report.
    """
    report = MigrationReport(source.name, target.name, dry_run)
    halt = halt or Halt()
    if not dry_run:
        target.opened.adapter.check_write()
    if dry_run or not policy.lenient:
        if found is None:
            found = await halt.unless(scan(source, target, limit=limit))
        report.scan = found
        if dry_run:
            report.read, report.losses = found.read, found.losses
            return report
        _refuse_what_nobody_accepted(found, policy)
    await _Migration(source, target, policy, concurrency, report, on_row, halt).run(limit)
    return report


def _refuse_what_nobody_accepted(found: Scan, policy: Policy) -> None:
    refused = set(found.refused(policy))
    if refused:
        raise FidelityError(
            [
                Loss(path=path, fidelity=fidelity, reason=reason, detail=f"{count} leads")
                for (path, fidelity, reason), count in sorted(found.losses.counts.items())
                if path in refused and fidelity.is_lossy
            ]
        )


@dataclass
class _Migration:
    source: AsyncConnection
    target: AsyncConnection
    policy: Policy
    concurrency: int
    report: MigrationReport
    on_row: OnRow | None
    halt: Halt

    async def run(self, limit: int | None) -> None:
        """Write chunk by chunk until the source ends, an error concerns all, or the halt comes."""
        plugins = self.target.opened.plugins
        job = JobStarted(self.source.name, self.target.name)
        plugins.announce("leadgateway_job_started", job)
        try:
            async with aclosing(one_ahead(chunks(first(self.source, limit), self._size))) as stream:
                while chunk := await self.halt.unless(following(stream)):
                    await self._write(chunk, job)
        except LeadGatewayError as error:
            self.report.stopped_by = error
        counts = {str(outcome): count for outcome, count in self.report.counts.items()}
        finished = JobFinished(job.source, job.target, counts)
        plugins.announce("leadgateway_job_finished", finished)

    @property
    def _size(self) -> int:
        """Leads per chunk: whole batches, and some of them."""
        batch = self.target.capabilities.batch_size or 1
        return batch * -(-_CHUNK // batch)

    async def _write(self, chunk: Sequence[Lead], job: JobStarted) -> None:
        """Write one chunk; raises what makes going on useless."""
        self.report.read += len(chunk)
        wanted = []
        for lead in chunk:
            reason = self.target.opened.plugins.skip(lead, job)
            if reason is None:
                wanted.append(lead)
            else:
                self._settle(lead, Row.of(lead, Receipt(Outcome.SKIPPED), reason))
        errors: list[LeadGatewayError | None] = []

        def settle(lead: Lead, receipt: Receipt) -> None:
            errors.append(receipt.error)
            self._settle(lead, Row.of(lead, receipt))

        self.report.read -= await write(
            self.target,
            wanted,
            policy=self.policy,
            concurrency=self.concurrency,
            halt=self.halt,
            settle=settle,
        )
        _stop_if_useless(errors)
        if self.halt.wished:
            raise Halted("stopped before the next lead")

    def _settle(self, lead: Lead, row: Row) -> None:
        self.report.settle(row)
        if self.on_row is not None:
            self.on_row(lead, row)


def _stop_if_useless(errors: Sequence[LeadGatewayError | None]) -> None:
    """Raise the error after which going on is no use: one for all, or a target that is gone."""
    for error in errors:
        if error is not None and error.recovery is Recovery.ABORT:
            raise error
    tried = [e for e in errors if e is None or e.recovery is not Recovery.SKIP]
    gone = [e for e in tried if e is not None and e.recovery is Recovery.RETRY]
    if gone and len(gone) == len(tried):
        raise gone[0]
