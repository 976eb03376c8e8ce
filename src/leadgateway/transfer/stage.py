"""Reading a source into the journal: a page and the cursor behind it in one transaction."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from leadgateway.adapter import Page
from leadgateway.aio import AsyncConnection
from leadgateway.errors import CursorError, Rejected
from leadgateway.transfer.book import Book
from leadgateway.transfer.encode import staged


async def stage_pages(source: AsyncConnection, book: Book, limit: int | None) -> AsyncIterator[int]:
    """Stage page after page until the source or `limit` ends; yields how many rows are new.

    Where the vendor lets a cursor be kept, reading goes on from the last one, and from the start
    if the vendor no longer takes it; rows that are staged already are passed over.
    """
    left = None if limit is None else limit - sum(book.journal.counts(book.job).values())
    if left is not None and left <= 0:
        return
    async with aclosing(_pages(source, book.record().cursor)) as pages:
        async for page in pages:
            leads = page.leads if left is None else page.leads[:left]
            complete = len(leads) == len(page.leads)
            durable = source.capabilities.paging.durable_cursor and complete
            cursor = page.next_cursor if durable else book.record().cursor
            last = complete and page.next_cursor is None
            new = book.stage([staged(lead) for lead in leads], cursor, last=last)
            yield new
            if left is not None:
                left -= new
                if left <= 0:
                    return


async def _pages(source: AsyncConnection, cursor: str | None) -> AsyncGenerator[Page, None]:
    if cursor is not None:
        started = False
        try:
            async for page in source.list_leads().pages(cursor):
                started = True
                yield page
        except (Rejected, CursorError):
            if started:
                raise
        else:
            return
    async for page in source.list_leads().pages():
        yield page
