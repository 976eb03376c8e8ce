"""The account of a migration: what it would lose, what became of every lead, what to do next."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leadgateway.aio import AsyncConnection
from leadgateway.cli import render
from leadgateway.cli.asked import Asked
from leadgateway.cli.columns import columns_json, show_columns
from leadgateway.cli.failure import Failure
from leadgateway.cli.invocation import Invocation
from leadgateway.cli.matrix import quota
from leadgateway.cli.render import Screen
from leadgateway.cli.showing import reasons_json, show_certificate, show_losses, show_tally
from leadgateway.errors import LeadGatewayError
from leadgateway.files.headers import Proposal
from leadgateway.journal import JobRecord, Journal, RowState
from leadgateway.mapping import LossCount, Policy
from leadgateway.transfer.certificate import Certificate, certify
from leadgateway.transfer.halt import Halted
from leadgateway.transfer.operate import unknown_rows
from leadgateway.transfer.plan import Plan
from leadgateway.transfer.undo import undo_limits

_SUM = (
    RowState.CREATED,
    RowState.MERGED,
    RowState.UPDATED,
    RowState.SKIPPED,
    RowState.FAILED,
    RowState.UNKNOWN,
)
_BAD = (RowState.FAILED, RowState.UNKNOWN)


@dataclass
class Account:
    """Prints what a migration finds and does; each way to end it returns the exit code."""

    invocation: Invocation
    asked: Asked
    screen: Screen
    source: AsyncConnection
    target: AsyncConnection
    job: str
    columns: Mapping[str, Proposal] = field(default_factory=dict)

    def name_columns(self, columns: Mapping[str, Proposal]) -> None:
        """Show what the columns of the source are taken for, where it has some."""
        self.columns = columns
        show_columns(self.screen, self.source.name, columns)

    def plan(self, found: Plan) -> None:
        """Show what the plan found."""
        self.screen.line(f"{self._way}: {found.extent.looked_at} leads read.")
        if found.losses.counts:
            self.screen.heading("What the move does to them:")
            show_losses(self.screen, found.losses)
        if found.unmappable.counts:
            self.screen.heading("What cannot go at all:")
            show_tally(self.screen, "reason", found.unmappable)
        if found.collisions.groups:
            self.screen.heading(
                f"{found.collisions.leads} leads are refused unless --allow-merge: "
                f"{self.target.name} would merge them, {self.target.capabilities.merge_rule}."
            )
        if found.duplicates.groups:
            self.screen.heading(
                f"{found.duplicates.leads} leads become {found.duplicates.groups} at "
                f"{self.target.name}, for they are the same people: "
                f"{self.target.capabilities.merge_rule}."
            )

    def tried(self, found: Plan, refused: Sequence[str], again: str) -> int:
        """End a dry run."""
        self.screen.heading(f"Nothing was written. To move them: {again}")
        self.screen.result(self._planned(found, refused, again, dry_run=True, exit_code=0))
        return 0

    def refused(self, found: Plan, refused: Sequence[str], again: str) -> int:
        """End a run that would lose what nobody accepted."""
        render.failure(
            f"nothing was written: {', '.join(refused)} would not arrive as they are.",
            f"To accept that by name: {again}",
        )
        self.screen.result(self._planned(found, refused, again, dry_run=False, exit_code=2))
        return 2

    def stopped(self, halted: Halted, exit_code: int) -> int:
        """End a run that was stopped before its job began."""
        render.failure(f"{halted}: nothing was written.", "")
        self.screen.result({**self._nothing_yet(), "stopped_by": str(halted),
                            "exit_code": exit_code})  # fmt: skip
        return exit_code

    def going_on(self, counts: Mapping[RowState, int]) -> None:
        """Say that the job goes on where it was."""
        settled = sum(counts[state] for state in _SUM)
        waiting = counts[RowState.PENDING] + counts[RowState.INTENT]
        self.screen.line(f"Job {self.job} goes on: {settled} leads settled, {waiting} waiting.")

    def warn(self) -> None:
        """Say, before the first write, how fast it can be and what cannot be taken back."""
        able, settings = self.target.capabilities, self.target.opened.adapter.settings
        if quota(able) and settings.rate_limits:
            self.screen.note(f"Paced by the quota of {self.target.name}: {quota(able)}.")
        for said in undo_limits(able):
            self.screen.note(f"Cannot be undone by program: {said}")
        self.screen.note(
            f"Job {self.job}: stop it whenever you like, the same command goes on where it was."
        )

    def end(
        self, journal: Journal, code: int, failure: LeadGatewayError | None, *, proved: bool
    ) -> int:
        """Show what became of every lead, `proved` just now or not; returns the exit code."""
        certificate = certify(journal, self.job)
        show_certificate(self.screen, certificate, dated=not proved)
        surprises = _surprises(certificate)
        if surprises.counts:
            self.screen.heading(
                f"Nobody accepted these losses: only {self.target.name}'s own answers showed them."
                " Where it can be asked beforehand, `leadgateway plan --ask-vendor` names them."
            )
            show_losses(self.screen, surprises)
        doubts = list(unknown_rows(journal, self.job))
        if doubts:
            self.screen.heading(f"In doubt: look in {self.target.name}, then resolve each row.")
            self.screen.table(
                ("row", "source id", "sent at", "times", "why"),
                [(d.seq, d.source_id, d.sent_at, d.sends, d.why) for d in doubts],
            )
            self.screen.line(f"{self._command('resolve', 'ROW')} --created ID, or --resend")
        if certificate.outcomes[RowState.FAILED]:
            self._say_how_to_retry(certificate)
        if code == 0 and not certificate.complete:
            self.screen.line("There is more to move: the same command without a bound goes on.")
        if failure is not None and not isinstance(failure, Halted):
            Failure(failure).show()
        self.screen.result({**_told(certificate), "not_accepted": surprises.rows(),
                            "columns": columns_json(self.columns),
                            "stopped_by": failure and str(failure), "exit_code": code})  # fmt: skip
        return code

    def _say_how_to_retry(self, certificate: Certificate) -> None:
        self.screen.line(f"To try the failed ones again: {self._command('retry', self.job)}")
        if certificate.complete:
            mended = self.asked.delta_of_it(self.invocation)
            self.screen.line(f"That sends what was read. What was mended at the source: {mended}")

    def _command(self, *words: str) -> str:
        return self.asked.about(self.invocation, *words)

    @property
    def _way(self) -> str:
        return f"{self.source.name} -> {self.target.name}"

    def _planned(
        self, found: Plan, refused: Sequence[str], again: str, *, dry_run: bool, exit_code: int
    ) -> dict[str, Any]:
        return {
            **self._nothing_yet(),
            "dry_run": dry_run,
            "looked_at": found.extent.looked_at,
            "losses": found.losses.rows(),
            "cannot_go": reasons_json(found.unmappable),
            "merge_risks": found.collisions.leads,
            "refused": list(refused),
            "next": again,
            "exit_code": exit_code,
        }

    def _nothing_yet(self) -> dict[str, Any]:
        return {
            "source": self.source.name,
            "target": self.target.name,
            "job": self.job,
            "dry_run": False,
            "read": 0,
            "counts": {state.value: 0 for state in _SUM},
            "adds_up": True,
            "losses": [],
            "problems": [],
            "refused": [],
            "next": None,
            "columns": columns_json(self.columns),
        }


def _told(certificate: Certificate) -> dict[str, Any]:
    """Return the end of a run as JSON: the counts that add up first, then the certificate."""
    counts = {state.value: certificate.outcomes[state] for state in _SUM}
    reasons = certificate.reasons
    return {
        "source": certificate.job.source,
        "target": certificate.job.target,
        "job": certificate.job.id,
        "dry_run": False,
        "read": certificate.leads,
        "counts": counts,
        "waiting": certificate.leads - sum(counts.values()),
        "adds_up": not certificate.complete or certificate.leads == sum(counts.values()),
        "losses": certificate.losses.rows(),
        "problems": [
            {"outcome": state.value, **row}
            for state in _BAD
            for row in (reasons_json(reasons[state]) if state in reasons else ())
        ],
        "refused": [],
        "next": None,
        "certificate": certificate.document(),
    }


def _surprises(certificate: Certificate) -> LossCount:
    """Return the losses of leads that arrived which the job was not allowed."""
    policy, losses = policy_of(certificate.job), certificate.losses
    keys = [k for k in losses.counts if k[1].is_lossy and not policy.covers(k[0])]
    counts = Counter({key: losses.counts[key] for key in keys})
    return LossCount(losses.samples, counts, {key: losses.ids[key] for key in keys})


def policy_of(job: JobRecord) -> Policy:
    """Return what a job may lose."""
    held = json.loads(job.config)["policy"]
    return Policy(tuple(held["accept"]), lenient=held["lenient"])


def may_merge(job: JobRecord) -> bool:
    """Return whether a job lets its target merge leads that may differ."""
    return bool(json.loads(job.config)["policy"].get("allow_merge"))
