"""Giving a lead back what it held before a job changed it, where that is still the job's doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from leadgateway.aio import AsyncConnection
from leadgateway.errors import MappingError, OutcomeUnknown, Rejected
from leadgateway.exchange import loads
from leadgateway.journal import RowRecord
from leadgateway.lead import Lead
from leadgateway.mapping import LENIENT, Use
from leadgateway.mapping.leaves import PATHS, agree, put_together, spread
from leadgateway.session import WriteOptions

NO_BEFORE_IMAGE = "what it was like before is not in the journal"


class Fate(StrEnum):
    """What undoing did to one lead; `ALREADY`: there was nothing left to undo."""

    DELETED = "deleted"
    RESTORED = "restored"
    ALREADY = "already"
    PARTLY = "partly"
    KEPT = "kept"
    UNKNOWN = "unknown"

    @property
    def is_done(self) -> bool:
        """Whether nothing of the job is left in the lead."""
        return self in {Fate.DELETED, Fate.RESTORED, Fate.ALREADY}


@dataclass
class _Findings:
    """What a lead held before the job, by path: still the job's value now, or somebody else's."""

    ours: dict[str, Any] = field(default_factory=dict)
    theirs: list[str] = field(default_factory=list)


async def restore(
    target: AsyncConnection, row: RowRecord, there: Lead, *, look_only: bool
) -> tuple[Fate, str]:
    """Restore the fields of `there` that the job changed and nobody since; read it back."""
    if row.before is None or row.fields is None or row.target_id is None:
        return Fate.KEPT, NO_BEFORE_IMAGE
    found = _look(target, loads(row.fields.encode()), loads(row.before.encode()), there)
    if not found.ours:
        return _fate(Fate.ALREADY, found.theirs, [])
    if look_only:
        return _fate(Fate.RESTORED, found.theirs, [])
    try:
        left = await _write(target, row.target_id, found.ours, there)
    except MappingError as error:
        return Fate.KEPT, f"the rules have changed: {error}"
    except Rejected as refusal:
        return Fate.KEPT, str(refusal)
    except OutcomeUnknown as doubt:
        return Fate.UNKNOWN, f"{doubt}: undo the job once more to find out"
    done = Fate.RESTORED if len(left) < len(found.ours) else Fate.KEPT
    return _fate(done, found.theirs, left)


def _look(
    target: AsyncConnection, written: Mapping[str, Any], before: Mapping[str, Any], there: Lead
) -> _Findings:
    """Tell apart what is still as the job wrote it and what is not."""
    table, terms = target.opened.adapter.table, target.opened.adapter.settings
    made, now = spread(table.read(table.echo(written), terms)), spread(there)
    added = {path: None for path in made if path not in PATHS}
    found = _Findings()
    for path, value in {**added, **spread(table.read(before, terms))}.items():
        if agree(now.get(path), value):
            continue
        if path in made and agree(now.get(path), made[path]):
            found.ours[path] = value
        else:
            found.theirs.append(path)
    return found


async def _write(
    target: AsyncConnection, target_id: str, wanted: Mapping[str, Any], there: Lead
) -> list[str]:
    """Write what is wanted; returns the paths that do not hold it afterwards."""
    session = target.opened.session
    lead = Lead(**put_together(_gathered(wanted, there)), ref=there.ref)
    draft = session.draft(lead, Use.UPDATE, WriteOptions(policy=LENIENT), there.raw)
    if draft.fields:
        await target.run(session.adapter.update(target_id, draft))
        there = await target.get_lead(target_id)
    now = spread(there)
    return [path for path, value in wanted.items() if not agree(now.get(path), value)]


def _gathered(wanted: Mapping[str, Any], there: Lead) -> dict[str, Any]:
    """Return the leaves that are wanted, with single entries put into the map that is there."""
    leaves: dict[str, Any] = {}
    for path, value in wanted.items():
        name, _, key = path.partition(".")
        if path in PATHS:
            leaves[path] = value
        else:
            leaves[name] = {**(leaves.get(name) or getattr(there, name) or {}), key: value}
    return leaves


def _fate(best: Fate, theirs: list[str], left: list[str]) -> tuple[Fate, str]:
    """Return how far a lead was restored, and what was not and why."""
    whys = {"changed since": theirs, "the vendor cannot take back": left}
    said = "; ".join(f"{why}: {', '.join(paths)}" for why, paths in whys.items() if paths)
    if not said:
        return best, ""
    return (Fate.PARTLY if best is Fate.RESTORED else Fate.KEPT), said
