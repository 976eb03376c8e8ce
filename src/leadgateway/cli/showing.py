"""Tables that several commands show: losses, reasons, certificates, verifications."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from leadgateway.cli.render import Screen
from leadgateway.journal import JobRecord, RowState
from leadgateway.mapping import LossCount
from leadgateway.transfer.book import is_stopped
from leadgateway.transfer.certificate import Certificate
from leadgateway.transfer.tally import Tally
from leadgateway.transfer.verification import Verification

_OPEN = (RowState.PENDING, RowState.INTENT)


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
    """Draw reasons, how many leads have them, and a few of those."""
    rows = [(reason, count, ", ".join(ids)) for reason, count, ids in tally.rows()]
    screen.table((what, "leads", "for example"), rows)


def reasons_json(tally: Tally) -> list[dict[str, Any]]:
    """Return reasons as JSON."""
    return [
        {"reason": reason, "leads": leads, "samples": list(ids)}
        for reason, leads, ids in tally.rows()
    ]


def show_certificate(screen: Screen, certificate: Certificate, *, dated: bool = True) -> None:
    """Show how the counts add up, why leads did not arrive, and what was lost.

    `dated`: what reading back found comes with the time at which that was.
    """
    job = certificate.job
    if certificate.losses.counts:
        screen.heading("What was lost or changed on the way:")
        show_losses(screen, certificate.losses)
    if certificate.verification is not None:
        show_verification(screen, certificate.verification)
        if dated:
            screen.line(_dated(certificate))
    reasons = [
        (state.value, reason, leads, ", ".join(ids))
        for state, tally in sorted(certificate.reasons.items())
        for reason, leads, ids in tally.rows()
    ]
    if reasons:
        screen.heading("Why some did not arrive:")
        screen.table(("outcome", "reason", "leads", "for example"), reasons)
    screen.heading(
        f"Job {job.id}, {job.source} -> {job.target}, {standing(job).replace('_', ' ')}: "
        f"{certificate.leads} read = {' + '.join(_counts(certificate))}"
    )
    screen.line(f"Content digest {certificate.digest}")


def standing(job: JobRecord) -> str:
    """Return where a job stands; one on which nobody works does not run."""
    return "stopped" if is_stopped(job) else job.state.value


def _dated(certificate: Certificate) -> str:
    at = datetime.fromtimestamp(certificate.job.verified_at or 0, UTC)
    since = "" if certificate.is_verified else " The job has gone on since, or has not ended."
    return f"That was on {at:%Y-%m-%d at %H:%M:%S} UTC.{since}"


def _counts(certificate: Certificate) -> Iterator[str]:
    for state in RowState:
        if state not in _OPEN or certificate.outcomes[state]:
            yield f"{certificate.outcomes[state]} {state.value}"


def show_verification(screen: Screen, found: Verification) -> None:
    """Show what reading back found."""
    if found.expected == 0:
        screen.heading("Nothing to read back: no lead of this job is at the target.")
        return
    since = f", {found.superseded} were written again by another job since"
    screen.heading(
        f"Read back: {found.found} of {found.expected} leads are there; {found.compared} compared, "
        f"{found.merged} share a lead with others{since if found.superseded else ''}."
    )
    if found.paths:
        screen.table(
            ("field", "agree", "differ as announced", "differ without notice"),
            [(p, found.agreeing[p], found.lost[p], found.faults.counts[p]) for p in found.paths],
        )
    if found.missing.counts:
        show_tally(screen, "missing at the target", found.missing)
    if found.faults.counts:
        show_tally(screen, "differs without notice", found.faults)
    screen.line(
        "Everything is there, and differs only as announced."
        if found.holds
        else "Not everything is there as announced."
    )


def _ids(ids: object, most: int) -> str:
    return ", ".join(ids[:most]) if isinstance(ids, list) else ""
