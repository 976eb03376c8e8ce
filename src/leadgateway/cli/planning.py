"""What `leadgateway plan` does and shows."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from leadgateway.cli.asked import Asked
from leadgateway.cli.columns import columns_json, columns_of, show_columns
from leadgateway.cli.invocation import Invocation
from leadgateway.cli.render import Screen
from leadgateway.cli.showing import reasons_json, show_losses, show_tally
from leadgateway.mapping import Policy
from leadgateway.transfer.asking import VendorAnswer
from leadgateway.transfer.merging import MergeGroups
from leadgateway.transfer.plan import Plan, plan
from leadgateway.transfer.undo import undo_limits


async def show_plan(
    invocation: Invocation,
    screen: Screen,
    *,
    source: str,
    target: str,
    sample: int | None,
    limit: int | None,
    ask_vendor: bool,
    accept: tuple[str, ...],
    lenient: bool,
) -> None:
    """Plan the move and show it."""
    gateway = invocation.async_gateway(asyncio.sleep)
    async with gateway.connect(source) as ours, gateway.connect(target) as theirs:
        columns = await columns_of(ours)
        show_columns(screen, ours.name, columns)
        with screen.progress("leads looked at", sample or limit) as advance:
            found = await plan(
                ours, theirs, sample=sample, limit=limit, ask_vendor=ask_vendor, progress=advance
            )
        limits = undo_limits(theirs.capabilities)
    refused = found.to_accept(Policy(accept, lenient=lenient))
    asked = Asked(source, target, limit=limit, accept=accept, lenient=lenient)
    command = asked.again(invocation, refused)
    _show(screen, found)
    for said in limits:
        screen.line(f"Cannot be undone by program: {said}")
    screen.heading(f"Nothing was written. To move them: {command}")
    told = _json(found, refused=refused, command=command, limits=limits)
    screen.result({**told, "columns": columns_json(columns)})


def _show(screen: Screen, found: Plan) -> None:
    extent = found.extent
    of = f" of {extent.total}" if extent.total not in {None, extent.looked_at} else ""
    screen.line(f"{found.source} -> {found.target}: {extent.looked_at}{of} leads looked at.")
    if found.losses.counts:
        screen.heading("What the move does to them:")
        show_losses(screen, found.losses)
    if found.unmappable.counts:
        screen.heading("What cannot go at all:")
        show_tally(screen, "reason", found.unmappable)
    if found.unread:
        screen.heading(f"Not read, for read_whole is off: {', '.join(found.unread)}.")
    if found.unmapped:
        screen.heading("Words of the source that the target has none for:")
        screen.table(
            ("field", "word", "leads"), [(w.path, w.word, w.leads) for w in found.unmapped]
        )
    if found.custom_slugs:
        screen.heading("Custom fields that would be written; the target must know them:")
        screen.table(("field", "leads"), [(w.word, w.leads) for w in found.custom_slugs])
    if found.collisions.groups:
        screen.heading(
            f"{found.collisions.leads} leads would be merged by {found.target} into "
            f"{found.collisions.groups}, although nothing says that they are the same people:"
        )
        _show_groups(screen, found.collisions)
    if found.duplicates.groups:
        screen.heading(
            f"{found.duplicates.leads} leads would be merged by {found.target} into "
            f"{found.duplicates.groups}, for they are the same people:"
        )
        _show_groups(screen, found.duplicates)
    if found.answer is not None:
        _show_answer(screen, found.target, found.answer)
    screen.heading("Requests, and the time that the documented quotas allow:")
    screen.table(
        ("connection", "does", "bucket", "requests", "takes"),
        [
            (
                load.connection,
                "reads" if load.reads else "writes",
                load.bucket,
                load.requests,
                str(timedelta(seconds=round(load.seconds)))
                if load.documented
                else "no quota known",
            )
            for load in found.loads
        ],
    )


def _show_groups(screen: Screen, merged: MergeGroups) -> None:
    screen.table(
        ("merged by", "leads", "for example"),
        [(group.by, group.leads, ", ".join(group.samples)) for group in merged.examples],
    )


def _show_answer(screen: Screen, target: str, answer: VendorAnswer) -> None:
    screen.heading(f"What {target} itself says that it would do:")
    screen.table(("outcome", "leads"), [(o.value, n) for o, n in sorted(answer.outcomes.items())])
    for what, tally in (("why they would fail", answer.failures), ("ignored", answer.ignored)):
        if tally.counts:
            show_tally(screen, what, tally)


def _json(
    found: Plan, *, refused: tuple[str, ...], command: str, limits: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "source": found.source,
        "target": found.target,
        "looked_at": found.extent.looked_at,
        "total": found.extent.total,
        "losses": found.losses.rows(),
        "cannot_go": reasons_json(found.unmappable),
        "unread": list(found.unread),
        "unmapped": [asdict(word) for word in found.unmapped],
        "custom_fields": [asdict(word) for word in found.custom_slugs],
        "collisions": asdict(found.collisions),
        "duplicates": asdict(found.duplicates),
        "loads": [asdict(load) for load in found.loads],
        "seconds": found.seconds,
        "vendor_says": None if found.answer is None else _answer_json(found.answer),
        "refused": list(refused),
        "next": command,
        "cannot_be_undone": list(limits),
    }


def _answer_json(answer: VendorAnswer) -> dict[str, Any]:
    return {
        "outcomes": {outcome.value: leads for outcome, leads in answer.outcomes.items()},
        "failures": reasons_json(answer.failures),
        "matched_by": dict(answer.matched_by),
        "ignored": reasons_json(answer.ignored),
    }
