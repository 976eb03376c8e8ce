"""A process that asks a vendor as fast as the quota lets it, beside others that do the same."""

import asyncio
import sys

import orjson

from leadgateway.aio import AsyncGateway
from leadgateway.capabilities import RatePlan, Window
from leadgateway.journal import open_journal
from leadgateway.transfer.quotas import shared_quotas

WORKERS = 8


async def main(where: str, settings: dict, window: Window, requests: int) -> None:
    """Ask for so many pages, by some tasks at once."""
    journal = open_journal(where)
    connection = AsyncGateway(environ={}).connect("shared", **settings)
    connection.opened.meter.plan = RatePlan({"default": (window,)})
    left = iter(range(requests))

    async def ask() -> None:
        for _ in left:
            await anext(connection.list_leads(page_size=1).pages())

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    with shared_quotas(journal, connection):
        await asyncio.gather(*(ask() for _ in range(WORKERS)))
    await connection.close()
    journal.close()


if __name__ == "__main__":
    told = orjson.loads(sys.argv[1])
    quota = Window(*told["window"])
    asyncio.run(main(told["journal"], told["settings"], quota, told["requests"]))
