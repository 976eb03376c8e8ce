"""The runs of a race, and how we stand to each other entrant, as tables."""

from collections.abc import Callable, Mapping, Sequence

from tests.benchmarks.findings import Table
from tests.benchmarks.moves import Compared
from tests.benchmarks.paired import Spread
from tests.benchmarks.programs import Run

MIB = 1024 * 1024


def race_table(title: str, runs: Mapping[str, Sequence[Run]]) -> Table:
    """Rates, CPU, memory and start of every entrant, the fastest first."""
    header = (
        *("", "leads/s", "CPU µs a lead", "simulators busy", "core taken", "peak MiB"),
        *("before the move s", "whole CPU s"),
    )
    order = sorted(runs, key=lambda name: -_spread(runs[name], lambda each: each.rate).median)
    return Table(title, header, [(name, *_cells(runs[name])) for name in order])


def ratio_table(title: str, against: Mapping[str, Compared]) -> Table:
    """Rate ratios by wall time and by CPU; over 1 leadgateway is faster."""
    rows = [
        (
            *(name, str(each.wall), str(each.cpu), str(each.whole_wall), str(each.whole_cpu)),
            *("yes" if each.saturated else "no", f"{each.rate:.3g}"),
        )
        for name, each in against.items()
    ]
    header = (
        *("", "rate by wall time", "rate by CPU", "whole processes by wall time"),
        *("whole processes by CPU", "simulators bound it", "counts"),
    )
    return Table(title, header, rows)


def _cells(runs: Sequence[Run]) -> tuple[str, ...]:
    rate = _spread(runs, lambda each: each.rate)
    busy = [each.busy for each in runs if each.busy is not None]
    return (
        f"{rate.median:,.0f} [{rate.lowest:,.0f}-{rate.highest:,.0f}]",
        f"{_spread(runs, lambda each: 1e6 * each.cpu / each.leads).median:,.0f}",
        f"{Spread.of(busy).median:.0%}" if busy else "?",
        f"{_spread(runs, lambda each: each.disturbed).median:.0%}",
        f"{_spread(runs, lambda each: each.peak / MIB).median:.0f}",
        f"{_spread(runs, lambda each: each.whole_wall - each.wall).median:.2f}",
        f"{_spread(runs, lambda each: each.whole_cpu).median:.2f}",
    )


def _spread(runs: Sequence[Run], figure: Callable[[Run], float]) -> Spread:
    return Spread.of([figure(each) for each in runs])
