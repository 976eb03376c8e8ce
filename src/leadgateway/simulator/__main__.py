"""`python -m leadgateway.simulator VENDOR --port P --leads N --seed S`, and two flags."""

from __future__ import annotations

import argparse
import os

from leadgateway.plugins import Plugins
from leadgateway.simulator.serve import serve


def main() -> None:
    """Serve the simulator that an installed plugin brings for the vendor."""
    simulators = Plugins.installed(os.environ).simulators()
    parser = argparse.ArgumentParser(prog="python -m leadgateway.simulator")
    parser.add_argument("vendor", choices=sorted(simulators))
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--leads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-rate-limits", action="store_true")
    parser.add_argument("--with-parent", action="store_true")
    asked = parser.parse_args()
    simulator = simulators[asked.vendor](
        leads=asked.leads, seed=asked.seed, rate_limits=not asked.no_rate_limits
    )
    serve(simulator, asked.port, with_parent=asked.with_parent)


main()
