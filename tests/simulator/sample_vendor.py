"""A vendor invented for the tests of the kit: one list, one lead, one keyed create."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar

from leadgateway.simulator import (
    Access,
    Answer,
    Burst,
    Call,
    Person,
    Reading,
    Refusal,
    Route,
    Row,
    Simulator,
    Tenant,
    Window,
    checks,
    in_seconds,
    problems,
    uuid_from,
    whole_number,
)


class SampleSimulator(Simulator):
    """Strict about everything that the kit can be strict about."""

    vendor = "sample"
    base_path = "/v1"
    orders: ClassVar = {"created_at": lambda row: row["created_at"]}
    lookups: ClassVar = {"name": lambda row: row["name"]}
    quotas: ClassVar = {"default": (Window(3, 60), Window(5, 3600)), "writes": (Burst(2, 1),)}
    shape: ClassVar = {
        "id": checks.uuid,
        "name": checks.nullable(checks.text()),
        "created_at": checks.printed_by(in_seconds),
    }

    @property
    def settings(self) -> Mapping[str, str]:
        return {"vendor": self.vendor, "token": "reads-and-writes"}

    def grant(self) -> Iterable[Access]:
        yield Access("reads-and-writes", self.tenant, frozenset(("read", "write")))
        yield Access("reads", self.tenant, frozenset(("read",)))
        yield Access("next-door", self.neighbour, frozenset(("read", "write")))

    def routes(self) -> Iterable[Route]:
        yield Route("GET", "/v1/leads", self._list, "read")
        yield Route("POST", "/v1/leads", self._create, "write", bucket="writes")
        yield Route("GET", "/v1/leads/{id}", self._get, "read")
        yield Route("GET", "/v1/free", self._free, bucket="unlimited")

    def lead(self, person: Person, tenant: Tenant) -> Row:
        lead_id = uuid_from(tenant.seed, "lead", person.index)
        return self.blank(tenant, lead_id, person.created_at) | {"name": person.full_name}

    def blank(self, tenant: Tenant, lead_id: str, at: datetime) -> Row:
        return {"id": lead_id, "name": None, "created_at": in_seconds(at)}

    def refuse(self, refusal: Refusal) -> Answer:
        return Answer.of(refusal.status, {"oops": refusal.message})

    def rate_headers(self, reading: Reading) -> tuple[tuple[str, str], ...]:
        return (("X-Left", str(reading.remaining)), ("X-Wait", str(reading.retry_after)))

    def _list(self, call: Call, access: Access) -> Answer:
        asked = call.query(frozenset(("limit",)))
        limit = whole_number(asked, "limit", 2, 1, 100)
        return Answer.of(200, access.tenant.leads.page("created_at", limit=limit).rows)

    def _get(self, call: Call, access: Access) -> Answer:
        lead = access.tenant.leads.get(call.places["id"])
        if lead is None:
            raise Refusal(404, f"no lead {call.places['id']}")
        return Answer.of(200, lead)

    def _create(self, call: Call, access: Access) -> Answer:
        body = call.document()
        wrong = problems(body, {"name": checks.text(5)}, required=("name",))
        if wrong:
            raise Refusal(400, "; ".join(wrong))
        lead = self.blank(access.tenant, access.tenant.new_id(), call.at) | body
        access.tenant.leads.put(lead)
        return Answer.of(201, lead)

    def _free(self, call: Call, access: Access) -> Answer:
        return Answer.of(200, len(access.tenant.leads))
