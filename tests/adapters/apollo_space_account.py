"""An Apollo Space connection, the documented lead, and what the tests ask of both."""

from __future__ import annotations

from typing import Any

from leadgateway import Lead
from leadgateway.mapping import Draft, Use
from leadgateway_apollo_space.adapter import ApolloSpace, ApolloSpaceSettings

ORGANIZATION = "0c7a2b1e-4f33-4d10-8a6b-9e1f2a3b4c5d"
PIPELINE = "c2a7d9f0-3b44-4c1e-8f5d-7e9b1a2c3d4e"
# The lead object with every documented property.
SHOWN: dict[str, Any] = {
    "id": "5b0c2f1e-6d1a-4f0e-9a55-0d6a1c7e4b21",
    "contact_name": "Rita Alves",
    "company_name": "Oficina Norte",
    "email": "rita@empresa.example",
    "phone": "+5511987650001",
    "pipeline_id": PIPELINE,
    "stage": "Novo lead",
    "owner_id": "77a1b0c2-0d3e-4f55-8a66-b7c8d9e0f112",
    "tags": ["feira", "2026"],
    "value_cents": 125000,
    "created_at": "2026-07-03T12:00:00Z",
    "updated_at": "2026-07-03T12:30:00Z",
}
# The same with every property that may be null.
SPARSE = {
    **SHOWN,
    **dict.fromkeys(("company_name", "email", "phone", "owner_id", "value_cents")),
    "tags": [],
}


def apollo_space(**settings: Any) -> ApolloSpace:
    given = {"token": "eyJ.id.token", "organization_id": ORGANIZATION, "pipeline_id": PIPELINE}
    return ApolloSpace(ApolloSpaceSettings.of({**given, **settings}))


def draft(adapter: ApolloSpace, lead: Lead) -> Draft:
    return adapter.table.write(lead, Use.CREATE, adapter.settings)


def losses(adapter: ApolloSpace, lead: Lead) -> set[tuple[str, str, str]]:
    return {(loss.path, str(loss.fidelity), loss.reason) for loss in draft(adapter, lead).losses}
