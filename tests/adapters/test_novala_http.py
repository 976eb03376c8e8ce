"""The Novala adapter against its simulator over HTTP."""

from __future__ import annotations

import pytest
from tests.adapters.conversation import line, spoil
from tests.adapters.novala_account import PERSON

from leadgateway import Lead
from leadgateway.adapter import LeadQuery
from leadgateway.errors import (
    AuthError,
    ConfigError,
    NotFound,
    OutcomeUnknown,
    Rejected,
)
from leadgateway.mapping import Use, disagreements
from leadgateway.simulator.serve import in_thread
from leadgateway.values import PersonName
from leadgateway_novala.adapter import Novala
from leadgateway_novala.simulator import NovalaSimulator


def test_every_lead_of_the_simulator_is_listed_once_and_read_without_a_false_issue() -> None:
    simulator = NovalaSimulator(leads=60, seed=7)
    with in_thread(simulator) as running, line(Novala, running) as wire:
        seen: list[Lead] = []
        cursor = None
        while True:
            found = wire.run(wire.adapter.list_page(LeadQuery(), cursor))
            seen.extend(found.leads)
            cursor = found.next_cursor
            if cursor is None:
                break
        assert [len(seen), len({lead.ref.id for lead in seen if lead.ref})] == [60, 60]
        assert {issue.path for lead in seen for issue in lead.issues} <= {
            "emails",
            "phones",
            "name",
        }
        one = wire.run(wire.adapter.get(seen[0].raw["id"]))
        assert one.raw == seen[0].raw
        wanted = LeadQuery(status="new", page_size=50)
        fresh = wire.run(wire.adapter.list_page(wanted, None)).leads
        assert {lead.raw["status"] for lead in fresh} == {"new"}


def test_a_lead_created_at_the_simulator_comes_back_as_it_was_sent() -> None:
    simulator = NovalaSimulator(custom_fields=["site_count"], seed=7)
    with in_thread(simulator) as running, line(Novala, running) as wire:
        lead = Lead(
            name=PersonName(full="José Ortega y Gasset", given="José", family="Ortega y Gasset"),
            email="jose@example.com",
            phone="+351210000111",
            company="Ortega & Filhos",
            source="website",
            intent="Olá \U0001f44b",
            notes="",
            custom={"site_count": 12345678901234567890},
        )
        adapter = wire.adapter
        sent = adapter.table.write(lead, Use.CREATE, adapter.settings)
        receipt = wire.run(adapter.create(sent, None))
        assert receipt.external_id is not None
        found = wire.run(adapter.get(receipt.external_id))
        assert disagreements(lead, found, sent.losses) == ()
        assert simulator.tenant.leads.get(receipt.external_id) is not None


def test_the_simulators_refusals_are_told_apart() -> None:
    simulator = NovalaSimulator(leads=1, seed=7, required_custom_fields=["region"])
    with in_thread(simulator) as running:
        with line(Novala, running) as wire:
            adapter = wire.adapter
            sent = adapter.table.write(PERSON, Use.CREATE, adapter.settings)
            with pytest.raises(Rejected, match="region"):
                wire.run(adapter.create(sent, None))
            with pytest.raises(NotFound):
                wire.run(adapter.get("../leads"))
            spoil(running, method="POST", status=500, body='{"error": "x"}', after=True)
            with pytest.raises(OutcomeUnknown):
                wire.run(adapter.create(sent, None))
            spoil(running, method="GET", status=429, body='{"error": "slow down"}', times=2)
            assert len(wire.run(adapter.list_page(LeadQuery(), None)).leads) == 1
            assert wire.clock.waits == [0.5, 1.0]
        with line(Novala, running, token="sk_live_wrong") as wire, pytest.raises(AuthError):
            wire.run(wire.adapter.check())
        other = simulator.bookings_key
        with line(Novala, running, token=other) as wire, pytest.raises(AuthError, match="403"):
            wire.run(wire.adapter.check())
        with line(Novala, running, token=simulator.publishable_key) as wire:
            assert wire.run(wire.adapter.check())["reachable"] is True

        def given() -> str:
            return simulator.publishable_key

        with line(Novala, running, token=given) as wire, pytest.raises(ConfigError, match="pk_"):
            wire.run(wire.adapter.create(sent, None))
    assert len(simulator.tenant.leads) == 1
