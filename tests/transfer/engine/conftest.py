"""Fixtures of the engine's tests: worlds, one for each way between two vendors."""

from contextlib import ExitStack

import pytest
from tests.transfer.engine.world import ROWS, World

SOURCES = {"mega": "novala", "apollo_space": "mega", "novala": "mega", "v1_leads": "mega"}
"""Where each target's leads come from in these tests."""


@pytest.fixture
def world(tmp_path):
    """Make worlds by the target's vendor, with so many leads at their source."""
    with ExitStack() as stack:

        def made(target, leads=0, *, source=None):
            vendor = source or SOURCES[target]
            world = World(stack, tmp_path, vendor, target)
            world.load([ROWS[vendor](number) for number in range(leads)])
            return world

        yield made
