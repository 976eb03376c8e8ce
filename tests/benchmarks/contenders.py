"""Who can run on this machine, and why somebody cannot."""

import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

from tests.benchmarks import environments
from tests.benchmarks.effort import Effort
from tests.benchmarks.environments import NotInstalled
from tests.benchmarks.findings import Findings
from tests.benchmarks.moves import Entrant
from tests.benchmarks.programs import RIVALS, Program, ours

from leadgateway.settings import Settings

FAST = "aiohttp"
"""The client that the extra `fast` brings."""


def client(name: str) -> Program:
    """The pipeline under test over this client; `NotInstalled` says why it cannot run so."""
    offered = get_args(Settings.model_fields["client"].annotation)
    if name not in offered:
        raise NotInstalled(f"no driver over {name} yet")
    if find_spec(name) is None:
        raise NotInstalled(f"{name} is not installed")
    return ours(name)


def httpx_async() -> Program:
    """The bare loop over httpx, with as many workers as it is asked for."""
    return Program.of("httpx async", sys.executable, RIVALS / "httpx_async.py")


def httpx_sync() -> Program:
    """The bare loop over httpx.Client."""
    return Program.of("httpx sync", sys.executable, RIVALS / "httpx_sync.py")


def requests_loop(effort: Effort) -> Program:
    """The bare loop over requests."""
    python = environments.python("requests", effort)
    return Program.of("requests", python, RIVALS / "requests_loop.py")


def dlt(effort: Effort) -> Program:
    """A rest_api source into a custom destination."""
    return Program.of("dlt", environments.python("dlt", effort), RIVALS / "dlt_move.py")


def singer(effort: Effort) -> Program:
    """A RESTStream tap, piped into a target of its own process."""
    return _piped(
        "Singer SDK", environments.python("singer", effort), "singer_tap", "singer_target"
    )


def airbyte(effort: Effort) -> Program:
    """A low-code source, piped into a destination of the CDK."""
    python = environments.python("airbyte", effort)
    return _piped("Airbyte CDK", python, "airbyte_source", "airbyte_destination")


def _piped(name: str, python: Path, *parts: str) -> Program:
    return Program(name, tuple((str(python), str(RIVALS / f"{part}.py")) for part in parts), {})


PEERS: dict[str, Callable[[Effort], Program]] = {
    "Airbyte CDK": airbyte,
    "dlt": dlt,
    "Singer SDK": singer,
}


def able(
    makers: Mapping[str, Callable[[Effort], Program]], effort: Effort, found: Findings
) -> list[Entrant]:
    """Those that can run here, one request at a time; of the others the reason is noted."""
    entrants = []
    for name, make in makers.items():
        try:
            entrants.append(Entrant(name, make(effort), 1))
        except NotInstalled as reason:
            found.lacks([f"rate / {name}", f"peak / {name}"], str(reason))
    return entrants
