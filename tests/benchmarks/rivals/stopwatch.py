"""Tells the harness when a pipeline began and ended to move, and what it took for that.

Every program that is measured imports this: what it needs before its first request (its imports,
its own start) is outside, and told apart by the harness as the time of the whole process.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def moving(told: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
    """Time the block; what the block puts in the mapping is told as well."""
    told = {} if told is None else told
    began, cpu, kept_waiting = time.monotonic(), time.process_time(), _kept_waiting()
    yield told
    told |= {"began": began, "ended": time.monotonic(), "cpu": time.process_time() - cpu}
    told |= {"kept waiting": _kept_waiting() - kept_waiting, "peak": _peak()}
    place = Path(os.environ["BENCHMARK_TOLD"])
    (place / f"{os.getpid()}.json").write_text(json.dumps(told))


def _kept_waiting() -> float:
    """For how long something else had the core that was wanted here; 0 where nobody tells."""
    try:
        return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9
    except OSError:
        return 0.0


def _peak() -> int:
    """The most resident memory that this program had so far, in bytes.

    Linux tells with `ru_maxrss` also what the process held before it became this program: the
    memory of whoever started it.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
