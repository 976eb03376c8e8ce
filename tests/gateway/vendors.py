"""What the behaviours need to know of the vendors, and the leads they move."""

import pytest
from tests.gateway.faces import SIMULATORS

from leadgateway.lead import Lead

VENDORS = sorted(SIMULATORS)
EACH = pytest.mark.parametrize("vendor", VENDORS)
LIST_PATH = {
    "apollo_space": "/v1/leads",
    "mega": "/api/agents/crm/leads",
    "novala": "/api/v1/leads",
    "v1_leads": "/api/v1/leads",
}


def ana(number: int = 0, **fields: object) -> Lead:
    return Lead(name=f"Ana Souza {number}", email=f"ana{number}@example.com", **fields)


def name_of(row: dict) -> str:
    for key in ("contact_name", "name"):
        if row.get(key):
            return row[key]
    return f"{row['firstName']} {row['lastName']}"


def writes(site) -> list[str]:
    return [call for call in site.asked if not call.startswith("GET ")]
