"""Taking a page in: each lead is read and drafted once, and what did not change not at all."""

import json

import pytest
from tests.services.fault_proxy import edit, status_before
from tests.transfer.engine.world import mega_row, novala_row, once_each

from leadgateway.journal import RowState
from leadgateway.mapping import Policy
from leadgateway.mapping.ruleset import RuleSet
from leadgateway.transfer.encode import losses_of


@pytest.fixture
def asked(monkeypatch):
    """Whose records were read, and for whom leads were drafted."""
    told = []
    for name in ("read", "write"):
        plain = getattr(RuleSet, name)

        def counted(self, *args, name=name, plain=plain, **kwargs):
            told.append((name, self.vendor))
            return plain(self, *args, **kwargs)

        monkeypatch.setattr(RuleSet, name, counted)
    return told


def test_a_lead_is_read_once_and_drafted_once_on_its_way_into_a_batch(world, asked):
    here = world("mega", 5)
    assert here.run().exit_code == 0
    assert here.arrived() == once_each(5)
    assert asked.count(("read", "novala")) == asked.count(("write", "mega")) == 5


def test_what_did_not_change_is_not_read(world, asked):
    here = world("apollo_space", 4)
    here.run()
    asked.clear()
    ended = here.run("second")
    assert ended.counts == {"skipped": 4}
    assert asked == []


def test_a_merging_target_knows_the_leads_that_did_not_change(world):
    """The new one has the last ten digits of one that was moved before, and another country."""
    here = world("mega", 0)
    here.load([novala_row(1, phone="+55 11 2345-6789")])
    here.run()
    here.load([novala_row(2, phone="+91 11 2345 6789")])
    ended = here.run("second")
    assert ended.counts == {"skipped": 1, "failed": 1}
    [failed] = [row for row in ended.rows if row.state is RowState.FAILED]
    assert "would merge it with another lead" in failed.reason


def test_what_was_drafted_before_the_configuration_changed_is_drafted_again(world):
    here = world("novala", 2)
    here.load([mega_row(8, contact_name="Bo")])
    here.wire.on(status_before(403), "POST")
    assert here.run(concurrency=1).counts == {"pending": 3}
    here.settings["to"]["name_placeholder"] = "?"
    ended = here.run(concurrency=1, new_config=True)
    assert ended.exit_code == 0
    assert {row["firstName"] for row in here.target.tenant.leads} == {"Lead Number", "?"}


def test_a_lead_that_loses_what_nobody_accepted_fails_before_anything_is_sent(world):
    here = world("apollo_space", 2)
    ended = here.run(policy=Policy(("name",)))
    assert ended.exit_code == 3
    assert here.wire.passed() == []
    assert {row.error for row in ended.rows} == {"FidelityError"}
    assert all(losses_of(row.losses) for row in ended.rows)


def test_the_same_id_twice_on_a_page_is_one_lead(world):
    here = world("v1_leads", 3)
    here.from_wire.on(edit(with_its_first_lead_twice), "GET")
    ended = here.run()
    assert ended.exit_code == 0
    assert len(ended.rows) == 3
    assert here.arrived() == once_each(3)


def with_its_first_lead_twice(body):
    page = json.loads(body)
    return json.dumps({**page, "leads": [page["leads"][0], *page["leads"]]}).encode()
