"""How many requests a move takes, in which buckets, and how long the quotas make them last."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from leadgateway.adapter import LeadQuery, Page
from leadgateway.aio import AsyncConnection
from leadgateway.mapping import Draft, Use
from leadgateway.transfer.duration import seconds_needed
from leadgateway.transfer.whole import asks_for_each


@dataclass
class Extent:
    """How much of a source was looked at, and how much there is of it.

    `drafted` are the leads that would be sent; `total` those that would be moved, which is `None`
    where some were not looked at and the vendor does not count them. `complete`: none was left out.
    """

    looked_at: int = 0
    drafted: int = 0
    pages: int = 0
    largest_page: int = 0
    complete: bool = False
    total: int | None = None

    def turn(self, page: Page) -> None:
        """Count one page."""
        self.pages += 1
        self.largest_page = max(self.largest_page, len(page.leads))
        self.total = page.total if page.total is not None else self.total

    def close(self, limit: int | None, *, ended: bool) -> None:
        """Settle what is known now that no more is looked at; `ended`: the list had no more."""
        self.complete = ended or self.looked_at == limit
        if self.complete:
            self.total = self.looked_at
        elif self.total is not None and limit is not None:
            self.total = min(limit, self.total)

    @property
    def reads(self) -> int:
        """How many pages the move reads; at least, where the total is unknown."""
        if self.complete or self.total is None:
            return self.pages
        return ceil(self.total / max(1, self.largest_page))

    def writes(self, batch: int) -> int:
        """How many requests the move writes in, `batch` leads each; a batch is filled as read."""
        leads = self.total or self.looked_at
        if batch > 1:
            return ceil(leads / batch)
        return round(leads * self.drafted / self.looked_at)


@dataclass(frozen=True)
class Load:
    """Requests of one connection to one bucket of its quota, and the time that allows for them.

    `documented` is false where the vendor publishes no figure, so that nothing slows them down.
    """

    connection: str
    reads: bool
    bucket: str
    requests: int
    seconds: float
    documented: bool


def loads(
    source: AsyncConnection, target: AsyncConnection, extent: Extent, example: Draft | None
) -> tuple[Load, ...]:
    """Return what a move asks of its source, and of its target to write drafts like `example`."""
    reading = source.opened.session.list_page(LeadQuery(), None)
    bucket = next(reading).bucket
    reading.close()
    each = (extent.total or extent.looked_at) if asks_for_each(source) else 0
    return (
        _load(source, bucket, extent.reads + each, reads=True),
        *(() if example is None else (_writing(target, extent, example),)),
    )


def _writing(target: AsyncConnection, extent: Extent, example: Draft) -> Load:
    adapter = target.opened.adapter
    if example.use is Use.BULK:
        batch = target.capabilities.batch_size or 1
        bucket = next(adapter.create_many([example], None)).bucket
        return _load(target, bucket, extent.writes(batch), reads=False)
    return _load(target, next(adapter.create(example, None)).bucket, extent.writes(1), reads=False)


def _load(connection: AsyncConnection, bucket: str, requests: int, *, reads: bool) -> Load:
    """Return the load of `requests` that follow at once on what was asked so far."""
    opened = connection.opened
    windows = opened.meter.plan.buckets.get(bucket, ())
    asked, ago = opened.meter.spent(bucket, opened.clock.monotonic())
    seconds = seconds_needed(windows, requests)
    if asked and requests:
        seconds = max(seconds, seconds_needed(windows, asked + requests) - ago)
    return Load(connection.name, reads, bucket, requests, seconds, bool(windows))
