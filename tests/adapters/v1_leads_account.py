"""A v1 leads connection, the documented records, and what the tests ask of them."""

from __future__ import annotations

from typing import Any

from tests.adapters.conversation import utc

from leadgateway import Lead
from leadgateway.mapping import Draft, Use
from leadgateway.taxonomy import Fidelity
from leadgateway.values import Company, Qualification
from leadgateway_v1_leads.adapter import V1Leads, V1LeadsSettings

ROOT = "https://www.expertailabs.ai/api/v1"
LEAD_ID = "9f1c8a32-4d65-4e2b-8a91-3c0e7d4b2f18"
# Seed 003, field by field: a row of the list, the whole record, and the answer to an update.
ROW: dict[str, Any] = {
    "id": LEAD_ID,
    "organization_id": "8c2f0a14-0c8a-4a3a-9a4d-3e0f1d6c2a91",
    "name": "Sarah Mitchell",
    "company": None,
    "email": "sarah.mitchell@example.com",
    "source": "google_ads",
    "lead_score": 87,
    "pipeline_stage": "qualified",
    "industry": None,
    "company_size": None,
    "created_at": "2026-04-27T13:22:05.114Z",
    "updated_at": "2026-04-27T13:22:09.218Z",
}
CURSOR = (
    "eyJjcmVhdGVkX2F0IjoiMjAyNi0wNC0yN1QxMzoyMjowNS4xMTRaIiwi"
    "aWQiOiI5ZjFjOGEzMi00ZDY1LTRlMmItOGE5MS0zYzBlN2Q0YjJmMTgifQ"
)
RECORD: dict[str, Any] = {
    **ROW,
    "industry": "residential",
    "pain_points": "Water in the cellar",
    "timeline": "this_week",
    "budget_range": None,
    "ai_reasoning": "Urgent: a storm, and close by",
    "qualification_completed_at": "2026-04-27T13:22:09.218Z",
}
CREATED: dict[str, Any] = {
    **ROW,
    "source": "website",
    "lead_score": 0,
    "pipeline_stage": "new",
    "industry": "residential",
    "updated_at": "2026-04-27T13:22:05.114Z",
}
UPDATED: dict[str, Any] = {
    **{k: v for k, v in ROW.items() if k not in {"industry", "company_size", "created_at"}},
    "lead_score": 92,
    "pipeline_stage": "won",
    "updated_at": "2026-04-27T18:55:42.001Z",
}
AUDIT: dict[str, Any] = {
    "id": "1a2b3c4d-0000-4000-8000-000000000001",
    "organization_id": ROW["organization_id"],
    "action": "lead.updated",
    "source": "api",
    "correlation_id": "corr_1",
    "payload": {
        "lead_id": LEAD_ID,
        "diff": {
            "lead_score": {"from": 87, "to": 92},
            "industry": {"from": None, "to": "residential"},
        },
        "key_id": "k7e2c8a1-1",
    },
    "created_at": "2026-04-27T18:55:42.001Z",
}
KNOWN = Lead(email="sarah.mitchell@example.com")


def v1(**settings: Any) -> V1Leads:
    return V1Leads(V1LeadsSettings.of({"token": "eal_live_1", **settings}))


def draft(lead: Lead, use: Use = Use.CREATE, adapter: V1Leads | None = None) -> Draft:
    adapter = adapter or v1()
    return adapter.table.write(lead, use, adapter.settings)


def losses(lead: Lead, use: Use = Use.CREATE) -> set[tuple[str, Fidelity, str]]:
    return {(loss.path, loss.fidelity, loss.reason) for loss in draft(lead, use).losses}


WHOLE = Lead(
    name="Sarah Mitchell",
    company=Company(name="Mitchell Homes", industry="residential", size="11-50"),
    email="sarah.mitchell@example.com",
    status="qualified",
    source="website",
    score=92,
    qualification=Qualification(
        pain_points="Damp",
        timeline="this_week",
        budget_range="1-2k",
        reasoning="Storm",
        completed_at=utc("2026-04-27T13:22:09.218+00:00"),
    ),
)
ON_CREATE = {
    "name": "Sarah Mitchell",
    "company": "Mitchell Homes",
    "industry": "residential",
    "email": "sarah.mitchell@example.com",
    "pipeline_stage": "qualified",
    "source": "website",
}
ON_UPDATE = {
    **ON_CREATE,
    "company_size": "11-50",
    "lead_score": 92,
    "pain_points": "Damp",
    "timeline": "this_week",
    "budget_range": "1-2k",
    "ai_reasoning": "Storm",
}
