"""A process that migrates and may be killed: before any SQL statement, around any request.

Run with `--serve` it stays, forks a child for each line of JSON on stdin, and tells on stdout how
the child ended; otherwise its one argument is the JSON, and it migrates once. The JSON is
`{"source", "target": connection settings, "journal": where, "kill_at": n, "kill_on": label,
"batch_size": n, "page_size": n, "concurrency": n, "allow_merge": flag, "freeze_after": labels,
"lease_seconds": n}`; nothing but the first three is needed. It stops itself when it has passed
moments with these labels one after the other.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from leadgateway.aio import AsyncConnection, AsyncGateway
from leadgateway.drivers.httpx import AsyncHttpxDriver
from leadgateway.errors import LeadGatewayError
from leadgateway.exchange import Request, Response
from leadgateway.journal.opening import open_journal
from leadgateway.journal.postgres import PostgresDatabase
from leadgateway.journal.sqlite import SQLiteDatabase
from leadgateway.mapping import LENIENT
from leadgateway.plugins import Plugins
from leadgateway.transfer import book
from leadgateway.transfer.run import EXIT_CODES, JobOptions, run_job

CONNECTIONS = 8
MORTAL = {"kill_at", "kill_on", "freeze_after", "watched"}
"""What asks for moments; without them nothing of the journal is slowed down."""


class Points:
    """Counts the moments at which the process may die, and kills it at the one chosen."""

    def __init__(self, asked: Mapping[str, Any]) -> None:
        self.kill_at = asked.get("kill_at")
        self.kill_on = asked.get("kill_on")
        self.freeze_after = asked.get("freeze_after")
        self.passed: list[str] = []

    def reach(self, label: str) -> None:
        self.passed.append(label)
        if self.freeze_after and self.freeze_after == self.passed[-len(self.freeze_after) :]:
            self.freeze_after = None
            os.kill(os.getpid(), signal.SIGSTOP)
        if len(self.passed) == self.kill_at or label == self.kill_on:
            os.kill(os.getpid(), signal.SIGKILL)


def watch(database: type[Any], points: Points) -> None:
    """Make every statement and every commit of a store a moment to die at."""
    plain = {name: getattr(database, name) for name in ("write", "run", "change", "run_many")}

    def write(self: Any, work: Callable[[], Any], arrived: Any = None) -> Any:
        def watched() -> Any:
            result = work()
            points.reach("before COMMIT")
            return result

        result = plain["write"](self, watched, arrived)
        points.reach("after COMMIT")
        return result

    def run(self: Any, statement: str, values: Mapping[str, Any]) -> Any:
        points.reach(" ".join(statement.split()[:3]))
        return plain["run"](self, statement, values)

    def change(self: Any, statement: str, values: Mapping[str, Any]) -> int:
        points.reach(" ".join(statement.split()[:3]))
        return plain["change"](self, statement, values)

    def run_many(self: Any, statement: str, values: Sequence[Sequence[Any]]) -> int:
        count = 0
        for each in values:
            points.reach(" ".join(statement.split()[:3]))
            count += plain["run_many"](self, statement, [each])
        return count

    for watched in (write, run, change, run_many):
        setattr(database, watched.__name__, watched)


class WatchedDriver:
    """A driver around whose every exchange there are two moments to die at."""

    def __init__(self, points: Points, page_size: int | None) -> None:
        self._driver = AsyncHttpxDriver(connections=CONNECTIONS)
        self._points = points
        self._page_size = page_size

    async def send(self, request: Request) -> Response:
        if request.method == "GET" and self._page_size:
            kept = [pair for pair in request.params if pair[0] != "limit"]
            request = request._replace(params=(*kept, ("limit", str(self._page_size))))
        self._points.reach(f"before {request.method}")
        response = await self._driver.send(request)
        self._points.reach(f"after {request.method}")
        return response

    async def close(self) -> None:
        await self._driver.close()


def connected(
    gateway: AsyncGateway, name: str, settings: Mapping[str, Any], points: Points, page: int | None
) -> AsyncConnection:
    return gateway.connect(name, driver=WatchedDriver(points, page), **settings)


async def migrate(asked: Mapping[str, Any], points: Points, plugins: Plugins) -> dict[str, Any]:
    gateway = AsyncGateway(plugins=plugins, environ={})
    source = connected(gateway, "from", asked["source"], points, asked.get("page_size"))
    target = connected(gateway, "to", asked["target"], points, None)
    if batch := asked.get("batch_size"):
        adapter = type(target.opened.adapter)
        adapter.capabilities = replace(adapter.capabilities, batch_size=batch)
    journal = open_journal(asked["journal"])
    if lease := asked.get("lease_seconds"):
        # What a lease is trusted for unasked is less than any lease lasts.
        journal._ttl, book._TRUSTED = lease, lease / 2
    try:
        if sys.argv[1:] != ["--serve"]:
            print("begun", flush=True)  # noqa: T201 - a program
        options = JobOptions(
            policy=LENIENT,
            concurrency=asked.get("concurrency", 3),
            allow_merge=asked.get("allow_merge", False),
        )
        record = await run_job(source, target, journal, "job", options)
        counts = {str(state): count for state, count in journal.counts("job").items()}
        return {"state": record.state, "exit": EXIT_CODES[record.state], "counts": counts}
    finally:
        journal.close()
        await source.close()
        await target.close()


def run_once(asked: Mapping[str, Any], plugins: Plugins) -> dict[str, Any]:
    points = Points(asked)
    if MORTAL & asked.keys():
        for database in (SQLiteDatabase, PostgresDatabase):
            watch(database, points)
    try:
        told = asyncio.run(migrate(asked, points, plugins))
    except LeadGatewayError as error:
        told = {"error": f"{type(error).__name__}: {error}", "exit": error.exit_code}
    return {**told, "points": points.passed}


def forked(asked: Mapping[str, Any], plugins: Plugins) -> dict[str, Any]:
    """Run in a child; returns what it told, and the signal that ended it, if one did."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        status = 1
        try:
            told = run_once(asked, plugins)
            with os.fdopen(writing, "w") as pipe:
                json.dump(told, pipe)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    told = json.loads(said) if said else {}
    return {**told, "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}


def main() -> int:
    plugins = Plugins.installed({})
    if sys.argv[1:] != ["--serve"]:
        told = run_once(json.loads(sys.argv[1]), plugins)
        print(json.dumps({k: v for k, v in told.items() if k != "points"}))  # noqa: T201 - a program
        return int(told["exit"])
    for vendor in plugins.vendors():
        plugins.adapter(vendor)
    AsyncHttpxDriver()
    for line in sys.stdin:
        print(json.dumps(forked(json.loads(line), plugins)), flush=True)  # noqa: T201 - a program
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
