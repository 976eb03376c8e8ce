"""One vendor of the benchmark, served with its tenant's own fields: `vendor.py VENDOR LEADS`.

The source is filled with the leads of `population`; the targets are empty. The v1 leads API
documents no custom fields, so it has none.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks import population

from leadgateway.simulator import Simulator
from leadgateway.simulator.serve import serve
from leadgateway_mega.simulator import MegaSimulator
from leadgateway_novala.simulator import NovalaSimulator
from leadgateway_v1_leads.simulator import V1LeadsSimulator

SEED = 1
KEPT_ELSEWHERE = ("company_name", "intent", "notes")
"""The custom fields in which MEGA's tenant keeps what MEGA has no field for."""
MADE: Mapping[str, Callable[[], Simulator]] = {
    "novala": lambda: NovalaSimulator(
        custom_fields=population.CUSTOM_FIELDS, seed=SEED, rate_limits=False
    ),
    "mega": lambda: MegaSimulator(
        custom_slugs=(*population.CUSTOM_FIELDS, *KEPT_ELSEWHERE), seed=SEED, rate_limits=False
    ),
    "v1_leads": lambda: V1LeadsSimulator(seed=SEED, rate_limits=False),
}


def main() -> None:
    """Serve it until its parent ends it."""
    vendor, leads = sys.argv[1:]
    simulator = MADE[vendor]()
    simulator.load(population.leads(SEED, int(leads)))
    serve(simulator, with_parent=True)


if __name__ == "__main__":
    main()
