"""One quota for all who use an account: every job of a journal draws from the same one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

from leadgateway.aio import AsyncConnection
from leadgateway.conduct.sharing import Share
from leadgateway.errors import JournalError
from leadgateway.journal import Journal
from leadgateway.journal.quotas import SharesQuotas


@contextmanager
def shared_quotas(journal: Journal, *connections: AsyncConnection) -> Iterator[None]:
    """Share the documented quotas of `connections` with all who use `journal` meanwhile.

    Accounts are told apart by vendor, host and token. A connection that is not paced shares
    nothing, and no more does a journal that keeps no quotas.
    """
    with ExitStack() as stack:
        for connection in connections:
            if isinstance(journal, SharesQuotas) and connection.opened.meter.plan.buckets:
                stack.enter_context(_shared(journal, connection))
        yield


@contextmanager
def _shared(journal: SharesQuotas, connection: AsyncConnection) -> Iterator[None]:
    meter, clock = connection.opened.meter, connection.opened.clock
    if meter.sharers == 0:
        meter.share(_account(journal, connection), clock.monotonic())
    meter.sharers += 1
    try:
        yield
    finally:
        meter.sharers -= 1
        if meter.sharers == 0:
            with suppress(JournalError):
                meter.share(None, clock.monotonic())


def _account(journal: SharesQuotas, connection: AsyncConnection) -> Share:
    settings = connection.settings
    credential = settings.credential()
    known_by = credential if isinstance(credential, str) else f"the token of {connection.name}"
    return journal.quota(connection.vendor, urlsplit(settings.base_url).netloc, known_by)
