"""A process that dies without dying: at its last moment everything it touches stops for good."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from leadgateway.exchange import Interrupted, Request, Response
from leadgateway.journal.sqlite import SQLiteDatabase
from leadgateway.simulator.messages import Answer, Call
from leadgateway.simulator.simulator import Simulator


class Killed(BaseException):
    """The process is dead: nothing of it runs any more, not even what cleans up."""


@dataclass
class Life:
    """The moments that a process has left; `None` is for ever.

    `writes` is how many requests that write it will see executed, and dies of the last one.
    """

    left: int | None = None
    writes: int | None = None

    def moment(self) -> None:
        """Live through one more moment, or die."""
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            raise Killed

    def wrote(self) -> None:
        """See one more write executed; the last one ends everything at once."""
        if self.writes is not None:
            self.writes -= 1
            if self.writes <= 0:
                self.left = 0


class MortalDatabase(SQLiteDatabase):
    """A journal's file in the hands of a process that may die before any statement."""

    def __init__(self, path: Path, life: Life) -> None:
        self.life = Life()
        super().__init__(path)
        self._connection.execute("PRAGMA synchronous = OFF")  # nobody pulls the plug in here
        self.life = life

    def write(self, work: Callable[[], Any], arrived: Callable[[], bool] | None = None) -> Any:
        def mortal() -> Any:
            result = work()
            self.life.moment()
            return result

        result = super().write(mortal, arrived)
        self.life.moment()
        return result

    def run(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        self.life.moment()
        return super().run(statement, values)

    def change(self, statement: str, values: Mapping[str, Any]) -> int:
        self.life.moment()
        return super().change(statement, values)

    def run_many(self, statement: str, values: Sequence[Sequence[Any]]) -> int:
        return sum(self._run_one(statement, each) for each in values)

    def _run_one(self, statement: str, values: Sequence[Any]) -> int:
        self.life.moment()
        return super().run_many(statement, [values])

    def bury(self) -> None:
        """Close what the dead left open, as the system would."""
        try:
            self._connection.close()
        except sqlite3.Error as error:
            raise AssertionError("the journal cannot be closed") from error


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)
        self.elapsed = 0.0

    def now(self) -> datetime:
        return self.at + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        self.elapsed += seconds


FAULTS = ("lost", "reset", "unreachable", "503", "500 after", "429", "400", "403", "garbled")


@dataclass
class Wire:
    """The way to a simulator, without a socket; faults befall the coming requests, one each.

    A fault is one of `FAULTS`, or "" for none.
    """

    simulator: Simulator
    clock: Clock
    life: Life
    page_size: int
    read_faults: list[str] = field(default_factory=list)
    write_faults: list[str] = field(default_factory=list)

    async def send(self, request: Request) -> Response:
        self.life.moment()
        try:
            return self._exchange(request)
        finally:
            self.life.moment()

    async def close(self) -> None:
        """Nothing is open."""

    def _exchange(self, request: Request) -> Response:
        ahead = self.read_faults if request.method == "GET" else self.write_faults
        fault = ahead.pop(0) if ahead else ""
        match fault:
            case "unreachable":
                raise Interrupted("no connection", sent=False)
            case "reset":
                raise Interrupted("no answer", sent=True)
            case "503" | "429" | "400" | "403":
                return self._answered(request, Answer(int(fault), b"{}"))
        answer = self.simulator.answer(*self._asked(request))
        if request.method != "GET":
            self.life.wrote()
        match fault:
            case "lost":
                raise Interrupted("no answer", sent=True)
            case "500 after":
                answer = Answer(500, b"{}")
            case "garbled":
                answer = replace(answer, body=b'{"cut')
        return self._answered(request, answer)

    def _asked(self, request: Request) -> Any:
        kept = [pair for pair in request.params if pair[0] != "limit"]
        path = urlsplit(request.url).path
        if request.method == "GET" and path.endswith("/leads"):
            kept.append(("limit", str(self.page_size)))
        call = Call(
            request.method, path, urlencode(kept, quote_via=quote),
            dict(request.headers), request.body or b"", self.clock.now(),
        )  # fmt: skip
        return call, self.simulator.match(call)

    def _answered(self, request: Request, answer: Answer) -> Response:
        date = format_datetime(self.clock.now(), usegmt=True)
        headers = {"content-type": "application/json", "date": date, **dict(answer.headers)}
        named = tuple((name.lower(), value) for name, value in headers.items())
        length = ("content-length", str(len(answer.body)))
        return Response(answer.status, (*named, length), answer.body, request)
