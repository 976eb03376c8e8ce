"""The vendors: simulators in processes of their own, without rate limits, on a core of theirs."""

import json
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from tests.benchmarks import machine

from leadgateway.simulator.serve import Running, announced, started

_VENDOR = Path(__file__).with_name("vendor.py")


class Account:
    """One simulated vendor and its control paths."""

    def __init__(self, running: Running, process: int) -> None:
        self.settings = {**running.settings, "rate_limits": False}
        self.process = process
        self._url = running.url

    def leads(self) -> Iterator[dict[str, Any]]:
        """The leads it holds, one after the other."""
        with urllib.request.urlopen(self._request("GET", "leads")) as answer:  # noqa: S310 - as there
            yield from map(orjson.loads, answer)

    def clear(self) -> None:
        """Empty it, its faults and its counts."""
        for what in ("leads", "faults", "requests"):
            self._ask("DELETE", what)

    def answer_late(self, method: str, seconds: float) -> None:
        """Let every answer to this method come so much later, as over a long line."""
        fault = {"method": method, "times": None, "after": True, "delay": seconds}
        self._ask("POST", "faults", json.dumps(fault).encode())

    def cpu(self) -> float | None:
        """The CPU seconds it has taken so far."""
        return machine.cpu_of(self.process)

    def _ask(self, method: str, what: str, body: bytes | None = None) -> None:
        with urllib.request.urlopen(self._request(method, what, body)):  # noqa: S310 - as there
            return

    def _request(self, method: str, what: str, body: bytes | None = None) -> urllib.request.Request:
        url = f"{self._url}/_simulator/{what}"
        return urllib.request.Request(url, data=body, method=method)  # noqa: S310 - our own loopback address


@contextmanager
def opened(vendor: str, leads: int = 0) -> Iterator[Account]:
    """A vendor with so many leads of the population, pinned to the simulators' core."""
    with started((sys.executable, str(_VENDOR), vendor, str(leads))) as process:
        chosen = machine.cores()
        machine.pin(process.pid, chosen and chosen[1])
        yield Account(announced(process), process.pid)


def both(source: Account, target: Account) -> dict[str, Any]:
    """The settings of both, as every program is asked with."""
    return {"source": source.settings, "target": target.settings}
