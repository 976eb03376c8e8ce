"""Moving the leads of one connection to another, in one process and without a journal.

Nothing is written while a value would be lost that nobody accepted. A run that is interrupted
cannot be resumed: what it had settled until then is in the rows it reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from leadgateway.adapter import Outcome, Receipt
from leadgateway.aio import AsyncConnection
from leadgateway.errors import FidelityError, LeadGatewayError, Recovery
from leadgateway.events import JobFinished, JobStarted
from leadgateway.lead import Lead
from leadgateway.mapping import STRICT, LossCount, Policy
from leadgateway.transfer.scan import Progress, Scan, scan
from leadgateway.transfer.stream import chunks, first, one_ahead
from leadgateway.values import Loss

_CHUNK = 200


@dataclass(frozen=True)
class Row:
    """What became of one lead of the source."""

    source_id: str
    outcome: Outcome
    target_id: str | None
    matched_by: str | None
    reason: str
    losses: tuple[Loss, ...]


@dataclass
class MigrationReport:
    """The account of a migration: what was read is created, merged, skipped, failed or unknown.

    `problems` holds the rows that failed or are unknown, `scan` what the dry pass found, and
    `stopped_by` is the error that ended the work before the source did.
    """

    source: str
    target: str
    dry_run: bool = False
    read: int = 0
    counts: Counter[Outcome] = field(default_factory=Counter)
    losses: LossCount = field(default_factory=LossCount)
    problems: list[Row] = field(default_factory=list)
    scan: Scan | None = None
    stopped_by: LeadGatewayError | None = None

    @property
    def adds_up(self) -> bool:
        """Whether every lead that was read has exactly one outcome."""
        return self.dry_run or self.read == sum(self.counts.values())

    @property
    def exit_code(self) -> int:
        """0 all settled, 3 some failed, 4 some unknown; or what stopped the work as a whole."""
        if self.stopped_by is not None:
            return self.stopped_by.exit_code
        if self.counts[Outcome.UNKNOWN]:
            return 4
        return 3 if self.counts[Outcome.FAILED] else 0


async def migrate(
    source: AsyncConnection,
    target: AsyncConnection,
    *,
    policy: Policy = STRICT,
    limit: int | None = None,
    concurrency: int = 8,
    dry_run: bool = False,
    on_row: Callable[[Lead, Row], None] | None = None,
    scanned: Progress | None = None,
    written: Progress | None = None,
) -> MigrationReport:
    """Write every lead of `source` to `target`, and account for each.

    Unless everything is accepted, all leads are first read once to find what would be lost:
    `FidelityError` names what nobody accepted, before anything was written.
    """
    report = MigrationReport(source.name, target.name, dry_run)
    if dry_run or not policy.lenient:
        report.scan = await scan(source, target, limit=limit, progress=scanned)
    if dry_run and report.scan is not None:
        report.read, report.losses = report.scan.read, report.scan.losses
        return report
    if report.scan is not None:
        _refuse_what_nobody_accepted(report.scan, policy)
    await _Migration(source, target, policy, concurrency, report, on_row, written).run(limit)
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
    on_row: Callable[[Lead, Row], None] | None
    written: Progress | None

    async def run(self, limit: int | None) -> None:
        plugins = self.target.opened.plugins
        job = JobStarted(self.source.name, self.target.name)
        plugins.announce("leadgateway_job_started", job)
        size = self.target.capabilities.batch_size or _CHUNK
        async with aclosing(one_ahead(chunks(first(self.source, limit), size))) as stream:
            async for chunk in stream:
                await self._write(chunk, job)
                if self.report.stopped_by is not None:
                    break
        counts = {str(outcome): count for outcome, count in self.report.counts.items()}
        finished = JobFinished(job.source, job.target, counts)
        plugins.announce("leadgateway_job_finished", finished)

    async def _write(self, chunk: Sequence[Lead], job: JobStarted) -> None:
        self.report.read += len(chunk)
        wanted = []
        for lead in chunk:
            reason = self.target.opened.plugins.skip(lead, job)
            if reason is None:
                wanted.append(lead)
            else:
                self._settle(lead, Receipt(Outcome.SKIPPED), reason)
        receipts = await self.target.create_many(
            wanted,
            concurrency=self.concurrency,
            accept=self.policy.accept,
            lenient=self.policy.lenient,
        )
        for lead, receipt in zip(wanted, receipts, strict=True):
            self._settle(lead, receipt, str(receipt.error) if receipt.error else "")
        if self.written is not None:
            self.written(self.report.read)
        self.report.stopped_by = _what_stops(receipts)

    def _settle(self, lead: Lead, receipt: Receipt, reason: str) -> None:
        row = Row(
            source_id=lead.ref.id if lead.ref else "",
            outcome=receipt.outcome,
            target_id=receipt.external_id,
            matched_by=receipt.matched_by,
            reason=reason,
            losses=receipt.losses,
        )
        self.report.counts[row.outcome] += 1
        self.report.losses.add(row.source_id, row.losses)
        if row.outcome in {Outcome.FAILED, Outcome.UNKNOWN}:
            self.report.problems.append(row)
        if self.on_row is not None:
            self.on_row(lead, row)


def _what_stops(receipts: Sequence[Receipt]) -> LeadGatewayError | None:
    """Return the error after which going on is no use: one for all, or a target that is gone."""
    errors = [receipt.error for receipt in receipts if receipt.error is not None]
    for error in errors:
        if error.recovery is Recovery.ABORT:
            return error
    gone = [error for error in errors if error.recovery is Recovery.RETRY]
    return gone[0] if gone and len(gone) == len(receipts) else None
