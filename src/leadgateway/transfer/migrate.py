"""A whole move in one call: look first, write by the journal, read back, certify."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from leadgateway.aio import AsyncConnection
from leadgateway.errors import FidelityError
from leadgateway.journal import Journal
from leadgateway.mapping import Policy
from leadgateway.transfer.certificate import Certificate, certify
from leadgateway.transfer.plan import Plan, plan
from leadgateway.transfer.quotas import shared_quotas
from leadgateway.transfer.run import JobOptions, run_job
from leadgateway.transfer.verify import verify
from leadgateway.values import Loss


async def migrate(
    source: AsyncConnection,
    target: AsyncConnection,
    journal: Journal,
    *,
    job: str | None = None,
    accept: Iterable[str] = (),
    lenient: bool = False,
    limit: int | None = None,
    concurrency: int = 8,
    new_config: bool = False,
    allow_merge: bool = False,
    prove: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Certificate:
    """Move the leads of `source` to `target`, or go on with the job of that name.

    A new job first looks at every lead: what would be narrowed or dropped and is not accepted is a
    `FidelityError`, before anything was written. With `prove` the target is read back at the end.
    What `run_job` raises is raised here; the journal then says how far the job came.
    """
    name = job or f"{source.name}-to-{target.name}"
    policy = Policy(tuple(accept), lenient=lenient)
    options = JobOptions(
        policy=policy,
        limit=limit,
        concurrency=concurrency,
        new_config=new_config,
        allow_merge=allow_merge,
        progress=progress,
    )
    with shared_quotas(journal, source, target):
        if not lenient and journal.find_job(name) is None:
            refuse_what_nobody_accepted(await plan(source, target, limit=limit), policy)
        await run_job(source, target, journal, name, options)
        if prove:
            await verify(target, journal, name)
    return certify(journal, name)


def refuse_what_nobody_accepted(found: Plan, policy: Policy) -> None:
    """Raise `FidelityError` with the losses of a plan that `policy` does not accept."""
    refused = set(found.to_accept(policy))
    if refused:
        raise FidelityError(
            [
                Loss(path=path, fidelity=fidelity, reason=reason, detail=f"{count} leads")
                for (path, fidelity, reason), count in sorted(found.losses.counts.items())
                if path in refused and fidelity.is_lossy
            ]
        )
