"""What a move would do, found out without writing: losses, risks, refusals, requests and time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from leadgateway.aio import AsyncConnection
from leadgateway.errors import ConfigError, MappingError
from leadgateway.events import JobStarted
from leadgateway.lead import Lead
from leadgateway.mapping import LENIENT, Draft, FidelityReport, LossCount, Policy, compare_tables
from leadgateway.mapping.leaves import is_empty, take_apart
from leadgateway.mapping.rules import fetch
from leadgateway.session import WriteOptions
from leadgateway.transfer.asking import Asking, VendorAnswer
from leadgateway.transfer.forecast import Extent, Load, loads
from leadgateway.transfer.merging import MergeGroups, MergeIndex
from leadgateway.transfer.prepare import reference
from leadgateway.transfer.scratch import Ids, WordCount, Words, pages_of, scratch
from leadgateway.transfer.tally import Tally
from leadgateway.transfer.whole import unread_paths, whole
from leadgateway.values import Coded, Owner

_MOST_WORDS = 100
_MOST_GROUPS = 20
_UNMAPPED = frozenset({"no_such_word", "fallback", "stage_unmapped", "owner_unmapped"})


@dataclass(frozen=True)
class Plan:
    """What a move from `source` to `target` would do to the leads that were looked at.

    `static` is what the tables promise before any lead is seen; `losses` what happens to the
    leads, by field, class and reason. `unmapped` are the words of the source that the target has
    none for; `custom_slugs` the custom fields that would be written, by the target's names:
    whether it knows them shows only when it is asked (`answer`). `collisions` would be merged by
    the target without being one, `duplicates` because they are. `unmappable` and `skipped` are the
    leads that would not be sent, `unread` the fields that nobody asks the source for. `loads` are
    the requests and their time; `guarded`: all is read before the first write, for a target that
    merges.
    """

    source: str
    target: str
    static: FidelityReport
    extent: Extent
    losses: LossCount
    unmapped: tuple[WordCount, ...]
    custom_slugs: tuple[WordCount, ...]
    collisions: MergeGroups
    duplicates: MergeGroups
    unmappable: Tally
    skipped: Tally
    loads: tuple[Load, ...]
    answer: VendorAnswer | None = None
    unread: tuple[str, ...] = ()
    guarded: bool = False

    @property
    def seconds(self) -> float:
        """The time that the quotas allow the move to take; 0 where none is documented.

        Reading and writing overlap, but not where every lead is read before the first write.
        """
        each = [load.seconds for load in self.loads]
        return sum(each) if self.guarded else max(each)

    def to_accept(self, policy: Policy | None = None) -> tuple[str, ...]:
        """Return the fields whose losses must be accepted, beyond what `policy` accepts."""
        lossy = {path for path, fidelity, _ in self.losses.counts if fidelity.is_lossy}
        return tuple(sorted(path for path in lossy if policy is None or not policy.covers(path)))


async def plan(
    source: AsyncConnection,
    target: AsyncConnection,
    *,
    sample: int | None = None,
    limit: int | None = None,
    ask_vendor: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Plan:
    """Return what a move of the first `limit` leads would do; writes nothing.

    With `sample` only that many leads are looked at, in the order of the source's list.
    `ask_vendor` has the target dry-run the batches, or is `Unsupported`. `progress` is told how
    many leads were looked at so far. Settings that surely cannot write are a `ConfigError`.
    """
    for name, value in (("sample", sample), ("limit", limit)):
        if value is not None and value < 1:
            raise ConfigError(f"{name}: 1 or more.")
    target.opened.adapter.check_write()
    bounds = [bound for bound in (sample, limit) if bound is not None]
    with scratch() as database:
        scan = _Scan(source, target, database, ask_vendor=ask_vendor)
        await scan.run(limit, min(bounds, default=None), progress)
        return scan.plan()


class _Scan:
    """A walk over the source that drafts every lead and keeps counts, never leads."""

    def __init__(
        self,
        source: AsyncConnection,
        target: AsyncConnection,
        database: sqlite3.Connection,
        *,
        ask_vendor: bool,
    ) -> None:
        self.source, self.target = source, target
        self.session = target.opened.session
        self.extent = Extent()
        self.example: Draft | None = None
        self.losses = LossCount()
        self.unmappable, self.skipped = Tally(), Tally()
        self.ids, self.words = Ids(database), Words(database)
        self.merges = MergeIndex(database)
        self.asking = Asking(target, self.losses) if ask_vendor else None
        self.job = JobStarted(source.name, target.name)

    async def run(
        self, limit: int | None, most: int | None, progress: Callable[[int], None] | None
    ) -> None:
        """Look at `most` leads of the `limit` that would be moved."""
        ended = False
        async with aclosing(pages_of(self.source, self.ids)) as pages:
            async for page in pages:
                left = None if most is None else most - self.extent.looked_at
                self.extent.turn(page)
                leads = await whole(self.source, page.leads[:left])
                reasons = self.target.opened.plugins.skip(leads, self.job)
                for place, lead in enumerate(leads):
                    await self._look_at(lead, reasons.get(place))
                if progress is not None:
                    progress(self.extent.looked_at)
                ended = page.next_cursor is None and (left is None or len(page.leads) <= left)
                if self.extent.looked_at == most:
                    break
        self.extent.close(limit, ended=ended)
        self.merges.close()
        if self.asking is not None:
            await self.asking.finish()

    async def _look_at(self, lead: Lead, reason: str | None) -> None:
        """Draft a lead, unless there is a reason to leave it out."""
        lead_id = lead.ref.id if lead.ref else ""
        self.extent.looked_at += 1
        if reason is not None:
            self.skipped.add(reason, lead_id)
            return
        options = WriteOptions(policy=LENIENT)
        try:
            draft = self.session.draft(lead, self.session.write_use, options)
        except MappingError as error:
            self.unmappable.add(str(error), lead_id)
            return
        adapter = self.session.adapter
        draft = adapter.table.marked(draft, adapter.settings, reference(lead))
        self.example = self.example or draft
        self.extent.drafted += 1
        self._count_words(lead, lead_id, draft)
        self.merges.add(lead_id, lead, adapter.merge_keys(draft.fields))
        if self.asking is None:
            self.losses.add(lead_id, draft.losses)
        else:
            await self.asking.add(lead_id, draft)

    def _count_words(self, lead: Lead, lead_id: str, draft: Draft) -> None:
        leaves = take_apart(lead)
        for path in {loss.path for loss in draft.losses if loss.reason in _UNMAPPED}:
            if not is_empty(leaves.get(path)):
                self.words.add("unmapped", path, *_word(leaves[path]), lead_id)
        host = self.session.adapter.table.by_path.get("custom")
        held = fetch(draft.fields, host.keys[0]) if host is not None else None
        for slug in held if isinstance(held, Mapping) else ():
            self.words.add("slug", "custom", slug, "", lead_id)

    def plan(self) -> Plan:
        """Return what was found."""
        use, terms = self.session.write_use, self.session.adapter.settings
        ours, theirs = self.source.opened.adapter.table, self.session.adapter.table
        return Plan(
            self.source.name,
            self.target.name,
            compare_tables(ours, theirs, use=use, terms=terms),
            self.extent,
            self.losses,
            self.words.rows("unmapped", _MOST_WORDS),
            self.words.rows("slug", _MOST_WORDS),
            self.merges.groups(one=False, most=_MOST_GROUPS),
            self.merges.groups(one=True, most=_MOST_GROUPS),
            self.unmappable,
            self.skipped,
            loads(self.source, self.target, self.extent, self.example),
            self.asking.answer if self.asking else None,
            unread_paths(self.source),
            self.target.capabilities.create_merges,
        )


def _word(leaf: Any) -> tuple[str, str]:
    """Return what the source calls a value, and the canonical value where it is a coded one."""
    if isinstance(leaf, Coded):
        return leaf.native or str(leaf.value), str(leaf.value)
    if isinstance(leaf, Owner):
        return leaf.id or leaf.email or leaf.name or "", ""
    return str(leaf), ""
