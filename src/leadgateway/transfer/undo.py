"""Taking back what a job did: what it made, what nobody changed since, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Container
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from leadgateway.aio import AsyncConnection
from leadgateway.capabilities import Capabilities, Operation
from leadgateway.errors import NotFound, OutcomeUnknown, Rejected
from leadgateway.journal import Journal, RowRecord, RowState
from leadgateway.lead import Lead
from leadgateway.mapping import disagreements
from leadgateway.mapping.leaves import agree, is_empty, take_apart
from leadgateway.taxonomy import CaptureMethod, LeadStatus
from leadgateway.transfer.book import Book, hold
from leadgateway.transfer.encode import losses_of, unstaged
from leadgateway.transfer.quotas import shared_quotas
from leadgateway.transfer.restore import Fate, restore
from leadgateway.transfer.verify import job_of, written
from leadgateway.values import Coded

CSV_HEADER: Final = ("source_id", "target_id", "outcome", "fate", "reason")

_SLACK: Final = timedelta(seconds=2)
"""The stamps of one creation may lie so far apart."""

_OF_A_NEW_LEAD: Final = frozenset({LeadStatus.NEW, CaptureMethod.API})
"""What a vendor says of a lead by itself when it is made."""

_TOUCHED = (RowState.CREATED, RowState.UPDATED, RowState.MERGED, RowState.UNKNOWN)
_NO_DELETE = "the vendor documents no delete"
_NO_UPDATE = "the vendor documents no update"
_NO_GET = "the vendor documents no way to get one lead, so nobody can tell who changed it since"
_SHARED = "another lead of the source was merged into it"
_MERGED = "it was there before the job, and what it was like then is not known"
_NOBODY_KNOWS = "nobody knows whether the job made it"
_NO_STAMPS = "the vendor does not show when it was changed"
_PURGED = "what was written to it has been purged from the journal"


@dataclass(frozen=True, slots=True)
class UndoRow:
    """One lead that a job touched, and what became of that when the job was undone."""

    source_id: str
    target_id: str
    outcome: str
    fate: Fate
    reason: str = ""
    seq: int = 0

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as `CSV_HEADER` names its columns."""
        return (self.source_id, self.target_id, self.outcome, self.fate.value, self.reason)


@dataclass
class UndoReport:
    """What undoing a job came to; `left` are the leads in which something of the job remains.

    With `looked_only` nothing was changed: `fates` are what they would be.
    """

    job: str
    looked_only: bool = False
    fates: Counter[Fate] = field(default_factory=Counter)
    left: list[UndoRow] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether nothing of the job is left."""
        return not self.left


def undo_limits(capabilities: Capabilities) -> tuple[str, ...]:
    """Return what cannot be undone at a vendor, in sentences; to be said before a job is run."""
    powers = capabilities.operations
    created, changed = "Leads that were created stay", "Leads that were changed stay as they are"
    said = []
    if Operation.DELETE not in powers or Operation.GET not in powers:
        said.append(f"{created}: {_NO_DELETE if Operation.DELETE not in powers else _NO_GET}.")
    if Operation.UPDATE not in powers or Operation.GET not in powers:
        said.append(f"{changed}: {_NO_UPDATE if Operation.UPDATE not in powers else _NO_GET}.")
    if capabilities.create_merges:
        said.append(f"Leads that were merged stay merged: {_MERGED}.")
    return tuple(said)


async def undo(
    target: AsyncConnection, journal: Journal, job_id: str, *, look_only: bool = False
) -> UndoReport:
    """Delete what the job created and restore what it changed, where nobody has changed it since.

    Everything else is in `left` with its reason. Started again it passes over what is done. Nobody
    can shut out a change that is made between looking at a lead and deleting it.
    """
    job_of(target, journal, job_id)
    report = UndoReport(job_id, look_only)
    async with nullcontext() if look_only else hold(journal, job_id) as book:
        rows = undo_rows(target, journal, job_id, look_only=look_only)
        async with aclosing(rows) as each:
            async for row in each:
                report.fates[row.fate] += 1
                if book is not None:
                    _forget(book, row)
                if not row.fate.is_done:
                    report.left.append(row)
    return report


async def undo_rows(
    target: AsyncConnection, journal: Journal, job_id: str, *, look_only: bool
) -> AsyncGenerator[UndoRow, None]:
    """Undo lead by lead, and yield what became of each; who calls it holds the job."""
    with shared_quotas(journal, target):
        undoing = _Undoing(target, journal.shared(job_id), look_only)
        for row in journal.rows(job_id, _TOUCHED):
            fate, why = await undoing.undo(row)
            yield UndoRow(row.source_id, row.target_id or "", row.state.value, fate, why, row.seq)


def _forget(book: Book, row: UndoRow) -> None:
    """Let a later job move again what is undone: without its twin, or onto its twin."""
    if row.fate is Fate.RESTORED:
        book.journal.outdate(book.lease, [row.seq])
    elif row.fate is Fate.DELETED or (
        row.fate is Fate.ALREADY and row.outcome == RowState.CREATED.value
    ):
        book.journal.unlink(book.lease, [row.seq])


def _put_there(arrived: Lead, there: Lead, written: Container[str]) -> list[str]:
    """Return which of the paths in `written` say something although nothing was sent for them."""
    sent = take_apart(arrived)
    return [
        path
        for path, value in take_apart(there).items()
        if path in written and is_empty(sent.get(path)) and _is_by_somebody(value)
    ]


def _is_by_somebody(value: Any) -> bool:
    """Whether it is no value that a vendor gives a new lead by itself, as no and zero are."""
    if isinstance(value, Coded):
        return value.value not in _OF_A_NEW_LEAD
    return bool(value) and not agree(None, value)


@dataclass
class _Undoing:
    target: AsyncConnection
    shared: Container[str]
    look_only: bool

    async def undo(self, row: RowRecord) -> tuple[Fate, str]:
        """Undo what the job did to one lead, if it may be undone."""
        if row.state is RowState.UNKNOWN or row.target_id is None:
            return Fate.UNKNOWN, _NOBODY_KNOWS
        why = self._why_not(row, row.target_id)
        if why is not None:
            return Fate.KEPT, why
        try:
            there = await self.target.get_lead(row.target_id)
        except NotFound:
            return Fate.ALREADY, "it is not there"
        if row.state is RowState.UPDATED:
            return await restore(self.target, row, there, look_only=self.look_only)
        why = self._why_changed(row, there)
        if why is not None:
            return Fate.KEPT, why
        return (Fate.DELETED, "") if self.look_only else await self._delete(row.target_id)

    def _why_not(self, row: RowRecord, target_id: str) -> str | None:
        """Return why a lead cannot be undone at all, or `None`."""
        powers = self.target.capabilities.operations
        if row.state is RowState.MERGED:
            return _MERGED
        if row.state is RowState.CREATED and Operation.DELETE not in powers:
            return _NO_DELETE
        if row.state is RowState.UPDATED and Operation.UPDATE not in powers:
            return _NO_UPDATE
        if Operation.GET not in powers:
            return _NO_GET
        if row.payload is None:
            return _PURGED
        return _SHARED if target_id in self.shared else None

    def _why_changed(self, row: RowRecord, there: Lead) -> str | None:
        """Return why a lead is no longer surely as the job left it, or `None`."""
        if there.updated_at is None or there.created_at is None:
            return _NO_STAMPS
        if there.updated_at - there.created_at > _SLACK:
            return f"it was changed at the target, last on {there.updated_at:%Y-%m-%d %H:%M:%S} UTC"
        known = written(self.target, unstaged(row.payload or ""), row)
        if known is None:
            return "the rules have changed, so what was written to it cannot be told"
        adapter = self.target.opened.adapter
        arrived = adapter.table.arrival(known.draft, adapter.settings)
        losses = losses_of(row.losses) if known.as_today else ()
        ignored = [loss for loss in losses if loss not in known.draft.losses]
        differing = {
            *disagreements(arrived, there, ignored),
            *_put_there(arrived, there, adapter.table.written_paths),
        }
        said = ", ".join(sorted(differing))
        return f"it was changed at the target: {said}" if differing else None

    async def _delete(self, target_id: str) -> tuple[Fate, str]:
        try:
            await self.target.run(self.target.opened.adapter.delete(target_id))
        except NotFound:
            return Fate.ALREADY, "it is not there"
        except Rejected as refusal:
            return Fate.KEPT, str(refusal)
        except OutcomeUnknown as doubt:
            return Fate.UNKNOWN, f"{doubt}: undo the job once more to find out"
        return Fate.DELETED, ""
