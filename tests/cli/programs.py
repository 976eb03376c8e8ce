"""The program in processes of its own: started, read, signalled, and always ended."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

COMMAND = [sys.executable, "-W", "error", "-m", "leadgateway"]
PATIENCE = 60


def environment(**more: str) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("LEADGATEWAY_")}
    return {**kept, **more}


def ran(*words: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the program to its end."""
    return subprocess.run(
        [*COMMAND, *words],
        cwd=cwd,
        env=environment(**more),
        capture_output=True,
        check=False,
        text=True,
        timeout=PATIENCE,
    )


@contextmanager
def started(*words: str, cwd: Path, **more: str) -> Iterator[subprocess.Popen[str]]:
    """Start the program; it is killed at the end if it is still there."""
    process = subprocess.Popen(
        [*COMMAND, *words],
        cwd=cwd,
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def until(happened: Callable[[], object]) -> None:
    """Wait for something that must happen."""
    for _ in range(PATIENCE * 20):
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError("it never happened")


def is_away(url: str) -> bool:
    """Whether nobody listens at `url` any more."""
    try:
        httpx.get(f"{url}/_simulator/requests", timeout=5)
    except httpx.TransportError:
        return True
    return False
