"""Reading a source into the journal: a page and the cursor behind it in one transaction."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from leadgateway.adapter import Page
from leadgateway.aio import AsyncConnection
from leadgateway.errors import BadResponse, CursorError, NotFound, Rejected
from leadgateway.transfer.ahead import one_ahead
from leadgateway.transfer.book import Book
from leadgateway.transfer.intake import Intake
from leadgateway.transfer.whole import whole


async def stage_pages(
    source: AsyncConnection, book: Book, intake: Intake, limit: int | None
) -> AsyncGenerator[int, None]:
    """Stage page after page until the source or `limit` ends; yields how many rows are new.

    Where the vendor lets a cursor be kept, reading goes on from the last one, and from the start
    if the vendor no longer takes it; rows that are staged already are passed over. A list that
    ends before the number of leads it announced is a `BadResponse`.
    """
    count = sum(book.journal.counts(book.job).values())
    if limit is not None and count >= limit:
        return
    cursor = book.record().cursor
    async with aclosing(_pages(source, cursor)) as listed, _in_turn(listed, limit) as pages:
        async for page in pages:
            leads = page.leads
            if limit is not None:
                leads = leads[: intake.prefix(leads, limit - count)]
            complete = len(leads) == len(page.leads)
            if complete and source.capabilities.paging.durable_cursor:
                cursor = page.next_cursor
            last = complete and page.next_cursor is None
            # What vanished meanwhile was staged all the same, so only too few is a fault.
            short = last and page.total is not None and count + len(leads) < page.total
            rows = intake.rows(await whole(source, leads))
            new = book.stage(rows, cursor, last=last and not short)
            count += new
            if short:
                raise BadResponse(f"the list ended after {count} of {page.total} leads")
            yield new
            if not complete or (limit is not None and count >= limit):
                return


def _in_turn(
    pages: AsyncGenerator[Page, None], limit: int | None
) -> aclosing[AsyncGenerator[Page, None]]:
    """Ask for each page before the one before it is dealt with, if all are wanted anyway."""
    return aclosing(pages if limit is not None else one_ahead(pages))


async def _pages(source: AsyncConnection, cursor: str | None) -> AsyncGenerator[Page, None]:
    if cursor is not None:
        started = False
        try:
            async for page in source.list_leads().pages(cursor):
                started = True
                yield page
        except (Rejected, NotFound, CursorError):
            if started:
                raise
        else:
            return
    async for page in source.list_leads().pages():
        yield page
