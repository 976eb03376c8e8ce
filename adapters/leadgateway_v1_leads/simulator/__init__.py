"""The v1 leads API over its own store: what its pages state, and silence made strict.

Chosen here because the documents are silent: every error code, 400 for what does not validate,
401 and 403, unknown keys and nulls refused, newest first, ranges with both ends, records of
`lead.created`, no record of a change that changes nothing, a lead without a stage starting as
`new`, a sandbox key with leads of its own, the body of organizations/me, and
X-RateLimit-Remaining on refusals only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
    Store,
    Tenant,
    Window,
    checks,
    hex_from,
    in_millis,
    problems,
    utc_now,
    uuid_from,
)
from leadgateway_v1_leads.simulator import leads as lead_rows
from leadgateway_v1_leads.simulator.listing import PAGING, page

_V1 = "/api/v1"
_LIST_FILTERS = ("pipeline_stage", "source")  # seed 003
_AUDIT_FILTERS = ("action", "source")  # docs/api/audit-log
_AUDIT_SOURCES = checks.choice(("api", "cron", "n8n", "worker", "system"))  # docs/api/audit-log
_CODES = {
    400: "validation_error",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    429: "rate_limited",
}


class V1LeadsSimulator(Simulator):
    """Leads, their audit log, the organization and the key check; nothing of the roadmap.

    `update_verb` is the verb of the partial update, which the documents do not show.
    """

    vendor = "v1_leads"
    base_path = _V1
    orders: ClassVar = {"created_at": lambda row: row["created_at"]}
    # docs/api/print: 60 a minute, "burst up to 120/minute": a bucket, and no minute holds more.
    quotas: ClassVar = {"default": (Burst(limit=120, per_second=1.0), Window(120, 60))}
    shape = lead_rows.STORED

    def __init__(
        self,
        *,
        update_verb: str = "PATCH",
        leads: int = 0,
        seed: int = 0,
        rate_limits: bool = True,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.update_verb = update_verb
        self._audits: dict[str, Store] = {}
        super().__init__(leads=leads, seed=seed, rate_limits=rate_limits, clock=clock)

    @property
    def settings(self) -> Mapping[str, str]:
        """A production key that may read and write."""
        return {"vendor": self.vendor, "token": self.key("live", "read", "write")}

    def key(self, environment: str, *scopes: str) -> str:
        """The key of the connected organization for `live` or `test` with these scopes."""
        return f"eal_{environment}_{hex_from(32, self.seed, environment, *scopes)}"

    @property
    def foreign_key(self) -> str:
        """A production key of the other organization."""
        return f"eal_live_{hex_from(32, self.seed, 'neighbour')}"

    def grant(self) -> Iterable[Access]:
        """Keys with one scope each, both useful ones, all three; sandbox; the other organization's.

        Scopes are independent: `admin` alone neither reads nor writes.
        """
        for scopes in (
            ("read", "write"),
            ("read",),
            ("write",),
            ("admin",),
            ("read", "write", "admin"),
        ):
            yield Access(self.key("live", *scopes), self.tenant, frozenset(scopes))
        sandbox = Tenant("sandbox", self.tenant.id, Store(self.orders), self.seed)
        yield Access(self.key("test", "read", "write"), sandbox, frozenset({"read", "write"}))
        yield Access(self.foreign_key, self.neighbour, frozenset({"read", "write"}))

    def routes(self) -> Iterable[Route]:
        """What is labelled Live, webhooks aside."""
        one = f"{_V1}/leads/{{id}}"
        yield Route("GET", f"{_V1}/leads", self.list, scope="read")
        yield Route("POST", f"{_V1}/leads", self.create, scope="write")
        yield Route("GET", one, self.get, scope="read")
        yield Route(self.update_verb, one, self.update, scope="write")
        yield Route("GET", f"{_V1}/audit-log", self.list_audit, scope="read")
        yield Route("GET", f"{_V1}/audit-log/{{id}}", self.get_audit, scope="read")
        yield Route("GET", f"{_V1}/organizations/me", self.organization, scope="read")
        yield Route("GET", f"{_V1}/health", self.health, scope="read", bucket="health")

    def authenticate(self, call: Call, route: Route) -> Access:
        """The key alone says whose leads; health answers without one too (docs/api/health)."""
        if route.bucket == "health" and "authorization" not in call.headers:
            return Access("", self.tenant, frozenset({"read"}))
        return super().authenticate(call, route)

    def rate_headers(self, reading: Reading) -> tuple[tuple[str, str], ...]:
        """Both headers come with a refusal (docs/api/print)."""
        if reading.allowed:
            return ()
        return (
            ("X-RateLimit-Remaining", str(reading.remaining)),
            ("Retry-After", str(reading.retry_after)),
        )

    def refuse(self, refusal: Refusal) -> Answer:
        """`code`, `message` and `details`, which stay empty."""
        error = {"code": _CODES[refusal.status], "message": refusal.message, "details": None}
        return Answer.of(refusal.status, {"error": error})

    def list(self, call: Call, access: Access) -> Answer:
        """One page of leads without their qualification."""
        asked = call.query(PAGING.union(_LIST_FILTERS))
        rows, cursor = page(access.tenant.leads, asked, _LIST_FILTERS)
        return Answer.of(200, {"data": list(map(lead_rows.listed, rows)), "next_cursor": cursor})

    def get(self, call: Call, access: Access) -> Answer:
        """The bare lead with its qualification."""
        return Answer.of(200, self._found(call, access))

    def create(self, call: Call, access: Access) -> Answer:
        """201 with the bare lead without its qualification; a repeat makes a second lead."""
        body = call.document()
        wrong = problems(body, lead_rows.CREATE)
        if not (body.get("email") or (body.get("name") and body.get("company"))):
            wrong.append("email, or name together with company, is required")
        if wrong:
            raise Refusal(400, "; ".join(wrong))
        row = {**self.blank(access.tenant, access.tenant.new_id(), call.at), **body}
        access.tenant.leads.put(row)
        diff = {name: {"from": None, "to": value} for name, value in body.items()}
        self._record("lead.created", row["id"], diff, call, access)
        return Answer.of(201, lead_rows.listed(row))

    def update(self, call: Call, access: Access) -> Answer:
        """The bare lead with the nine fields that the documented answer shows."""
        old = self._found(call, access)
        body = call.document()
        wrong = problems(body, lead_rows.UPDATE)
        if wrong:
            raise Refusal(400, "; ".join(wrong))
        diff = {
            name: {"from": old[name], "to": value}
            for name, value in body.items()
            if old[name] != value
        }
        new = {**old, **body, "updated_at": in_millis(call.at)} if diff else old
        if diff:
            access.tenant.leads.put(new)
            self._record("lead.updated", new["id"], diff, call, access)
        return Answer.of(200, lead_rows.updated(new))

    def list_audit(self, call: Call, access: Access) -> Answer:
        """One page of the organization's records."""
        asked = call.query(PAGING.union(_AUDIT_FILTERS))
        if "source" in asked and (wrong := _AUDIT_SOURCES(asked["source"])):
            raise Refusal(400, f"source {wrong}")
        rows, cursor = page(self._audit(access.tenant), asked, _AUDIT_FILTERS)
        return Answer.of(200, {"data": rows, "next_cursor": cursor})

    def get_audit(self, call: Call, access: Access) -> Answer:
        """One bare record."""
        record = self._audit(access.tenant).get(call.places["id"])
        if record is None:
            raise Refusal(404, "no such record")
        return Answer.of(200, record)

    def organization(self, call: Call, access: Access) -> Answer:
        """Whose key this is."""
        call.query(frozenset())
        return Answer.of(200, {"id": access.tenant.id, "name": f"Simulated {access.tenant.name}"})

    def health(self, call: Call, access: Access) -> Answer:
        """What the key is good for; nulls without a key."""
        call.query(frozenset())
        environment = "sandbox" if access.token.startswith("eal_test_") else "production"
        known = bool(access.token)
        report = {
            "status": "ok",
            "tenant_id": access.tenant.id if known else None,
            "environment": environment if known else None,
            "scopes": sorted(access.scopes) if known else [],
        }
        return Answer.of(200, report)

    def lead(self, person: Person, tenant: Tenant) -> Row:
        """An invented lead with all seventeen fields."""
        return lead_rows.invented(person, tenant)

    def blank(self, tenant: Tenant, lead_id: str, at: datetime) -> Row:
        """A lead that nobody has looked at."""
        return lead_rows.blank(tenant, lead_id, at)

    def empty(self) -> None:
        """The records of the leads go with them."""
        super().empty()
        self._audit(self.tenant).clear()

    def _found(self, call: Call, access: Access) -> Row:
        row = access.tenant.leads.get(call.places["id"])
        if row is None:  # absent or another organization's: seed 003
            raise Refusal(404, "no such lead")
        return row

    def _audit(self, tenant: Tenant) -> Store:
        return self._audits.setdefault(tenant.name, Store(self.orders))

    def _record(self, action: str, lead_id: str, diff: Row, call: Call, access: Access) -> None:
        records = self._audit(access.tenant)
        about = (self.seed, access.tenant.name, len(records))
        records.put(
            {  # docs/api/audit-log
                "id": uuid_from("audit", *about),
                "organization_id": access.tenant.id,
                "action": action,
                "source": "api",
                "correlation_id": f"corr_{hex_from(12, *about)}",
                "payload": {
                    "lead_id": lead_id,
                    "diff": diff,
                    "key_id": f"k{hex_from(12, access.token)}",
                },
                "created_at": in_millis(call.at),
            }
        )
