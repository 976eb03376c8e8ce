"""The machine that measures: which core runs what, and how it is described."""

import os
import platform
from pathlib import Path

HOME = Path(
    os.environ.get("LEADGATEWAY_BENCH_HOME", Path.home() / ".cache" / "leadgateway-benchmarks")
)
"""Where the rivals' environments and the journals are."""


def cores() -> tuple[int, int] | None:
    """The core of the pipeline and the core of the simulators; None where none can be chosen."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def pin(process: int, core: int | None) -> None:
    """Let a process (0: this one) run on this core only."""
    if core is not None:
        os.sched_setaffinity(process, {core})


def cpu_of(process: int) -> float | None:
    """The CPU seconds that a process has taken so far; None where the system does not tell."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def described() -> str:
    """Cores and interpreter, without a name or a place."""
    version = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{os.cpu_count()} cores, {version}, {platform.system()} on {platform.machine()}"
