"""Every scenario once more with the network closed, through both faces and both clients."""

import pytest
from tests.cassettes.recording import replay
from tests.cassettes.scenarios import SCENARIOS
from tests.cassettes.tape import ROOT

FACES = {
    "sync-httpx": {"asynchronous": False, "client": "httpx"},
    "async-httpx2": {"asynchronous": True, "client": "httpx2"},
}


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.path)
def test_scenario_ends_from_its_cassette_as_it_did_when_recorded(scenario, face, no_network):
    replay(scenario, ROOT, **FACES[face])
