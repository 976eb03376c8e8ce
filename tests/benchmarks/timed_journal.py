"""A journal that counts what it takes: every call of it, and nothing else."""

import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any


class TimedJournal:
    """Does all that the journal does; `cpu` and `wall` are the seconds spent in its calls."""

    def __init__(self, journal: Any) -> None:
        self._journal = journal
        self.cpu = 0.0
        self.wall = 0.0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._journal, name)
        return self._timed(found) if callable(found) else found

    def _timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(call)
        def timed(*given: Any, **named: Any) -> Any:
            cpu, wall = time.thread_time(), time.perf_counter()
            try:
                answer = call(*given, **named)
            finally:
                self.cpu += time.thread_time() - cpu
                self.wall += time.perf_counter() - wall
            return self._each(answer) if isinstance(answer, Iterator) else answer

        return timed

    def _each(self, rows: Iterator[Any]) -> Iterator[Any]:
        following = self._timed(rows.__next__)
        while True:
            try:
                row = following()
            except StopIteration:
                return
            yield row
