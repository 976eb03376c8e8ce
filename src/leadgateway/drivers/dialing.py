"""Opening a connection on the event loop; whoever gives up the wait leaves no socket behind."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain, zip_longest
from typing import Any, Final

HEAD_START: Final = 0.25
"""For so many seconds an address is tried alone before the next one is tried beside it, as
RFC 8305 recommends in section 5."""

Place = tuple[Any, Any, int, str, Any]
"""What `getaddrinfo` says of an address: its family, kind, protocol, name and the address."""


async def dial(host: str, port: int) -> socket.socket:
    """Return a connected socket to the first of the host's addresses that answers.

    Raises the `OSError` of the last that failed if none does. Unlike the loop's own race between
    addresses it loses no socket that connected just when the wait was cancelled.
    """
    places = deque(_in_turns(await _places(host, port)))
    trying: set[asyncio.Task[socket.socket]] = set()
    failure: BaseException = OSError(f"{host} has no address")
    try:
        while places or trying:
            if places:
                trying.add(asyncio.create_task(_connected(places.popleft())))
            head_start = HEAD_START if places else None
            done, _ = await asyncio.wait(
                trying, timeout=head_start, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                failure = task.exception() or failure
                if task.exception() is None:
                    trying.remove(task)
                    return task.result()
            trying -= done
        raise failure
    finally:
        for task in trying:
            task.cancel()
            task.add_done_callback(_hang_up)


async def _places(host: str, port: int) -> Sequence[Place]:
    """Return the addresses of a host; one that is an address itself needs no thread."""
    for family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):
            socket.inet_pton(family, host)
            return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))]
    loop = asyncio.get_running_loop()
    return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def _in_turns(places: Sequence[Place]) -> list[Place]:
    """Return addresses of different families by turns, beginning with that of the first."""
    families: dict[Any, list[Place]] = {}
    for place in places:
        families.setdefault(place[0], []).append(place)
    return [place for place in chain(*zip_longest(*families.values())) if place is not None]


async def _connected(place: Place) -> socket.socket:
    family, kind, protocol, _, address = place
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


def _hang_up(task: asyncio.Task[socket.socket]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()
