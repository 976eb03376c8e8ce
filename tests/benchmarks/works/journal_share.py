"""What of the CPU of a bulk move is spent in the journal: every call of it is timed."""

from tests.benchmarks.effort import Effort
from tests.benchmarks.findings import Findings, Table
from tests.benchmarks.moves import track
from tests.benchmarks.paired import Spread
from tests.benchmarks.programs import ours
from tests.benchmarks.works.bulk import WIDTH


def measure(effort: Effort) -> Findings:
    """Move in bulk with a journal on disk; the journal is called a few times a page."""
    found = Findings()
    program = ours(timed=True)
    with track("bulk", effort.bulk_leads, effort.journals) as where:
        runs = [where.once(program, WIDTH) for _ in range(effort.rounds)]
    shares = Spread.of([each.told["journal cpu"] / each.cpu for each in runs])
    found.figures["share of the journal in bulk CPU"] = shares.median
    leads = effort.bulk_leads
    rows = [
        ("share of the CPU", str(shares)),
        ("share of the time", str(Spread.of([r.told["journal wall"] / r.wall for r in runs]))),
        ("CPU µs a lead", str(Spread.of([1e6 * r.told["journal cpu"] / leads for r in runs]))),
        ("CPU µs a lead, all", str(Spread.of([1e6 * r.cpu / leads for r in runs]))),
    ]
    title = f"The journal in a bulk move of {leads:,} leads, {effort.rounds} rounds"
    found.tables.append(Table(title, ("", ""), rows))
    found.notes.append("There is no durable engine beside the journal yet, so none has a share.")
    return found
