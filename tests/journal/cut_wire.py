"""A wire to PostgreSQL that breaks around a COMMIT, the one moment that leaves a doubt."""

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

_COMMIT = b"COMMIT\0"
_QUESTION = b"SET stamp = stamp"


class CutWire:
    """Carries bytes between clients and the server; `plan` says how the next COMMITs break.

    `before`: the COMMIT never reaches the server. `after`: it does, and the answer is lost.
    `late`: the client hears nothing, and asks again while the COMMIT is still on its way.
    `meanwhile` runs before the client learns that the wire is broken.
    """

    def __init__(self, folder: Path, server: Path) -> None:
        self.plan: list[str] = []
        self.sessions: list[_Session] = []
        self.late: list[tuple[_Session, bytes]] = []
        self.meanwhile = lambda: None
        self._server = server
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / server.name))
        self._listener.listen()
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def close(self) -> None:
        """Take the wire down."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        for session in self.sessions:
            session.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                upstream = socket.socket(socket.AF_UNIX)
                upstream.connect(str(self._server))
                self.sessions.append(_Session(self, client, upstream))


class _Session:
    def __init__(self, wire: CutWire, client: socket.socket, upstream: socket.socket) -> None:
        self._wire = wire
        self._client = client
        self._upstream = upstream
        self._muted = False
        self._answered = threading.Event()
        self._threads = [threading.Thread(target=way) for way in (self._up, self._down)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        for end in (self._client, self._upstream):
            _hang_up(end)
        for thread in self._threads:
            thread.join()
        self._client.close()
        self._upstream.close()

    def send(self, data: bytes) -> None:
        self._upstream.sendall(data)

    def _up(self) -> None:
        with suppress(OSError):
            while data := self._client.recv(65536):
                if _COMMIT in data and self._wire.plan:
                    self._break(self._wire.plan.pop(0), data)
                    return
                self.send(data)
                if _QUESTION in data and self._wire.late:
                    time.sleep(0.2)  # long enough for the question to reach the locked row
                    session, commit = self._wire.late.pop()
                    session.send(commit)
        _hang_up(self._upstream)

    def _down(self) -> None:
        with suppress(OSError):
            while data := self._upstream.recv(65536):
                if self._muted:
                    self._answered.set()
                else:
                    self._client.sendall(data)
        if not self._muted:
            _hang_up(self._client)

    def _break(self, how: str, commit: bytes) -> None:
        self._muted = True
        if how == "late":
            self._wire.late.append((self, commit))
        elif how == "after":
            self.send(commit)
            self._answered.wait(10)
        if how != "late":
            _hang_up(self._upstream)
        self._wire.meanwhile()
        _hang_up(self._client)


def _hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
