"""The page of the documentation that shows a run: its tables, its verdicts and its machine."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks import machine
from tests.benchmarks.effort import Effort
from tests.benchmarks.findings import Findings, Table
from tests.benchmarks.goals import CLAUSES, verdicts

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "benchmarks.md"
_MEASURED = re.compile(r"(<!-- measured -->\n).*(<!-- end of measured -->)", re.DOTALL)


def kept(found: Mapping[str, Findings], effort: Effort) -> dict[str, Any]:
    """What a run found, where, when and with how many leads, as JSON holds it."""
    return {
        "machine": machine.described(),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "sizes": f"{effort.bulk_leads:,} leads in bulk, {effort.single_leads:,} one by one",
        "found": {name: each.as_json() for name, each in found.items()},
    }


def write(run: Mapping[str, Any]) -> None:
    """Put a kept run into the page."""
    text = PAGE.read_text("utf-8")
    fresh = _MEASURED.sub(lambda around: f"{around[1]}\n{shown(run)}\n\n{around[2]}", text)
    PAGE.write_text(fresh, "utf-8")


def shown(run: Mapping[str, Any]) -> str:
    """A kept run in Markdown."""
    found = {name: Findings.read(each) for name, each in run["found"].items()}
    goals = _goals(found)
    parts = [f"Measured on {run['date']}: {run['machine']}; {run['sizes']}.", f"## {goals.title}"]
    parts += [goals.markdown(), "## Work by work"]
    for each in found.values():
        for table in each.tables:
            parts += [f"### {table.title}", table.markdown()]
        parts += each.notes
    return "\n\n".join(parts)


def _goals(found: Mapping[str, Findings]) -> Table:
    rows = []
    for clause in CLAUSES:
        work = found.get(clause.work)
        if work is None:
            continue
        value = work.figures.get(clause.figure)
        bound = f"≥ {clause.least:g}" if clause.least is not None else f"≤ {clause.most:g}"
        if value is None:
            told = work.missing.get(clause.figure, "?")
            rows.append((clause.goal, f"{clause.work}: {clause.figure}", bound, told, "no"))
        else:
            held = "yes" if clause.holds(value) else "**no**"
            figure = f"{clause.work}: {clause.figure}"
            rows.append((clause.goal, figure, bound, f"{value:.3g}", held))
    holding = [verdict.holds for verdict in verdicts(found).values()]
    title = f"{sum(holding)} of {len(holding)} goals hold"
    return Table(title, ("goal", "figure", "asked for", "measured", "holds"), rows)
