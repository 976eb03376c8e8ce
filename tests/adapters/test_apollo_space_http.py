"""The Apollo Space adapter against its simulator over HTTP."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.adapters.apollo_space_account import (
    PIPELINE,
)
from tests.adapters.conversation import line

from leadgateway import Lead
from leadgateway.adapter import LeadQuery, Outcome
from leadgateway.errors import (
    AuthError,
)
from leadgateway.mapping import Use, disagreements
from leadgateway.simulator.serve import in_thread
from leadgateway.values import Money
from leadgateway_apollo_space.adapter import ApolloSpace
from leadgateway_apollo_space.simulator import ApolloSpaceSimulator


def test_every_lead_of_the_simulator_is_listed_once_and_read_without_a_false_issue() -> None:
    simulator = ApolloSpaceSimulator(leads=60, seed=7)
    with in_thread(simulator) as running, line(ApolloSpace, running) as wire:
        seen: list[Lead] = []
        cursor = None
        while True:
            found = wire.run(wire.adapter.list_page(LeadQuery(page_size=25), cursor))
            seen.extend(found.leads)
            cursor = found.next_cursor
            if cursor is None:
                break
    assert [len(seen), len({lead.ref.id for lead in seen if lead.ref})] == [60, 60]
    assert {issue.path for lead in seen for issue in lead.issues} <= {"emails", "phones", "name"}


def test_a_lead_created_at_the_simulator_comes_back_as_it_was_sent() -> None:
    with in_thread(ApolloSpaceSimulator(seed=7)) as running, line(ApolloSpace, running) as wire:
        lead = Lead(
            name="José Ortega y Gasset",
            email="jose@example.com",
            phone="+351210000111",
            company="Ortega & Filhos",
            tags=["feira", "Olá \U0001f44b"],
            value=Money(amount=Decimal("1999.99")),
        )
        sent = wire.adapter.table.write(lead, Use.CREATE, wire.adapter.settings)
        receipt = wire.run(wire.adapter.create(sent, "3f1d2c4b-0000-4000-8000-000000000001"))
        assert receipt.outcome is Outcome.CREATED
        assert receipt.lead is not None
        assert disagreements(lead, receipt.lead, sent.losses) == ()
        again = wire.run(wire.adapter.create(sent, "3f1d2c4b-0000-4000-8000-000000000001"))
        assert again.external_id == receipt.external_id


def test_another_organization_is_refused() -> None:
    simulator = ApolloSpaceSimulator(leads=1, seed=7)
    with (
        in_thread(simulator) as running,
        line(ApolloSpace, running, organization_id=PIPELINE) as wire,
        pytest.raises(AuthError),
    ):
        wire.run(wire.adapter.check())
