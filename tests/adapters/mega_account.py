"""One invented MEGA account: an adapter, the documented lead, and canned answers with a date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import pytest

from leadgateway.errors import LeadGatewayError
from leadgateway.exchange import Flow, Request, Response, dumps
from leadgateway.lead import Lead
from leadgateway.mapping import Draft, Use
from leadgateway_mega.adapter import Mega
from leadgateway_mega.settings import MegaSettings

T = TypeVar("T")
E = TypeVar("E", bound=LeadGatewayError)

LEADS = "https://app.gomega.ai/api/agents/crm/leads"
CUSTOMER = "0a9b8c7d-2222-4333-8444-555566667777"
STAGE = "e1f2a3b4-0000-4000-8000-000000000001"

# The shape of the create answer and of a listed lead: seed 001, dev.gomega.ai/openapi.json.
SAMPLE: Mapping[str, Any] = {
    "id": "7d1e0c44-11aa-4f6b-8a0e-2f3c4d5e6f70",
    "customer_id": CUSTOMER,
    "contact_name": "Noor Haddad",
    "contact_phone": "+13125550177",
    "contact_email": "noor@mail.example",
    "source_platform": "google_ads",
    "source_type": "form",
    "status": "active",
    "score": None,
    "qualified": None,
    "current_stage": {"id": STAGE, "slug": "new", "name": "New", "color": None},
    "owner": None,
    "last_interaction_at": None,
    "interaction_count": 0,
    "created_at": "2026-07-04T09:00:00.000Z",
    "updated_at": "2026-07-04T09:00:00.000Z",
}
AT_ONCE = "Sat, 04 Jul 2026 09:00:00 GMT"


def mega(**settings: Any) -> Mega:
    """Return an adapter to the invented account."""
    return Mega(
        MegaSettings.of({"token": "mega_" + "0f" * 32, "customer_id": CUSTOMER, **settings})
    )


def page(
    *leads: Any, cursor: str | None = None, total: int | None = None, offset: int = 0
) -> dict[str, Any]:
    """Return the documented list answer for these leads."""
    return {
        "leads": list(leads),
        "total": len(leads) if total is None else total,
        "limit": 100,
        "offset": offset,
        "next_cursor": cursor,
    }


def draft(adapter: Mega, lead: Lead, use: Use = Use.CREATE) -> Draft:
    """Return the draft of `lead` by the adapter's own table."""
    return adapter.table.write(lead, use, adapter.settings)


def ask(flow: Flow[Any]) -> Request:
    """Return the flow's first request, and leave it at that."""
    request = next(flow)
    flow.close()
    return request


def answer(flow: Flow[T], status: int, body: Any, date: str | None = AT_ONCE) -> T:
    """Answer the flow's only request; return its result."""
    data = body if isinstance(body, bytes) else dumps(body)
    headers = (("content-type", "application/json"), *((("date", date),) if date else ()))
    request = next(flow)
    with pytest.raises(StopIteration) as done:
        flow.send(Response(status, headers, data, request))
    result: T = done.value.value
    return result


def refused(kind: type[E], flow: Flow[Any], status: int, body: Any) -> E:
    """Answer the flow's only request; return the error it raises, which must be exactly `kind`."""
    data = body if isinstance(body, bytes) else dumps(body)
    request = next(flow)
    with pytest.raises(LeadGatewayError) as raised:
        flow.send(Response(status, (("content-type", "application/json"),), data, request))
    assert type(raised.value) is kind
    return raised.value
