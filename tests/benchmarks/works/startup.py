"""How long the command line takes to say what it is for, against an interpreter that does nothing.

Everything is what leadgateway depends on, imported by name.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks import machine, paired
from tests.benchmarks.effort import Effort
from tests.benchmarks.findings import Findings, Table
from tests.benchmarks.paired import Spread

EVERYTHING = (
    "import httpx, sniffio, pluggy, phonenumbers, email_validator, orjson, click, rich.console;"
    "from pydantic import BaseModel"
)
BARE, ALL = "python -c pass", "importing everything"


def measure(effort: Effort) -> Findings:
    """Start each of them in turn; the larger of the wall and the CPU ratio counts."""
    script = Path(sys.executable).with_name("leadgateway")
    program = [str(script)] if script.exists() else [sys.executable, "-m", "leadgateway"]
    commands = {
        BARE: [sys.executable, "-c", "pass"],
        "--help": [*program, "--help"],
        "--version": [*program, "--version"],
        ALL: [sys.executable, "-c", EVERYTHING],
    }
    taken = paired.rounds(
        {name: lambda command=command: _started(command) for name, command in commands.items()},
        effort.starts,
    )
    found = Findings()
    for name, other in (("--help", BARE), ("--version", BARE), ("--help", ALL)):
        wall, cpu = (
            paired.ratios(taken[name], taken[other], lambda each, part=part: each[part])
            for part in (0, 1)
        )
        found.figures[f"{name} / {other}"] = max(wall.median, cpu.median)
    rows = [
        (name, str(Spread.of([1e3 * wall for wall, _ in each])), str(_cpu(each)))
        for name, each in taken.items()
    ]
    title = f"Start-up, {effort.starts} times each"
    found.tables.append(Table(title, ("", "wall ms", "CPU ms"), rows))
    return found


def _cpu(taken: list[tuple[float, float]]) -> Spread:
    return Spread.of([1e3 * cpu for _, cpu in taken])


def _started(command: list[str]) -> tuple[float, float]:
    """The wall and CPU seconds of one start."""
    chosen = machine.cores()
    core = chosen and chosen[0]
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: machine.pin(0, core),  # noqa: PLW1509 - we have no threads
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[-1]} ended with {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime
