"""Reading a target back from the command line, and showing what was found."""

from __future__ import annotations

import asyncio

from leadgateway.cli.invocation import Invocation
from leadgateway.cli.render import Screen
from leadgateway.journal import JobRecord, Journal
from leadgateway.transfer.verification import Verification
from leadgateway.transfer.verify import verify


async def proved(
    invocation: Invocation, screen: Screen, journal: Journal, job: JobRecord
) -> Verification:
    """Read back what `job` wrote."""
    gateway = invocation.async_gateway(asyncio.sleep)
    async with gateway.connect(job.target) as target:
        screen.note(f"Reading {job.target} back.")
        return await verify(target, journal, job.id)
