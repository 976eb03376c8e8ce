"""How much of the documented quota a paced move uses, on a virtual clock: see `quota.py`."""

from importlib import import_module

from tests.benchmarks.effort import Effort
from tests.benchmarks.findings import Findings, Table
from tests.benchmarks.goals import CLAUSES

SIMULATION = "tests.benchmarks.quota"


def measure(effort: Effort) -> Findings:
    """Ask the simulation for its figures by the names that the goals know."""
    found = Findings()
    try:
        simulation = import_module(SIMULATION)
    except ModuleNotFoundError as missing:
        if missing.name != SIMULATION:
            raise
        figures = [each.figure for each in CLAUSES if each.work == "quota"]
        found.lacks(figures, "the simulation of the quotas is not there")
        return found
    measured = simulation.measured()
    found.figures |= {name: value for name, value in measured.items() if not isinstance(value, str)}
    rows = [(name, f"{value}") for name, value in measured.items()]
    found.tables.append(Table("Documented quotas on a virtual clock", ("", ""), rows))
    return found
