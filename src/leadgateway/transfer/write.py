"""Writing one chunk of leads: some workers, every lead settled as soon as its write ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from leadgateway.adapter import Receipt
from leadgateway.aio import AsyncConnection
from leadgateway.errors import OutcomeUnknown
from leadgateway.lead import Lead
from leadgateway.mapping import Policy
from leadgateway.session import WriteOptions
from leadgateway.transfer.halt import Halt, Halted
from leadgateway.work import Job, failed

Settle = Callable[[Lead, Receipt], None]


async def write(
    target: AsyncConnection,
    leads: Sequence[Lead],
    *,
    policy: Policy,
    concurrency: int,
    halt: Halt,
    settle: Settle,
) -> int:
    """Write `leads` and `settle` each; returns how many were left untouched because of `halt`.

    A write that is still in flight when patience ends is settled as unknown.
    """
    work = target.opened.session.jobs(leads, WriteOptions(policy=policy))
    untouched = 0

    def end(indices: Sequence[int], receipts: Sequence[Receipt]) -> None:
        nonlocal untouched
        ends = [(leads[i], receipt) for i, receipt in zip(indices, receipts, strict=True)]
        sent = [(lead, r) for lead, r in ends if not isinstance(r.error, Halted)]
        untouched += len(ends) - len(sent)
        target.opened.settle([lead for lead, _ in sent], [receipt for _, receipt in sent])
        for lead, receipt in sent:
            settle(lead, receipt)

    async def do(job: Job) -> None:
        receipts: Sequence[Receipt] = [failed(_in_flight(target.vendor))] * len(job.indices)
        try:
            receipts = await target.run(job.flow())
        finally:
            end(job.indices, receipts)

    async def take() -> None:
        while not halt.wished and (job := next(pending, None)) is not None:
            await do(job)

    end(list(work.settled), list(work.settled.values()))
    pending = iter(work.jobs)
    await halt.bear(asyncio.create_task(take()) for _ in range(max(1, concurrency)))
    return untouched + sum(len(job.indices) for job in pending)


def _in_flight(vendor: str) -> OutcomeUnknown:
    return OutcomeUnknown("stopped before the answer came", vendor=vendor)
