"""What a SQL database must offer so that the journal can live in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Database(Protocol):
    """Transactions, the statements inside them, and the store's own dialect of those.

    `run`, `change` and `run_many` are called by the work given to `write` or `read`, nowhere else.
    Whatever the store cannot do is a `JournalError`.
    """

    def write(self, work: Callable[[], T], arrived: Callable[[], bool] | None = None) -> T:
        """Run `work` as one transaction that is on disk on return, or has changed nothing.

        Work that was surely undone may be run again. Where a commit was never answered, `arrived`
        says whether it happened; without `arrived`, doing the work twice must do no harm.
        """

    def read(self, work: Callable[[], T]) -> T:
        """Run `work`, which changes nothing, on one state of the data; keeps no writer waiting."""

    def run(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""

    def change(self, statement: str, values: Mapping[str, Any]) -> int:
        """Run one statement; returns how many rows it changed."""

    def run_many(self, statement: str, values: Sequence[Sequence[Any]]) -> int:
        """Run one statement for each of `values`; returns how many rows it changed.

        Each holds what the statement names, once each, in the order in which it names it.
        """

    def scrub(self) -> None:
        """Let go of the old versions of what was changed, as far as the store can."""

    def close(self) -> None:
        """Close the database."""
