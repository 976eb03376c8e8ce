"""The v1 leads adapter against its simulator over HTTP."""

from __future__ import annotations

import pytest
from tests.adapters.conversation import line, spoil
from tests.adapters.v1_leads_account import (
    KNOWN,
    ON_CREATE,
    ON_UPDATE,
    WHOLE,
    draft,
)

from leadgateway import Lead
from leadgateway.adapter import LeadQuery
from leadgateway.errors import (
    AuthError,
    NotFound,
    OutcomeUnknown,
    Rejected,
)
from leadgateway.mapping import Draft, Use, disagreements
from leadgateway.simulator.serve import in_thread
from leadgateway_v1_leads.adapter import V1Leads
from leadgateway_v1_leads.simulator import V1LeadsSimulator


def test_every_lead_of_the_simulator_is_listed_once_and_read_without_a_false_issue() -> None:
    simulator = V1LeadsSimulator(leads=450, seed=7)
    with in_thread(simulator) as running, line(V1Leads, running) as wire:
        seen: list[Lead] = []
        cursor = None
        for _ in range(3):
            found = wire.run(wire.adapter.list_page(LeadQuery(), cursor))
            seen.extend(found.leads)
            cursor = found.next_cursor
        assert cursor is None
        assert [len(seen), len({lead.raw["id"] for lead in seen})] == [450, 450]
        assert {i.path for lead in seen for i in lead.issues} <= {"emails", "name"}
        one = wire.run(wire.adapter.get(seen[0].raw["id"]))
        assert one.knows("qualification")
        assert {k: one.raw[k] for k in seen[0].raw} == dict(seen[0].raw)
        wanted = seen[9].created_at
        window = LeadQuery(created_since=wanted, created_until=wanted)
        assert seen[9].raw["id"] in {
            lead.raw["id"] for lead in wire.run(wire.adapter.list_page(window, None)).leads
        }
        won = wire.run(wire.adapter.list_page(LeadQuery(status="converted"), None)).leads
        first = seen[:200]
        assert {lead.raw["id"] for lead in won} == {
            lead.raw["id"] for lead in first if lead.status and lead.status.value == "converted"
        }


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_lead_is_created_changed_and_its_change_is_recorded(method: str) -> None:
    simulator = V1LeadsSimulator(seed=7, update_verb=method)
    with in_thread(simulator) as running, line(V1Leads, running, update_method=method) as wire:
        adapter = wire.adapter
        sent = adapter.table.write(WHOLE, Use.CREATE, adapter.settings)
        receipt = wire.run(adapter.create(sent, None))
        assert receipt.external_id is not None
        found = wire.run(adapter.get(receipt.external_id))
        assert disagreements(WHOLE, found, sent.losses) == ()

        change = adapter.table.write(WHOLE, Use.UPDATE, adapter.settings, base=found.raw)
        assert set(change.fields) == set(ON_UPDATE) - set(ON_CREATE)
        updated = wire.run(adapter.update(receipt.external_id, change))
        assert updated.lead is not None
        assert updated.lead.score == 92
        assert not updated.lead.knows("qualification")
        again = wire.run(adapter.get(receipt.external_id))
        assert disagreements(WHOLE, again, change.losses) == ()
        assert adapter.table.write(WHOLE, Use.UPDATE, adapter.settings, base=again.raw).fields == {}

        page = wire.run(adapter.changes_page(None, None))
        (recorded,) = page.changes
        assert recorded.lead_id == receipt.external_id
        assert recorded.actor is not None
        assert recorded.actor.startswith("api:")
        assert recorded.diff["lead_score"] == (0, 92)
        assert page.next_cursor is None
        assert wire.run(adapter.audit_record(recorded.id)) == recorded


def test_the_simulators_refusals_are_told_apart() -> None:
    simulator = V1LeadsSimulator(leads=1, seed=7)
    with in_thread(simulator) as running:
        with line(V1Leads, running) as wire:
            adapter = wire.adapter
            with pytest.raises(NotFound):
                wire.run(adapter.get("../leads"))
            odd = Draft({"name": "Sarah"}, (), Use.CREATE)
            with pytest.raises(Rejected):
                wire.run(adapter.create(odd, None))
            spoil(running, method="POST", status=500, after=True)
            with pytest.raises(OutcomeUnknown):
                wire.run(adapter.create(draft(KNOWN), None))
            throttled = {"status": 429, "headers": {"retry-after": "3"}, "body": "{}"}
            spoil(running, method="GET", times=1, **throttled)
            assert len(wire.run(adapter.list_page(LeadQuery(), None)).leads) == 2
            assert sum(wire.clock.waits) >= 3
            assert wire.run(adapter.check())["environment"] == "production"
        with line(V1Leads, running, token=simulator.key("test", "read", "write")) as wire:
            assert wire.run(wire.adapter.check())["environment"] == "sandbox"
        with line(V1Leads, running, token="eal_live_wrong") as wire, pytest.raises(AuthError):
            wire.run(wire.adapter.check())
        reader = simulator.key("live", "read")
        with line(V1Leads, running, token=reader) as wire, pytest.raises(AuthError):
            wire.run(wire.adapter.create(draft(KNOWN), None))
        with line(V1Leads, running, token=simulator.foreign_key) as wire:
            (mine, *_) = simulator.tenant.leads
            with pytest.raises(NotFound):
                wire.run(wire.adapter.get(mine["id"]))
