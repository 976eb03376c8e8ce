"""What a migration did: every lead with its outcome, and what was lost on the way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from leadgateway.adapter import Outcome, Receipt
from leadgateway.errors import LeadGatewayError, VendorError
from leadgateway.lead import Lead
from leadgateway.mapping import LossCount
from leadgateway.transfer.scan import Scan
from leadgateway.transfer.tally import Tally
from leadgateway.values import Loss


@dataclass(frozen=True)
class Row:
    """What became of one lead of the source."""

    source_id: str
    outcome: Outcome
    target_id: str | None
    matched_by: str | None
    reason: str
    losses: tuple[Loss, ...]

    @classmethod
    def of(cls, lead: Lead, receipt: Receipt, reason: str = "") -> Row:
        """Return the row of `lead`; without a `reason`, the one that the receipt gives."""
        return cls(
            source_id=lead.ref.id if lead.ref else "",
            outcome=receipt.outcome,
            target_id=receipt.external_id,
            matched_by=receipt.matched_by,
            reason=reason or _reason(receipt),
            losses=receipt.losses,
        )


@dataclass
class MigrationReport:
    """The account of a migration: what was read is created, merged, skipped, failed or unknown.

    `read` are the leads that were taken up; `problems` holds the rows that failed or are unknown,
    `scan` what the dry pass found, and `stopped_by` is the error that ended the work before the
    source did.
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
        """Whether every lead that was taken up has exactly one outcome."""
        return self.dry_run or self.read == sum(self.counts.values())

    @property
    def exit_code(self) -> int:
        """0 all settled, 3 some failed, 4 some unknown; or what stopped the work as a whole."""
        if self.stopped_by is not None:
            return self.stopped_by.exit_code
        if self.counts[Outcome.UNKNOWN]:
            return 4
        return 3 if self.counts[Outcome.FAILED] else 0

    def settle(self, row: Row) -> None:
        """Count one lead."""
        self.counts[row.outcome] += 1
        self.losses.add(row.source_id, row.losses)
        if row.outcome in {Outcome.FAILED, Outcome.UNKNOWN}:
            self.problems.append(row)

    def reasons(self, outcome: Outcome) -> Tally:
        """Return why leads failed, or are unknown."""
        found = Tally()
        for row in self.problems:
            if row.outcome is outcome:
                found.add(row.reason, row.source_id)
        return found


def _reason(receipt: Receipt) -> str:
    """Return why the write ended so, worded alike for every lead that it befell alike."""
    error = receipt.error
    if error is None:
        return receipt.doubt or ""
    text = str(error)
    if isinstance(error, VendorError) and error.request_id:
        return text.replace(f" [request {error.request_id}]", "")
    return text
