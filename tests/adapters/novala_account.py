"""A Novala connection, the documented lead, and what the tests ask of both."""

from __future__ import annotations

from typing import Any

from leadgateway import Lead
from leadgateway.mapping import Draft, Use
from leadgateway.taxonomy import Fidelity
from leadgateway.values import PersonName
from leadgateway_novala.adapter import Novala, NovalaSettings

AGENT = "0b5f8f0e-7a7e-4f0c-9d55-3f1f6f3d2a10"
# The list's sample, as the leads page shows it: every field of the lead object.
SHOWN: dict[str, Any] = {
    "id": "5d1f0b6e-2a33-4c7e-9d10-7f2e8a4b6c90",
    "firstName": "Ines",
    "lastName": "Okafor",
    "email": "ines@okafor.example",
    "phone": "+351210000111",
    "companyName": None,
    "status": "qualifying",
    "source": "referral",
    "intent": "Annual lift inspection",
    "notes": None,
    "assignedTo": None,
    "customFields": {"site_count": 4},
    "createdAt": "2031-02-03T08:00:00Z",
}
PERSON = Lead(name=PersonName(full="Ines Okafor", given="Ines", family="Okafor"), source="referral")


def novala(**settings: Any) -> Novala:
    return Novala(NovalaSettings.of({"token": "sk_live_1", "tenant": "acme", **settings}))


def draft(adapter: Novala, lead: Lead) -> Draft:
    return adapter.table.write(lead, Use.CREATE, adapter.settings)


def losses(adapter: Novala, lead: Lead) -> set[tuple[str, Fidelity, str]]:
    return {(loss.path, loss.fidelity, loss.reason) for loss in draft(adapter, lead).losses}
