"""No power, filter, sort or documented error without a cassette, no cassette without a scenario."""

from collections import Counter

import pytest
from tests.cassettes import tape
from tests.cassettes.recording import plugins
from tests.cassettes.scenario import Walk
from tests.cassettes.scenarios import ERRORS, SCENARIOS, orphans

PLAIN = {"sort_by", "descending", "page_size"}


@pytest.fixture(params=sorted(ERRORS))
def vendor(request):
    return request.param


@pytest.fixture
def capabilities(vendor):
    return plugins().adapter(vendor).capabilities


@pytest.fixture
def scenarios(vendor):
    return [scenario for scenario in SCENARIOS if scenario.vendor == vendor]


def walks(scenarios):
    return [scenario.call.filters for scenario in scenarios if isinstance(scenario.call, Walk)]


def test_every_installed_vendor_has_scenarios():
    assert set(ERRORS) == set(plugins().vendors()) == {s.vendor for s in SCENARIOS}


def test_every_operation_has_a_cassette(capabilities, scenarios):
    wanted = {"check", *map(str, capabilities.operations)}
    wanted |= {"dry_run"} if capabilities.dry_run else set()
    assert wanted <= {scenario.operation for scenario in scenarios}


def test_every_filter_and_sort_has_a_cassette(capabilities, scenarios):
    assert {name for walk in walks(scenarios) for name in walk} - PLAIN == capabilities.filters
    assert {walk["sort_by"] for walk in walks(scenarios) if "sort_by" in walk} == set(
        capabilities.sorts
    )


def test_a_list_is_walked_over_two_pages(scenarios):
    assert "pages 2+1" in {s.ends for s in scenarios if s.name == "list"}


def test_every_documented_error_has_a_cassette_and_no_other_is_claimed(vendor, scenarios):
    assert {error for scenario in scenarios for error in scenario.shows} == set(ERRORS[vendor])


def test_every_scenario_has_its_own_cassette_and_no_cassette_is_orphaned():
    assert [path for path, times in Counter(s.path for s in SCENARIOS).items() if times > 1] == []
    assert [s.path for s in SCENARIOS if not (tape.ROOT / s.path).is_file()] == []
    assert orphans(tape.ROOT) == []


def test_an_orphan_is_found(tmp_path):
    (tmp_path / "mega").mkdir()
    (tmp_path / "mega/forgotten.yaml").touch()
    (tmp_path / "mega/list.yaml").touch()
    assert orphans(tmp_path) == ["mega/forgotten.yaml"]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.path)
def test_a_cassette_says_what_its_scenario_says(scenario):
    recorded = tape.read(tape.ROOT / scenario.path)
    assert recorded["scenario"] == {
        "operation": scenario.operation,
        "shows": list(scenario.shows),
    }
