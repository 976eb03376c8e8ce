"""Every scenario of every vendor, and how all of them are recorded anew."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.cassettes import (
    apollo_space_scenarios,
    mega_scenarios,
    novala_scenarios,
    tape,
    v1_leads_scenarios,
)
from tests.cassettes.recording import is_live, record, record_live
from tests.cassettes.scenario import Scenario

SCENARIOS = (
    *apollo_space_scenarios.SCENARIOS,
    *mega_scenarios.SCENARIOS,
    *novala_scenarios.SCENARIOS,
    *v1_leads_scenarios.SCENARIOS,
)
ERRORS: Mapping[str, Mapping[str, str]] = {
    "apollo_space": apollo_space_scenarios.ERRORS,
    "mega": mega_scenarios.ERRORS,
    "novala": novala_scenarios.ERRORS,
    "v1_leads": v1_leads_scenarios.ERRORS,
}
"""The documented errors of each vendor, and where they are documented."""


def record_all(root: Path, environ: Mapping[str, str]) -> list[str]:
    """Record every scenario below `root` and remove what none records; return what changed.

    A live recording is replaced by another live one only: delete it to fall back.
    """
    changed = []
    for scenario in SCENARIOS:
        path = root / scenario.path
        if goes_live(scenario, environ):
            new = record_live(scenario, environ)
        elif path.exists() and is_live(tape.read(path)):
            continue
        else:
            new = record(scenario)
        if tape.keep(path, new):
            changed.append(scenario.path)
    for name in orphans(root):
        (root / name).unlink()
        changed.append(name)
    return changed


def goes_live(scenario: Scenario, environ: Mapping[str, str]) -> bool:
    """Tell whether the environment names an account that the scenario may be recorded from."""
    if scenario.live is None or f"LEADGATEWAY_LIVE_{scenario.vendor.upper()}_TOKEN" not in environ:
        return False
    return scenario.live == "read" or environ.get("LEADGATEWAY_LIVE_WRITES") == "1"


def orphans(root: Path) -> list[str]:
    """Return the files below `root` that no scenario records."""
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    return sorted(found - {scenario.path for scenario in SCENARIOS})
