"""Reading a target back: what a job wrote is there, and differs from its source as announced."""

from __future__ import annotations

from collections.abc import AsyncIterator, Container, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from leadgateway.adapter import Outcome
from leadgateway.aio import AsyncConnection
from leadgateway.capabilities import Operation
from leadgateway.errors import ConfigError, JournalError, MappingError, NotFound
from leadgateway.exchange import dumps, loads
from leadgateway.journal import JobRecord, Journal, RowRecord, RowState
from leadgateway.lead import Lead
from leadgateway.mapping import LENIENT, Draft, Use
from leadgateway.session import WriteOptions
from leadgateway.transfer.compare import Comparison, compare
from leadgateway.transfer.encode import losses_of, unstaged
from leadgateway.transfer.prepare import reference
from leadgateway.transfer.quotas import shared_quotas
from leadgateway.transfer.scratch import Arrivals, Ids, pages_of, scratch
from leadgateway.transfer.verification import Verification

ARRIVED: Final = (RowState.CREATED, RowState.MERGED, RowState.UPDATED)
"""How a row ends whose lead is at the target."""

_AS_ONE: Final = "created as one lead with others"

FEW: Final = 100
"""So many leads are asked for one by one where the vendor allows it, more are found by listing."""


async def verify(target: AsyncConnection, journal: Journal, job_id: str) -> Verification:
    """Compare what `target` shows with the source leads and the announced losses of a job.

    Few leads are asked for by id where the vendor allows it; else the whole list is read, page by
    page, and by id only what a list does not show. The connection must be the one that the job
    wrote to. What was found is recorded in the journal.
    """
    job_of(target, journal, job_id)
    counts = journal.counts(job_id)
    result = Verification(job_id)
    result.expected = sum(counts[state] for state in ARRIVED)
    with scratch() as database, shared_quotas(journal, target):
        arrivals = Arrivals(database, journal, job_id)
        verifying = _Verifying(target, journal, arrivals, journal.superseded(job_id), result)
        await verifying.run(Ids(database))
    journal.record_verification(job_id, result.text())
    return result


def job_of(target: AsyncConnection, journal: Journal, job_id: str) -> JobRecord:
    """Return a job that wrote to `target`; `JournalError` or `ConfigError` if there is none."""
    job = journal.find_job(job_id)
    if job is None:
        raise JournalError(f"there is no job {job_id!r}.")
    if job.target != target.name:
        raise ConfigError(f"job {job_id!r} wrote to {job.target}, not to {target.name}.")
    return job


@dataclass
class _Verifying:
    target: AsyncConnection
    journal: Journal
    arrivals: Arrivals
    superseded: Container[int]
    result: Verification

    async def run(self, seen: Ids) -> None:
        """Look at every lead that should be there, then count those that are not."""
        if self.result.expected == 0:
            return
        get = Operation.GET in self.target.capabilities.operations
        by_id = get and self.result.expected <= FEW
        async for leads in self._few(seen) if by_id else self._all(seen):
            await self._look_at(leads, whole=by_id or not get)
        if self.result.found < self.result.expected:
            self._name_the_missing(seen)

    async def _all(self, seen: Ids) -> AsyncIterator[Sequence[Lead]]:
        async with aclosing(pages_of(self.target, seen)) as pages:
            async for page in pages:
                yield page.leads

    async def _few(self, seen: Ids) -> AsyncIterator[Sequence[Lead]]:
        for row in self.journal.rows(self.result.job, ARRIVED):
            if row.target_id is None or row.target_id in seen:
                continue
            try:
                lead = await self.target.get_lead(row.target_id)
            except NotFound:
                continue
            seen.add(row.target_id)
            yield [lead]

    async def _look_at(self, leads: Sequence[Lead], *, whole: bool) -> None:
        """Compare some leads; `whole`: the vendor shows no more of them than this."""
        found = {lead.ref.id: lead for lead in leads if lead.ref is not None}
        rows = self.journal.rows_at(self.result.job, self.arrivals.at(found))
        arrived = [(row.target_id or "", row) for row in rows if row.state in ARRIVED]
        by_target = itemgetter(0)
        for target_id, group in groupby(sorted(arrived, key=by_target), key=by_target):
            sharing = [row for _, row in group]
            if self._cannot_be_one(sharing):
                for row in sharing:
                    self.result.missing.add(_AS_ONE, row.source_id)
                continue
            self.result.found += len(sharing)
            if len(sharing) > 1 or sharing[0].state is RowState.MERGED:
                self.result.merged += len(sharing)
            else:
                await self._look_at_one(sharing[0], found[target_id], whole=whole)

    def _cannot_be_one(self, sharing: Sequence[RowRecord]) -> bool:
        """Whether a target that does not merge says that it created one lead several times."""
        created = [row for row in sharing if row.state is RowState.CREATED]
        return len(created) > 1 and not self.target.capabilities.create_merges

    async def _look_at_one(self, row: RowRecord, found: Lead, *, whole: bool) -> None:
        """Compare a lead that is one row's own, unless there is nothing to compare it with."""
        if row.seq in self.superseded:
            self.result.superseded += 1
            return
        if row.payload is None:
            self.result.purged += 1
            return
        sent = unstaged(row.payload)
        compared = self._compare(row, sent, found)
        if compared.unshown and not whole:
            with suppress(NotFound):
                there = await self.target.get_lead(row.target_id or "")
                compared = self._compare(row, sent, there)
        self._count(row, compared)

    def _compare(self, row: RowRecord, sent: Lead, found: Lead) -> Comparison:
        known = written(self.target, sent, row)
        if known is None:
            return compare(sent, found, None, None, losses_of(row.losses))
        adapter = self.target.opened.adapter
        expected = adapter.table.arrival(known.draft, adapter.settings)
        return compare(sent, found, known.draft, expected, losses_of(row.losses))

    def _count(self, row: RowRecord, compared: Comparison) -> None:
        self.result.compared += 1
        self.result.agreeing.update(compared.agreeing)
        self.result.lost.update(compared.lost)
        for path in compared.spared:
            self.result.spared.add(path, row.source_id)
        self.result.announced.add(row.source_id, compared.announced)
        for path in compared.faults:
            self.result.faults.add(path, row.source_id)

    def _name_the_missing(self, seen: Ids) -> None:
        for row in self.journal.rows(self.result.job, ARRIVED):
            if row.target_id is None or row.target_id not in seen:
                self.result.missing.add(str(Outcome(row.state)), row.source_id)


@dataclass(frozen=True)
class Written:
    """What was written for a lead; `as_today`: the rules of today write the same.

    Unless they do, nobody knows which of the lead's losses the vendor announced.
    """

    draft: Draft
    as_today: bool


def written(target: AsyncConnection, lead: Lead, row: RowRecord) -> Written | None:
    """Return what was written for `lead`; `None` if nobody remembers and today's rules forbid it.

    The losses are those that today's rules name.
    """
    again = _draft_again(target, lead, row)
    if row.fields is None:
        return Written(again, as_today=True) if again is not None else None
    fields: Any = loads(row.fields.encode())
    if again is None:
        return Written(Draft(fields, (), _use(target, row)), as_today=False)
    whole: Any = loads(dumps(again.fields))
    as_today = fields.items() <= whole.items()
    if row.state is RowState.UPDATED and as_today:
        # A change says only what differs: by the same rules, all else stood at the target already.
        fields = whole
    return Written(Draft(fields, again.losses, again.use), as_today)


def _draft_again(target: AsyncConnection, lead: Lead, row: RowRecord) -> Draft | None:
    """Return what today's rules write for `lead`; `None` if they forbid it."""
    session, use = target.opened.session, _use(target, row)
    try:
        draft = session.draft(lead, use, WriteOptions(policy=LENIENT))
    except MappingError:
        return None
    if use is Use.UPDATE:
        return draft
    return session.adapter.table.marked(draft, session.adapter.settings, reference(lead))


def _use(target: AsyncConnection, row: RowRecord) -> Use:
    return Use.UPDATE if row.state is RowState.UPDATED else target.opened.session.write_use
