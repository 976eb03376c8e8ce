"""Asking the target itself what it would do with the leads of a plan; it writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from leadgateway.adapter import Outcome, Receipt
from leadgateway.aio import AsyncConnection
from leadgateway.errors import Rejected, Unsupported
from leadgateway.mapping import Draft, LossCount
from leadgateway.transfer.tally import Tally
from leadgateway.work import failed


@dataclass
class VendorAnswer:
    """What the target says it would do: outcomes, why rows would fail, fields it would ignore.

    Every batch is asked about alone: it merges with what is there and with its own batch only.
    """

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    failures: Tally = field(default_factory=Tally)
    matched_by: Counter[str] = field(default_factory=Counter)
    ignored: Tally = field(default_factory=Tally)


class Asking:
    """Gathers drafts into batches and asks about each; `losses` gets what will be lost of them."""

    def __init__(self, target: AsyncConnection, losses: LossCount) -> None:
        if not target.capabilities.dry_run:
            raise Unsupported(target.vendor, "dry_run")
        self.answer = VendorAnswer()
        self._target = target
        self._losses = losses
        self._batch: list[tuple[str, Draft]] = []

    async def add(self, lead_id: str, draft: Draft) -> None:
        """Take one draft up, and ask as soon as a batch is full."""
        self._batch.append((lead_id, draft))
        if len(self._batch) == (self._target.capabilities.batch_size or 1):
            await self.finish()

    async def finish(self) -> None:
        """Ask about what is left."""
        batch, self._batch = self._batch, []
        if not batch:
            return
        receipts = await self._ask([draft for _, draft in batch])
        for (lead_id, draft), receipt in zip(batch, receipts, strict=True):
            self._count(lead_id, draft, receipt)

    async def _ask(self, drafts: Sequence[Draft]) -> list[Receipt]:
        """Return one receipt a draft; a batch that is refused whole is halved, as a real one is."""
        try:
            return list(await self._target.run(self._target.opened.adapter.dry_run(drafts)))
        except Rejected as error:
            if len(drafts) == 1:
                return [failed(error, drafts[0].losses)]
        middle = len(drafts) // 2
        return [*await self._ask(drafts[:middle]), *await self._ask(drafts[middle:])]

    def _count(self, lead_id: str, draft: Draft, receipt: Receipt) -> None:
        self.answer.outcomes[receipt.outcome] += 1
        if receipt.matched_by is not None:
            self.answer.matched_by[receipt.matched_by] += 1
        if receipt.error is not None:
            self.answer.failures.add(str(receipt.error), lead_id)
            return
        self._losses.add(lead_id, receipt.losses)
        for loss in receipt.losses:
            if loss not in draft.losses:
                self.answer.ignored.add(loss.path, lead_id)
