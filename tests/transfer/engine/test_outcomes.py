"""What became of a request waits for others to be committed with it, but never for long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from leadgateway.adapter import Outcome, Receipt
from leadgateway.errors import JournalError
from leadgateway.journal import IntendedRow, Intent, JobRecord, RowState, Staged
from leadgateway.transfer import book
from leadgateway.transfer.book import Book, hold

CREATED = Receipt(Outcome.CREATED, "t1")


@pytest.fixture
def journal(world: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(book, "_LINGER", 0.01)
    opened = world("novala", 1).journal()
    opened.open_job(JobRecord("job", "from", "to", "{}", "hash"))
    yield opened
    opened.close()


def on_its_way(held: Book) -> Intent:
    """Stage one lead and commit the request for it."""
    held.stage([Staged("s1", "digest", b"{}", b"{}")], None, last=True)
    [row] = held.pending(1)
    [intent] = held.intend([Intent("create", None, b"{}", (IntendedRow(row.seq, "{}", "[]"),))])
    return intent


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - the book is tended by itself
        await asyncio.sleep(0.01)


def test_an_outcome_that_no_other_follows_is_committed_all_the_same(journal: Any) -> None:
    async def run() -> None:
        async with hold(journal, "job") as held:
            held.receive(on_its_way(held), [CREATED])
            assert journal.counts("job") == {RowState.INTENT: 1}
            await asyncio.wait_for(
                until(lambda: journal.counts("job") == {RowState.CREATED: 1}), timeout=10
            )
            assert held.uncommitted == 0

    asyncio.run(run())


def test_an_outcome_that_could_not_be_committed_is_not_forgotten(
    journal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, refusals = journal.settle, []

    def refuse_twice(*given: Any) -> None:
        if len(refusals) < 2:
            refusals.append(given)
            raise JournalError("the disk is full")
        settle(*given)

    async def run() -> None:
        async with hold(journal, "job") as held:
            monkeypatch.setattr(journal, "settle", refuse_twice)
            held.receive(on_its_way(held), [CREATED])
            with pytest.raises(JournalError, match="full"):
                held.commit()
            await asyncio.wait_for(
                until(lambda: journal.counts("job") == {RowState.CREATED: 1}), timeout=10
            )

    asyncio.run(run())
    assert len(refusals) == 2
