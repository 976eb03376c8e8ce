"""The account of a job, from its journal alone: whoever has the journal gets the same text."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from leadgateway.errors import JournalError
from leadgateway.exchange import dumps
from leadgateway.journal import JobRecord, Journal, RowRecord, RowState
from leadgateway.mapping import LossCount
from leadgateway.transfer.encode import losses_of
from leadgateway.transfer.tally import Tally
from leadgateway.transfer.verification import Verification, verification_of
from leadgateway.transfer.verify import ARRIVED

FORMAT: Final = "leadgateway-certificate-1"
DIGEST_RULE: Final = (
    "SHA-256 over one line a source lead, in the order in which they were read:"
    ' the JSON list [source_id, digest, outcome, target_id] and "\\n"'
)
_MOST_REASONS = 200
_OTHER_REASONS = "other reasons"
_REQUEST_ID = re.compile(r" \[request [^\]]*\]")


@dataclass(frozen=True)
class Certificate:
    """What became of every lead of a job; `outcomes` adds up to the `leads` that were read.

    `reasons` says of each outcome but success why, with sample ids; `losses` counts what was lost
    of the leads that arrived; `digest` stands for every lead, its content, its outcome and its id
    at the target. `verification` is what reading the target back found the last time.
    """

    job: JobRecord
    leads: int
    outcomes: Mapping[RowState, int]
    matched_by: Mapping[str, int]
    reasons: Mapping[RowState, Tally]
    losses: LossCount
    digest: str
    verification: Verification | None = None

    @property
    def complete(self) -> bool:
        """Whether the source was read to its end and every lead has its outcome, failed or not.

        Whether what was written is at the target says `verification`.
        """
        open_rows = self.outcomes[RowState.PENDING] + self.outcomes[RowState.INTENT]
        return self.job.reading_done and not open_rows

    @property
    def is_verified(self) -> bool:
        """Whether the job has not gone on since the target was read back."""
        ended, verified = self.job.finished_at, self.job.verified_at
        return ended is not None and verified is not None and verified >= ended

    def document(self) -> dict[str, Any]:
        """Return the certificate as plain values."""
        return {
            "format": FORMAT,
            "job": self.job.id,
            "source": self.job.source,
            "target": self.job.target,
            "config_hash": self.job.config_hash,
            "state": str(self.job.state),
            "created_at": self.job.created_at,
            "finished_at": self.job.finished_at,
            "complete": self.complete,
            "leads": self.leads,
            "outcomes": {str(state): self.outcomes[state] for state in RowState},
            "matched_by": dict(self.matched_by),
            "reasons": {str(state): _told(tally) for state, tally in self.reasons.items()},
            "losses": self.losses.rows(),
            "digest": self.digest,
            "digest_rule": DIGEST_RULE,
            "verified_at": self.job.verified_at,
            "verification": _agreement(self.verification) if self.verification else None,
        }

    def text(self) -> str:
        """Return the certificate as JSON; the same journal gives the same bytes."""
        return json.dumps(self.document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def certify(journal: Journal, job_id: str) -> Certificate:
    """Return the account of a job, with what reading its target back found the last time."""
    job = journal.find_job(job_id)
    if job is None:
        raise JournalError(f"there is no job {job_id!r}.")
    account = _Account()
    for row in journal.rows(job_id):
        account.add(row)
    return Certificate(
        job,
        sum(account.outcomes.values()),
        account.outcomes,
        account.matched_by,
        account.reasons,
        account.losses,
        account.digest.hexdigest(),
        None if job.verification is None else verification_of(job_id, job.verification),
    )


class _Account:
    def __init__(self) -> None:
        self.outcomes: Counter[RowState] = Counter()
        self.matched_by: Counter[str] = Counter()
        self.reasons: dict[RowState, Tally] = {}
        self.losses = LossCount()
        self.digest = hashlib.sha256()

    def add(self, row: RowRecord) -> None:
        """Count one lead."""
        self.outcomes[row.state] += 1
        line = [row.source_id, row.digest, row.state.value, row.target_id]
        self.digest.update(dumps(line) + b"\n")
        if row.state in ARRIVED:
            self.losses.add(row.source_id, losses_of(row.losses))
        else:
            self._give_reason(row)
        if row.state is RowState.MERGED:
            self.matched_by[row.matched_by or "not told"] += 1

    def _give_reason(self, row: RowRecord) -> None:
        """Count why a lead did not arrive; an id of a request would make every reason its own."""
        tally = self.reasons.setdefault(row.state, Tally())
        reason = _REQUEST_ID.sub("", row.reason) or "none given"
        if reason not in tally.counts and len(tally.counts) >= _MOST_REASONS:
            reason = _OTHER_REASONS
        tally.add(reason, row.source_id)


def _told(tally: Tally) -> list[dict[str, Any]]:
    return [
        {"reason": reason, "leads": leads, "samples": samples}
        for reason, leads, samples in tally.rows()
    ]


def _agreement(found: Verification) -> dict[str, Any]:
    """Return what reading back found, field by field."""
    return {
        "holds": found.holds,
        "expected": found.expected,
        "found": found.found,
        "compared": found.compared,
        "merged": found.merged,
        "purged": found.purged,
        "superseded": found.superseded,
        "missing": _told(found.missing),
        "faults": _told(found.faults),
        "fields": {
            path: {
                "agreeing": found.agreeing[path],
                "as_announced": found.lost[path],
                "faults": found.faults.counts[path],
            }
            for path in found.paths
        },
    }
