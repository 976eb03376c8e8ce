"""Simulators over real HTTP on loopback: blocking, in a thread, or in a process of their own."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from leadgateway.simulator.asgi import Application
from leadgateway.simulator.simulator import Simulator

HOST = "127.0.0.1"
_BACKLOG = 1024
_PATIENCE = 10.0
_GRACE = 1.0
_ANNOUNCED = "listening on "


@dataclass(frozen=True, slots=True)
class Running:
    """A simulator that accepts connections: its root URL and the settings to connect with."""

    url: str
    settings: Mapping[str, Any]

    @property
    def line(self) -> str:
        """The settings as one line of JSON."""
        return orjson.dumps(dict(self.settings)).decode()


def serve(
    simulator: Simulator,
    port: int = 0,
    *,
    listening: Callable[[Running], None] | None = None,
    with_parent: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT; port 0 takes any free one.

    The first line of stdout is `listening on URL`, the second the settings as JSON; `listening`
    is called before that. `with_parent` also ends it with stdin, a pipe from its parent.
    """

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, stop.set)
        if with_parent:
            loop.add_reader(sys.stdin.fileno(), stop.set)
        running = _running(simulator, listener)
        if listening is not None:
            listening(running)
        sys.stdout.write(f"{_ANNOUNCED}{running.url}\n{running.line}\n")
        sys.stdout.flush()
        await _answer(simulator, listener, stop)

    runs = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    with _listen(port) as listener, _seeded_leads_stay(), runs as runner:
        runner.run(main())


@contextmanager
def in_thread(simulator: Simulator) -> Iterator[Running]:
    """The simulator on a free port, served from a thread that ends with the block."""
    loop = uvloop.new_event_loop()
    stop = asyncio.Event()

    def work() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(_answer(simulator, listening, stop))

    with _listen(0) as listening:
        thread = threading.Thread(target=work, name=f"simulator {simulator.vendor}")
        thread.start()
        try:
            yield _running(simulator, listening)
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()


@contextmanager
def launch(
    vendor: str, *, leads: int = 0, seed: int = 0, rate_limits: bool = True
) -> Iterator[Running]:
    """An installed vendor's simulator in its own process, ended and reaped with the block."""
    with start(vendor, leads=leads, seed=seed, rate_limits=rate_limits) as process:
        yield announced(process)


@contextmanager
def start(
    vendor: str, *, leads: int = 0, seed: int = 0, rate_limits: bool = True
) -> Iterator[subprocess.Popen[bytes]]:
    """The process of `launch`, which may not listen yet; it ends with the block or with us."""
    command = [sys.executable, "-m", "leadgateway.simulator", vendor, "--with-parent"]
    command += ["--port", "0", "--leads", str(leads), "--seed", str(seed)]
    if not rate_limits:
        command.append("--no-rate-limits")
    with started(command) as process:
        yield process


@contextmanager
def started(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """The process of a command that serves `with_parent`; it ends with the block or with us."""
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def announced(process: subprocess.Popen[bytes]) -> Running:
    """Wait until a started simulator listens; RuntimeError if it ended before."""
    assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
    first = process.stdout.readline().decode()
    second = process.stdout.readline()
    if not first.startswith(_ANNOUNCED) or not second:
        raise RuntimeError("the simulator ended before it listened; its own message is above")
    return Running(first.removeprefix(_ANNOUNCED).strip(), orjson.loads(second))


@contextmanager
def _seeded_leads_stay() -> Iterator[None]:
    """They are not garbage: the collector is not to look through them again and again."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _listen(port: int) -> socket.socket:
    """A socket that takes connections at once: they wait in its backlog for the server."""
    return socket.create_server((HOST, port), backlog=_BACKLOG)


def _running(simulator: Simulator, listening: socket.socket) -> Running:
    url = f"http://{HOST}:{listening.getsockname()[1]}"
    settings = {**simulator.settings, "base_url": url + simulator.base_path}
    # What the vendor documents is not asked of a caller either.
    return Running(url, settings if simulator.rate_limits else {**settings, "rate_limits": False})


async def _answer(simulator: Simulator, listening: socket.socket, stop: asyncio.Event) -> None:
    config = uvicorn.Config(
        Application(simulator),
        http=_Protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="error",
        server_header=False,
        date_header=False,
    )
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: _Protocol(config, state, {}), sock=listening
    )
    await stop.wait()
    server.close()
    for connection in list(state.connections):
        connection.shutdown()
    if state.tasks:
        await asyncio.wait(state.tasks, timeout=_GRACE)


class _Protocol(HttpToolsProtocol):
    """Lets the application reach its connection, to break it when a fault says so."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn narrows it
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}
