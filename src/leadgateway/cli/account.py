"""The account of a migration: what it would lose, what became of every lead, what to do next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from leadgateway.adapter import Outcome
from leadgateway.aio import AsyncConnection
from leadgateway.cli import render
from leadgateway.cli.failure import Failure
from leadgateway.cli.matrix import quota
from leadgateway.cli.render import Screen
from leadgateway.cli.signals import Heard
from leadgateway.mapping import LossCount
from leadgateway.transfer import Halted, MigrationReport, Scan, Tally

_SUM = (
    Outcome.CREATED,
    Outcome.MERGED,
    Outcome.UPDATED,
    Outcome.SKIPPED,
    Outcome.FAILED,
    Outcome.UNKNOWN,
)
_BAD = (Outcome.FAILED, Outcome.UNKNOWN)


@dataclass
class Counting:
    """Tells a progress bar how many rows came by."""

    advance: Callable[[int], None]
    done: int = 0

    def __call__(self, *_row: object) -> None:
        self.done += 1
        self.advance(self.done)


@dataclass
class Account:
    """Prints what a migration finds and does; each way to end it returns the exit code."""

    screen: Screen
    source: AsyncConnection
    target: AsyncConnection
    heard: Heard

    def plan(self, found: Scan) -> None:
        """Show what the scan found."""
        self.screen.line(f"{self._way}: {found.read} leads read.")
        if found.losses.counts:
            self.screen.heading("What the move does to them:")
            show_losses(self.screen, found.losses)
        if found.unmappable.counts:
            self.screen.heading("What cannot go at all:")
            show_tally(self.screen, "reason", found.unmappable)

    def tried(self, found: Scan, refused: Sequence[str], again: str) -> int:
        """End a dry run."""
        self.screen.heading(f"Nothing was written. To move them: {again}")
        report = MigrationReport(self.source.name, self.target.name, dry_run=True)
        report.read, report.losses, report.scan = found.read, found.losses, found
        self.screen.result(self._json(report, refused=refused, again=again))
        return report.exit_code

    def refused(self, found: Scan, refused: Sequence[str], again: str) -> int:
        """End a run that would lose what nobody accepted."""
        render.failure(
            f"nothing was written: {', '.join(refused)} would not arrive as they are.",
            f"To accept that by name: {again}",
        )
        report = MigrationReport(self.source.name, self.target.name)
        report.losses, report.scan = found.losses, found
        self.screen.result({**self._json(report, refused=refused, again=again), "exit_code": 2})
        return 2

    def warn(self) -> None:
        """Say, before the first write, how fast it can be and what an interruption means."""
        able, settings = self.target.capabilities, self.target.opened.adapter.settings
        if quota(able) and settings.rate_limits:
            self.screen.note(f"Paced by the quota of {self.target.name}: {quota(able)}.")
        merging = f", except that it merges by {able.merge_rule}" if able.create_merges else ""
        self.screen.note(
            "This run cannot be resumed yet. If it is interrupted, what was written stays in "
            f"{self.target.name}, and a second run writes it again{merging}: look there first."
        )

    def end(self, report: MigrationReport) -> int:
        """Show what became of every lead; returns the exit code."""
        if report.scan is None and report.losses.counts:
            self.screen.line("What was lost:")
            show_losses(self.screen, report.losses)
        self.screen.heading(f"{self._way}: {sum_of(report)}")
        rows = [(outcome, *row) for outcome in _BAD for row in report.reasons(outcome).rows()]
        if rows:
            self.screen.table(
                ("outcome", "reason", "leads", "for example"),
                [(outcome, reason, count, ", ".join(ids)) for outcome, reason, count, ids in rows],
            )
        if report.counts[Outcome.UNKNOWN]:
            self.screen.line(f"Look in {self.target.name} before you write the unknown ones again.")
        if report.stopped_by is not None and not isinstance(report.stopped_by, Halted):
            Failure(report.stopped_by).show()
        code = report.exit_code if self.heard.exit_code is None else self.heard.exit_code
        if not report.adds_up:
            render.failure("the account does not add up: please report this", "")
            code = 1
        self.screen.result({**self._json(report), "exit_code": code})
        return code

    @property
    def _way(self) -> str:
        return f"{self.source.name} -> {self.target.name}"

    def _json(
        self, report: MigrationReport, *, refused: Sequence[str] = (), again: str | None = None
    ) -> dict[str, Any]:
        return {
            **report_json(report),
            "refused": list(refused),
            "next": again,
            "resumable": False,
            "exit_code": report.exit_code,
        }


def report_json(report: MigrationReport) -> dict[str, Any]:
    """Return a report as JSON."""
    cannot = report.scan.unmappable.rows() if report.scan else []
    return {
        "source": report.source,
        "target": report.target,
        "dry_run": report.dry_run,
        "read": report.read,
        "counts": {str(outcome): report.counts[outcome] for outcome in _SUM},
        "adds_up": report.adds_up,
        "losses": report.losses.rows(),
        "cannot_go": [_reason(*row) for row in cannot],
        "problems": [
            {"outcome": str(outcome), **_reason(*row)}
            for outcome in _BAD
            for row in report.reasons(outcome).rows()
        ],
        "stopped_by": report.stopped_by and str(report.stopped_by),
    }


def _reason(reason: str, leads: int, samples: Sequence[str]) -> dict[str, Any]:
    return {"reason": reason, "leads": leads, "samples": list(samples)}


def sum_of(report: MigrationReport) -> str:
    """Return the counts as the sum that they are."""
    parts = " + ".join(f"{report.counts[outcome]} {outcome}" for outcome in _SUM)
    return f"{report.read} read = {parts}"


def show_losses(screen: Screen, losses: LossCount, *, samples: int = 3) -> None:
    """Draw what is lost, field by field, the worst first, with a few ids of leads."""
    screen.table(
        ("field", "class", "reason", "leads", "for example"),
        [
            (
                row["path"],
                row["fidelity"],
                row["reason"],
                row["leads"],
                _ids(row["samples"], samples),
            )
            for row in losses.rows()
        ],
    )


def show_tally(screen: Screen, what: str, tally: Tally) -> None:
    """Draw reasons, how many leads have them, and a few of those; nothing if there are none."""
    rows = [(reason, count, ", ".join(ids)) for reason, count, ids in tally.rows()]
    if rows:
        screen.table((what, "leads", "for example"), rows)


def _ids(ids: object, most: int) -> str:
    return ", ".join(ids[:most]) if isinstance(ids, list) else ""
