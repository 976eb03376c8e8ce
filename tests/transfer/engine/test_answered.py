"""What an adapter answers is believed only where it can be so; else the rows are in doubt."""

from dataclasses import replace

import pytest
from tests.transfer.engine.world import once_each

from leadgateway.adapter import Outcome
from leadgateway_mega.adapter import Mega
from leadgateway_v1_leads.adapter import V1Leads

ODD = {
    "too few": lambda receipts: receipts[:-1],
    "too many": lambda receipts: [*receipts, receipts[0]],
    "nothing": lambda receipts: None,
    "what is no receipt": lambda receipts: [*receipts[:-1], receipts[0].external_id],
    "no id": lambda receipts: [*receipts[:-1], replace(receipts[-1], external_id=None)],
    "an empty id": lambda receipts: [*receipts[:-1], replace(receipts[-1], external_id="")],
    "a number": lambda receipts: [*receipts[:-1], replace(receipts[-1], external_id=7)],
    "no outcome": lambda receipts: [*receipts[:-1], replace(receipts[-1], outcome="done")],
}


@pytest.fixture
def answering(monkeypatch):
    """Make an adapter's method answer something else than it would."""

    def make(kind, method, change):
        honest = getattr(kind, method)

        def odd(self, *arguments):
            return change((yield from honest(self, *arguments)))

        monkeypatch.setattr(kind, method, odd)
        return lambda: monkeypatch.setattr(kind, method, honest)

    return make


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_rows_whose_answer_cannot_be_so_are_in_doubt_and_settled_later(world, answering, odd):
    here = world("mega", 3)
    mend = answering(Mega, "create_many", odd)
    ended = here.run()
    assert ended.counts["unknown"] >= 1
    assert ended.counts["unknown"] + ended.counts["created"] == 3
    assert ended.exit_code == 75
    mend()
    assert here.run().exit_code == 0
    assert here.arrived() == once_each(3)
    assert here.run("another").counts == {"skipped": 3}


def test_one_receipt_that_cannot_be_so_casts_no_doubt_on_the_others(world, answering):
    here = world("mega", 3)
    answering(Mega, "create_many", ODD["no id"])
    assert here.run().counts == {"created": 2, "unknown": 1}


def test_a_change_that_answers_with_another_lead_moves_no_link(world, answering):
    here = world("v1_leads", 2)
    first = here.run()
    for row in list(here.source.tenant.leads):
        here.source.tenant.leads.put({**row, "contact_name": f"New {row['contact_name']}"})
    twins = {row.source_id: row.target_id for row in first.rows}
    other = dict(zip(twins.values(), reversed(twins.values()), strict=True))

    def swapped(receipt):
        return replace(receipt, external_id=other[receipt.external_id])

    answering(V1Leads, "update", swapped)
    second = here.run("second")
    assert second.counts == {"updated": 2}
    assert {row.source_id: row.target_id for row in second.rows} == twins
    assert {row["name"] for row in here.target.tenant.leads} == {
        "New Lead Number 0",
        "New Lead Number 1",
    }


def test_a_receipt_that_failed_needs_no_id(world, answering):
    here = world("mega", 2)

    def skipped(receipts):
        return [replace(each, outcome=Outcome.SKIPPED, external_id=None) for each in receipts]

    answering(Mega, "create_many", skipped)
    assert here.run().counts == {"skipped": 2}
