"""Each cassette says where it comes from, when, after which documents and by which version."""

import re
from datetime import date

import pytest
from tests.cassettes import tape
from tests.cassettes.recording import LIVE, SIMULATED, plugins
from tests.cassettes.scenario import SEED
from tests.cassettes.scenarios import SCENARIOS

FILES = tuple(tape.ROOT / scenario.path for scenario in SCENARIOS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_provenance_is_complete_and_true_to_the_directory(path):
    provenance = tape.read(path)["provenance"]
    capabilities = plugins().adapter(path.parent.name).capabilities
    assert provenance.keys() == {"origin", "date", "documents", "version"}
    assert provenance["origin"] in {
        f"{SIMULATED} {path.parent.name}, seed {SEED}",
        f"{LIVE} from {capabilities.title}, personal data replaced",
    }
    assert date.fromisoformat(provenance["date"])
    assert provenance["documents"] == capabilities.documents
    assert re.fullmatch(r"leadgateway \d+\.\d+\S*", provenance["version"])


def test_the_cassettes_in_the_repository_were_all_recorded_from_simulators():
    assert FILES
    assert {tape.read(path)["provenance"]["origin"].rpartition(" of ")[0] for path in FILES} == {
        SIMULATED.removesuffix(" of")
    }
