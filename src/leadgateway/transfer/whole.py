"""Whole leads from vendors whose list shows only a part of each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from leadgateway.aio import AsyncConnection
from leadgateway.capabilities import Operation
from leadgateway.errors import NotFound
from leadgateway.lead import Lead

_AT_A_TIME = 8


def asks_for_each(source: AsyncConnection) -> bool:
    """Whether each lead of `source` is fetched by id, since its list leaves something out."""
    able = source.capabilities
    return (
        bool(able.paging.omits) and Operation.GET in able.operations and source.settings.read_whole
    )


def unread_paths(source: AsyncConnection) -> tuple[str, ...]:
    """Return the fields that the list of `source` leaves out and nobody asks for."""
    return () if asks_for_each(source) else source.capabilities.paging.omits


async def whole(source: AsyncConnection, leads: Sequence[Lead]) -> Sequence[Lead]:
    """Return `leads` with what the list left out; one that is gone by now stays as listed."""
    if not asks_for_each(source):
        return leads
    gate = asyncio.Semaphore(_AT_A_TIME)

    async def fetch(lead: Lead) -> Lead:
        if lead.ref is None:
            return lead
        async with gate:
            try:
                return await source.get_lead(lead.ref.id)
            except NotFound:
                return lead

    fetched = await asyncio.gather(*map(fetch, leads), return_exceptions=True)
    for end in fetched:
        if isinstance(end, BaseException):
            raise end
    return [lead for lead in fetched if isinstance(lead, Lead)]
