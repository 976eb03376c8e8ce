"""A reader's terminal: runs the commands of a page and keeps what they print."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_COMMAND = re.compile(r"^\$ ", re.MULTILINE)
_PORT = re.compile(r"\b870\d\b")
_PATIENCE = 120


@dataclass
class Terminal:
    """Runs commands in one folder; the ports 8700 to 8709 of a page stand for free ones."""

    folder: Path
    ports: dict[str, str] = field(default_factory=dict)
    left_running: list[subprocess.Popen[str]] = field(default_factory=list)
    status: int = 0

    def localized(self, text: str) -> str:
        """Return a page's text with the ports of this terminal in it."""
        return _PORT.sub(lambda found: self._port(found[0]), text)

    def run(self, command: str, lines: int) -> str:
        """Return what a command prints; of one that ends in `&`, its first `lines`."""
        command = self.localized(command)
        if command.endswith("&"):
            return self._start(command.removesuffix("&"), lines)
        done = subprocess.run(
            ["/bin/bash", "-c", f"(exit {self.status}); {command}"],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        self.status = done.returncode
        return done.stdout

    def _start(self, command: str, lines: int) -> str:
        process = subprocess.Popen(
            ["/bin/bash", "-c", f"exec {command}"],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.left_running.append(process)
        assert process.stdout is not None
        return "".join(process.stdout.readline() for _ in range(lines))

    def _port(self, named: str) -> str:
        if named not in self.ports:
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.ports[named] = str(free.getsockname()[1])
        return self.ports[named]


@contextmanager
def terminal(folder: Path) -> Iterator[Terminal]:
    """A terminal in `folder`; whatever it left running is ended with the block."""
    opened = Terminal(folder)
    try:
        yield opened
    finally:
        for process in opened.left_running:
            os.killpg(process.pid, signal.SIGTERM)
            process.communicate(timeout=_PATIENCE)


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a `console` block and what the page shows of its output."""
    for part in _COMMAND.split(text)[1:]:
        command, _, output = part.partition("\n")
        while command.endswith("\\"):
            following, _, output = output.partition("\n")
            command = f"{command[:-1]}{following.strip()}"
        yield command, output
