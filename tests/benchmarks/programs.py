"""Programs that are measured: started on the pipeline's core, waited for, and what they took."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.benchmarks import machine
from tests.benchmarks.simulators import Account

HERE = Path(__file__).resolve().parent
RIVALS = HERE / "rivals"
_TAIL = 2_000
_PATIENCE = 1_800.0
"""Seconds after which a move hangs for certain."""


class Failed(Exception):
    """A program ended badly, or did not deliver what it was asked to."""


@dataclass(frozen=True)
class Run:
    """What one move took: the move alone, the whole processes, and the simulators meanwhile."""

    leads: int
    width: int
    """So many requests at a time it was asked for."""
    wall: float
    cpu: float
    whole_wall: float
    whole_cpu: float
    peak: int
    """Resident memory of the largest process, in bytes."""
    told: Mapping[str, Any]
    """What the last program said of itself."""
    disturbed: float
    """The share of the move in which the pipeline's core was taken by somebody else."""
    busy: float | None
    """The simulators' CPU seconds per second of the move: at 1 it is they who are measured."""

    @property
    def rate(self) -> float:
        return self.leads / self.wall


@dataclass(frozen=True)
class Program:
    """A pipeline by name: one process, or several with a pipe from each to the next."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    extra: Mapping[str, Any]

    @classmethod
    def of(cls, name: str, *command: object, **extra: Any) -> "Program":
        return cls(name, (tuple(map(str, command)),), extra)


def run(program: Program, asked: Mapping[str, Any], simulators: Iterable[Account]) -> Run:
    """Run it once; `Failed` with the end of what it said if it did not end well."""
    accounts = list(simulators)
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        told.mkdir()
        before = [each.cpu() for each in accounts]
        began = time.monotonic()
        usages = _run(program, {**asked, **program.extra}, Path(folder))
        whole = time.monotonic() - began
        after = [each.cpu() for each in accounts]
        found = [json.loads(each.read_text()) for each in told.iterdir()]
        found.sort(key=lambda each: each["leads"])
    wall = max(each["ended"] for each in found) - min(each["began"] for each in found)
    busy = None
    if None not in before and None not in after:
        busy = (sum(after) - sum(before)) / wall  # type: ignore[arg-type] # None was just excluded
    return Run(
        leads=found[-1]["leads"],
        width=asked["concurrency"],
        told=found[-1],
        wall=wall,
        cpu=sum(each["cpu"] for each in found),
        whole_wall=whole,
        whole_cpu=sum(each.ru_utime + each.ru_stime for each in usages),
        peak=max(each["peak"] for each in found),
        disturbed=max(each["kept waiting"] for each in found) / wall,
        busy=busy,
    )


def _run(program: Program, asked: Mapping[str, Any], folder: Path) -> Sequence[Any]:
    log = folder / "log"
    with log.open("wb") as said:
        started = _started(program, json.dumps(asked), folder, said)
        overseer = threading.Timer(_PATIENCE, _kill, [started])
        overseer.start()
        try:
            usages = [_waited(each) for each in started]
        finally:
            overseer.cancel()
            overseer.join()
    if any(each.returncode for each in started):
        said_last = log.read_text(errors="replace").strip()[-_TAIL:]
        sys.stderr.write(f"{said_last}\n")
        codes = ", ".join(str(each.returncode) for each in started)
        raise Failed(f"ended with {codes}")
    return usages


def _started(
    program: Program, asked: str, folder: Path, said: IO[bytes]
) -> list[subprocess.Popen[bytes]]:
    chosen = machine.cores()
    core = chosen and chosen[0]
    started: list[subprocess.Popen[bytes]] = []
    for position, command in enumerate(program.commands):
        last = position == len(program.commands) - 1
        started.append(
            subprocess.Popen(
                [*command, asked],
                stdin=started[-1].stdout if started else subprocess.DEVNULL,
                stdout=said if last else subprocess.PIPE,
                stderr=said,
                env=_environment(folder),
                cwd=folder,
                preexec_fn=lambda: machine.pin(0, core),  # noqa: PLW1509 - no thread is running
            )
        )
    for each in started[:-1]:
        assert each.stdout is not None
        each.stdout.close()
    return started


def _environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(RIVALS), os.environ.get("PYTHONPATH")))),
        "BENCHMARK_TOLD": str(folder / "told"),
        "PYTHONWARNINGS": "ignore",
        # No rival is to call home while it is measured.
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "DO_NOT_TRACK": "1",
    }


def _kill(started: Iterable[subprocess.Popen[bytes]]) -> None:
    """End what hangs; a process that was not waited for keeps its number."""
    for each in started:
        if each.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(each.pid, signal.SIGKILL)


def _waited(process: subprocess.Popen[bytes]) -> Any:
    """Wait for it; `wait4` tells what this one process took, and not the simulators beside it."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage


def ours(client: str | None = None, **extra: Any) -> Program:
    """The pipeline under test, over a driver of this name or the one it takes unasked."""
    name = "leadgateway" if client is None else f"leadgateway, {client}"
    return Program.of(name, sys.executable, HERE / "pipeline.py", client=client, **extra)
