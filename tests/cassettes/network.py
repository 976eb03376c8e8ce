"""A network on which nothing can be reached, and which remembers who tried."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn
from unittest import mock


class NetworkClosed(OSError):
    """Somebody tried to reach the network."""


@contextmanager
def closed_network() -> Iterator[list[str]]:
    """Let every connection and every look-up fail; yields the list of the attempts."""
    attempts: list[str] = []

    def refusing(what: str) -> Any:
        def refuse(*_args: object, **_options: object) -> NoReturn:
            attempts.append(what)
            raise NetworkClosed(f"{what}: the network is closed")

        return refuse

    with (
        mock.patch.object(socket.socket, "connect", refusing("connect")),
        mock.patch.object(socket.socket, "connect_ex", refusing("connect_ex")),
        mock.patch.object(socket.socket, "sendto", refusing("sendto")),
        mock.patch.object(socket, "getaddrinfo", refusing("getaddrinfo")),
    ):
        yield attempts
