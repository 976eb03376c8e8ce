"""MEGA simulated: the three lead operations, as strict as the vendor's documents.

Where they are silent the simulator is strict: unknown body fields and query parameters are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import ClassVar

from leadgateway.simulator import (
    Access,
    Answer,
    Call,
    KeyReused,
    Person,
    Reading,
    Refusal,
    Route,
    Row,
    Simulator,
    SortKey,
    Tenant,
    Window,
    checks,
    hex_from,
    utc_now,
)
from leadgateway_mega.simulator.leads import (
    CUSTOM_SLUGS,
    SHAPE,
    blank_lead,
    email_key,
    phone_key,
    seeded_lead,
)
from leadgateway_mega.simulator.listing import SORTS, list_leads
from leadgateway_mega.simulator.writes import Writer, import_rows

_LEADS = "/api/agents/crm/leads"
_BULK = "/api/agents/crm/leads/bulk"
_READ, _WRITE = "public_api:leads:read", "public_api:leads:write"
_TYPES = {  # dev.gomega.ai/errors
    401: "authentication_error",
    403: "authorization_error",
    404: "not_found_error",
    409: "api_error",
    429: "rate_limit_error",
}


def _by(name: str) -> SortKey:
    return lambda row: row[name] or ""


class MegaSimulator(Simulator):
    """`read_key` may only list; `neighbour_key` is locked to another customer."""

    vendor = "mega"
    base_path = ""
    orders: ClassVar = {name: _by(name) for name in SORTS}
    lookups: ClassVar = {"email": email_key, "phone": phone_key}
    quotas: ClassVar = {  # dev.gomega.ai/rate-limits
        "default": (Window(60, 60), Window(1000, 3600)),
        "bulk": (Window(10, 60),),
    }
    shape = SHAPE
    demo_terms: ClassVar = {"relocate": {"company.name": "custom:company_name"}}

    def __init__(
        self,
        *,
        custom_slugs: Iterable[str] = CUSTOM_SLUGS,
        leads: int = 0,
        seed: int = 0,
        rate_limits: bool = True,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.custom_slugs = frozenset(custom_slugs)
        self.full_key, self.read_key, self.neighbour_key = (
            f"mega_{hex_from(64, seed, 'mega', name)}" for name in ("full", "read", "neighbour")
        )
        super().__init__(leads=leads, seed=seed, rate_limits=rate_limits, clock=clock)

    @property
    def settings(self) -> Mapping[str, str]:
        """A key with both lead scopes and the customer it is locked to."""
        return {"vendor": self.vendor, "token": self.full_key, "customer_id": self.tenant.id}

    def grant(self) -> Iterable[Access]:
        """The full key, the read-only one and the neighbour's."""
        both = frozenset((_READ, _WRITE))
        yield Access(self.full_key, self.tenant, both)
        yield Access(self.read_key, self.tenant, frozenset((_READ,)))
        yield Access(self.neighbour_key, self.neighbour, both)

    def routes(self) -> Iterable[Route]:
        """List, create or merge, bulk import."""
        yield Route("GET", _LEADS, self._list, _READ)
        yield Route("POST", _LEADS, self._create, _WRITE)
        yield Route("POST", _BULK, self._bulk, _WRITE, bucket="bulk")

    def lead(self, person: Person, tenant: Tenant) -> Row:
        """A lead with a history at MEGA."""
        return seeded_lead(person, tenant)

    def blank(self, tenant: Tenant, lead_id: str, at: datetime) -> Row:
        """A lead as a bare create leaves it."""
        return blank_lead(tenant, lead_id, at)

    def authenticate(self, call: Call, route: Route) -> Access:
        """The key, then the customer header: 401 when missing or ill-formed, 403 when foreign."""
        access = super().authenticate(call, route)
        customer = call.headers.get("x-customer-id")
        if customer is None or checks.uuid(customer):
            raise Refusal(401, "x-customer-id is missing or not valid")
        if customer.lower() != access.tenant.id:
            raise Refusal(403, "the key is locked to another customer")
        return access

    def rate_headers(self, reading: Reading) -> tuple[tuple[str, str], ...]:
        """On every answer, for the tighter window: which one is told, the vendor leaves open."""
        told = (
            ("RateLimit-Limit", str(reading.limit)),
            ("RateLimit-Remaining", str(reading.remaining)),
            ("RateLimit-Reset", str(reading.reset)),
        )
        return told if reading.allowed else (*told, ("Retry-After", str(reading.retry_after)))

    def refuse(self, refusal: Refusal) -> Answer:
        """`code` is the HTTP status as an integer."""
        kind = _TYPES.get(refusal.status, "invalid_request_error")
        error = {"type": kind, "code": refusal.status, "message": refusal.message}
        return Answer.of(refusal.status, {"error": error})

    def _list(self, call: Call, access: Access) -> Answer:
        return Answer.of(200, list_leads(call, access.tenant.leads))

    def _create(self, call: Call, access: Access) -> Answer:
        def execute() -> Answer:
            writer = Writer(access.tenant, self.custom_slugs, call.at)
            return Answer.of(201, {"lead": writer.create(call.document())})

        call.query(frozenset())
        return self._once(call, access, _LEADS, execute)

    def _bulk(self, call: Call, access: Access) -> Answer:
        def execute() -> Answer:
            done = import_rows(body, access.tenant, self.custom_slugs, call.at)
            return Answer.of(200, done)

        call.query(frozenset())
        body = call.document()
        if body.get("dry_run") is True:  # openapi.json: not cached
            return execute()
        return self._once(call, access, _BULK, execute)

    def _once(
        self, call: Call, access: Access, endpoint: str, execute: Callable[[], Answer]
    ) -> Answer:
        """Replay a known key; a refusal is not kept, on which the vendor is silent."""
        key = call.headers.get("idempotency-key")
        if not key:
            return execute()
        replays = access.tenant.replays
        try:
            stored = replays.recall(endpoint, key, call.body)
        except KeyReused:
            raise Refusal(409, "the Idempotency-Key was used with another body") from None
        if stored is not None:
            return stored
        answer = execute()
        replays.keep(endpoint, key, call.body, answer)
        return answer
