import os

import pytest
from tests.cassettes.network import closed_network
from tests.cassettes.scenarios import SCENARIOS, record_all
from tests.cassettes.tape import ROOT

CHANGED = pytest.StashKey[list[str]]()


def pytest_addoption(parser):
    parser.addoption(
        "--record",
        action="store_true",
        help="record every cassette anew before the tests: from the simulators, or from a live "
        "vendor whose LEADGATEWAY_LIVE_<VENDOR>_TOKEN is set",
    )


@pytest.fixture(scope="session", autouse=True)
def recorded(pytestconfig):
    """Record the cassettes anew where that was asked for."""
    if pytestconfig.getoption("--record", default=False):
        pytestconfig.stash[CHANGED] = record_all(ROOT, os.environ)


def pytest_terminal_summary(terminalreporter, config):
    changed = config.stash.get(CHANGED, None)
    if changed is not None:
        terminalreporter.section("cassettes")
        terminalreporter.line(f"{len(SCENARIOS)} scenarios recorded, {len(changed)} files changed")
        for name in changed:
            terminalreporter.line(f"  cassettes/{name}")


@pytest.fixture
def no_network():
    """Close the network; whoever tries to reach it all the same fails the test."""
    with closed_network() as attempts:
        yield
    assert not attempts
