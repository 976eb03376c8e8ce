"""From staged rows to requests: skipped, refused, or drafted and ready to be committed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from leadgateway.aio import AsyncConnection
from leadgateway.capabilities import Operation
from leadgateway.errors import MappingError, NotFound
from leadgateway.events import JobStarted
from leadgateway.exchange import dumps
from leadgateway.journal import IntendedRow, Intent, Pending, RowState, Settlement, Staged
from leadgateway.lead import Lead
from leadgateway.mapping import Policy, Use
from leadgateway.session import ANYTHING, WriteOptions
from leadgateway.transfer.encode import (
    draft_of,
    intended,
    losses_text,
    payload_of,
    unstaged,
)
from leadgateway.transfer.flows import Drafted, intent_for
from leadgateway.transfer.merging import MergeGuard
from leadgateway.transfer.picture import picture

GONE = "gone at the target"


@dataclass
class Prepared:
    """What a handful of rows came to before anything was sent.

    `settled` needs no request, `creates` are drafts to be put together into requests, `updates`
    are requests already, each with its row as it must be noted first.
    """

    settled: list[Settlement] = field(default_factory=list)
    creates: list[Drafted] = field(default_factory=list)
    updates: list[tuple[Settlement, Intent]] = field(default_factory=list)


@dataclass
class Preparer:
    """Drafts the rows of one job for its target; a lead that was moved before becomes a change.

    A `guard` refuses what the target would merge with somebody else.
    """

    target: AsyncConnection
    job: str
    policy: Policy
    concurrency: int
    started: JobStarted
    guard: MergeGuard | None = None

    @cached_property
    def _asks(self) -> bool:
        return self.target.opened.plugins.listened_to("leadgateway_skip")

    def _skipped(self, lead: Lead) -> str | None:
        """Return why a plugin leaves `lead` out; nobody is asked where nobody would answer."""
        return self.target.opened.plugins.skip(lead, self.started) if self._asks else None

    def take_in(self, source_id: str, digest: str, lead: Lead) -> Staged:
        """Return a lead that was just read as a row, drafted unless it is skipped or refused."""
        payload = payload_of(lead)
        reason = self._skipped(lead)
        if reason is not None:
            return Staged(source_id, digest, payload, state=RowState.SKIPPED, reason=reason)
        try:
            row = self._drafted(0, lead, met_as=source_id)
        except MappingError as error:
            end = refused(0, error)
            return Staged(
                source_id, digest, payload, None, end.losses, end.state, end.reason, end.error
            )
        return Staged(source_id, digest, payload, row.fields, row.losses)

    async def prepare(self, rows: Sequence[Pending]) -> Prepared:
        """Return what `rows` come to; reads the twins of those that were moved before."""
        made = Prepared()
        moved: list[tuple[Pending, Lead, str]] = []
        for row in rows:
            if row.fields is not None and row.linked_id is None:
                self._create(row, IntendedRow(row.seq, row.fields, row.losses), made)
                continue
            lead = unstaged(row.payload)
            reason = self._skipped(lead)
            if reason is not None:
                made.settled.append(Settlement(row.seq, RowState.SKIPPED, reason=reason))
            elif row.linked_id is not None:
                moved.append((row, lead, row.linked_id))
            else:
                try:
                    self._create(row, self._drafted(row.seq, lead), made)
                except MappingError as error:
                    made.settled.append(refused(row.seq, error))
        gate = asyncio.Semaphore(max(1, self.concurrency))

        async def change(row: Pending, lead: Lead, target_id: str) -> None:
            async with gate:
                await self._change(row, lead, target_id, made)

        changes = [change(*each) for each in moved]
        for end in await asyncio.gather(*changes, return_exceptions=True):
            if isinstance(end, BaseException):
                raise end
        return made

    def _drafted(self, seq: int, lead: Lead, *, met_as: str | None = None) -> IntendedRow:
        """Return what `lead` is to be written as; the guard meets one that was just read."""
        session = self.target.opened.session
        fields: Mapping[str, Any] = {}
        try:
            draft = session.encoded(lead, session.write_use, ANYTHING)
            fields = draft.fields
            self.policy.check(draft.losses)
        finally:
            if self.guard is not None and met_as is not None:
                self.guard.meet(met_as, fields, lead)
        table, terms = session.adapter.table, session.adapter.settings
        return intended(seq, table.marked(draft, terms, reference(lead)))

    def _create(self, row: Pending, drafted: IntendedRow, made: Prepared) -> None:
        """Make a draft part of a request, unless the target would merge it with somebody else."""
        draft = draft_of(drafted, self.target.opened.session.write_use)
        risk = self.guard.refusal(draft.fields) if self.guard is not None else None
        if risk is not None:
            made.settled.append(refused(row.seq, risk))
        else:
            made.creates.append(Drafted(row.earlier_intent, draft, drafted))

    async def _change(self, row: Pending, lead: Lead, target_id: str, made: Prepared) -> None:
        """Settle a lead that was moved before and differs now, or make the request to change it."""
        powers = self.target.capabilities.operations
        if not {Operation.UPDATE, Operation.GET} <= powers:
            reason = "changed at the source since it was moved, and the target cannot be updated"
            made.settled.append(Settlement(row.seq, RowState.SKIPPED, target_id, reason=reason))
            return
        try:
            there = await self.target.get_lead(target_id)
        except NotFound:
            made.settled.append(Settlement(row.seq, RowState.FAILED, target_id, reason=GONE))
            return
        session = self.target.opened.session
        try:
            options = WriteOptions(policy=self.policy)
            draft = session.draft(lead, Use.UPDATE, options, there.raw)
            if not draft.fields:
                reason = "the target says the same already"
                made.settled.append(Settlement(row.seq, RowState.SKIPPED, target_id, reason=reason))
                return
            rows = [Drafted(row.earlier_intent, draft, intended(row.seq, draft))]
            intent = intent_for(session, self.job, Operation.UPDATE, rows, target_id)
        except MappingError as error:
            made.settled.append(refused(row.seq, error))
            return
        before = dumps(picture(there.raw, session.adapter.table.echo(draft.fields))).decode()
        noted = Settlement(row.seq, RowState.PENDING, target_id, before=before)
        made.updates.append((noted, intent))


def refused(seq: int, error: MappingError) -> Settlement:
    """Return the settlement of a row that cannot be written as the target wants it."""
    losses = losses_text(getattr(error, "losses", ()))
    return Settlement(
        seq, RowState.FAILED, reason=str(error), error=type(error).__name__, losses=losses
    )


def reference(lead: Lead) -> str:
    """Return what a marker field at the target says of `lead`: where it came from."""
    return f"{lead.ref.connection}:{lead.ref.id}" if lead.ref else ""
