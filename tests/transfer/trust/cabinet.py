"""A vendor invented for these tests: it can do everything, delete and update among it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from leadgateway import Settings, hookimpl
from leadgateway.adapter import Adapter, Complaint, LeadQuery, Outcome, Page, Receipt
from leadgateway.capabilities import Capabilities, Lookup, Operation, Paging
from leadgateway.exchange import Effect, Flow, Request
from leadgateway.lead import Lead
from leadgateway.mapping import (
    CREATE_AND_UPDATE,
    CustomFields,
    Draft,
    Email,
    Field,
    FullName,
    Limit,
    Needs,
    RuleSet,
    Text,
    Timestamp,
)
from leadgateway.simulator import (
    Access,
    Answer,
    Call,
    Person,
    Refusal,
    Route,
    Row,
    Simulator,
    Tenant,
    checks,
    in_seconds,
    uuid_from,
    whole_number,
)

MEMO = 40

RULES = RuleSet(
    "cabinet",
    (
        Field("name", "who", FullName(), on=CREATE_AND_UPDATE, clears=True),
        Field("emails", "mail", Email(), on=CREATE_AND_UPDATE, clears=True),
        Field("company.name", "firm", Text(), on=CREATE_AND_UPDATE),
        Field("notes", "memo", Text(), on=CREATE_AND_UPDATE, limit=Limit(MEMO), clears=True),
        Field("custom", "extra", CustomFields(lists=True), on=CREATE_AND_UPDATE),
        Field("created_at", "made", Timestamp()),
        Field("updated_at", "changed", Timestamp()),
    ),
    needs=(Needs((("who",),)),),
)


class CabinetSettings(Settings):
    """Nothing but a token and where the server is."""

    base_url: str = "https://api.cabinet.example"


class Cabinet(Adapter[CabinetSettings]):
    """`/drawer` with everything one may do to a lead."""

    vendor: ClassVar = "cabinet"
    settings_type: ClassVar = CabinetSettings
    rules: ClassVar = RULES
    capabilities: ClassVar = Capabilities(
        title="Cabinet",
        operations=frozenset(
            {
                Operation.LIST,
                Operation.GET,
                Operation.CREATE,
                Operation.UPDATE,
                Operation.DELETE,
            }
        ),
        paging=Paging(default_limit=50, max_limit=50),
        lookup=Lookup(),
        custom_fields=True,
    )

    def list_page(self, query: LeadQuery, cursor: str | None) -> Flow[Page]:
        answer = self.expect((yield self.read("drawer", params={"after": cursor})), 200)
        leads = tuple(self.lead(row.value) for row in answer.objects("files"))
        return Page(leads, answer.cursor("after"), answer.take("total", int))

    def get(self, lead_id: str) -> Flow[Lead]:
        return self.lead(self.expect((yield self.read("drawer", lead_id)), 200).value)

    def create(self, draft: Draft, key: str | None) -> Flow[Receipt]:
        answer = self.expect((yield self.write("POST", "drawer", body=draft.body)), 201)
        made = answer.identifier("id")
        return Receipt(Outcome.CREATED, made, self.lead(answer.value), draft.losses)

    def update(self, lead_id: str, change: Draft) -> Flow[Receipt]:
        answer = self.expect((yield self.write("PATCH", "drawer", lead_id, body=change.body)), 200)
        return Receipt(Outcome.UPDATED, lead_id, self.lead(answer.value), change.losses)

    def delete(self, lead_id: str) -> Flow[None]:
        request = Request("DELETE", self.url("drawer", lead_id), effect=Effect.ONCE)
        self.expect((yield request), 200)

    def complaint(self, body: Mapping[str, Any]) -> Complaint:
        return Complaint(message=str(body.get("oops", "")))


class CabinetPlugin:
    """What makes a gateway know the vendor."""

    @hookimpl
    def leadgateway_adapters(self) -> Mapping[str, type[Cabinet]]:
        return {"cabinet": Cabinet}


class CabinetSimulator(Simulator):
    """`gone` are the ids of what was deleted."""

    vendor = "cabinet"
    base_path = "/v1"
    orders: ClassVar = {"made": lambda row: row["made"]}
    shape: ClassVar = {
        "id": checks.uuid,
        "who": checks.nullable(checks.text()),
        "mail": checks.nullable(checks.text()),
        "firm": checks.nullable(checks.text()),
        "memo": checks.nullable(checks.text()),
        "extra": checks.mapping,
        "made": checks.printed_by(in_seconds),
        "changed": checks.printed_by(in_seconds),
    }
    gone: set[str]

    @property
    def settings(self) -> Mapping[str, str]:
        return {"vendor": self.vendor, "token": "everything"}

    def grant(self) -> Iterable[Access]:
        self.gone = set()
        yield Access("everything", self.tenant, frozenset(("all",)))

    def routes(self) -> Iterable[Route]:
        yield Route("GET", "/v1/drawer", self._list, "all")
        yield Route("POST", "/v1/drawer", self._create, "all")
        yield Route("GET", "/v1/drawer/{id}", self._get, "all")
        yield Route("PATCH", "/v1/drawer/{id}", self._change, "all")
        yield Route("DELETE", "/v1/drawer/{id}", self._delete, "all")

    def lead(self, person: Person, tenant: Tenant) -> Row:
        lead_id = uuid_from(tenant.seed, "lead", person.index)
        return self.blank(tenant, lead_id, person.created_at) | {
            "who": person.full_name,
            "mail": person.email,
            "firm": person.company,
            "memo": person.notes,
        }

    def blank(self, tenant: Tenant, lead_id: str, at: datetime) -> Row:
        names = dict.fromkeys(("who", "mail", "firm", "memo"))
        stamps = {"made": in_seconds(at), "changed": in_seconds(at)}
        return {"id": lead_id, **names, "extra": {}, **stamps}

    def refuse(self, refusal: Refusal) -> Answer:
        return Answer.of(refusal.status, {"oops": refusal.message})

    @property
    def files(self) -> list[Row]:
        """What the drawer holds now."""
        return [row for row in self.tenant.leads if row["id"] not in self.gone]

    def _list(self, call: Call, access: Access) -> Answer:
        asked = call.query(frozenset(("after",)))
        start = whole_number(asked, "after", 0, 0, 10**9)
        page, end = self.files[start : start + 50], start + 50
        after = str(end) if end < len(self.files) else None
        return Answer.of(200, {"files": page, "after": after, "total": len(self.files)})

    def _create(self, call: Call, access: Access) -> Answer:
        row = self.blank(access.tenant, access.tenant.new_id(), call.at) | call.document()
        access.tenant.leads.put(row)
        return Answer.of(201, row)

    def _get(self, call: Call, access: Access) -> Answer:
        return Answer.of(200, self._found(call))

    def _change(self, call: Call, access: Access) -> Answer:
        row, change = self._found(call), call.document()
        if change.get("firm", "") is None:
            raise Refusal(400, "firm cannot be emptied")
        extra = {**row["extra"], **change.get("extra", {})}
        kept = {key: value for key, value in extra.items() if value is not None}
        changed = {**row, **change, "extra": kept, "changed": in_seconds(call.at)}
        access.tenant.leads.put(changed)
        return Answer.of(200, changed)

    def _delete(self, call: Call, access: Access) -> Answer:
        self.gone.add(self._found(call)["id"])
        return Answer.of(200, {})

    def _found(self, call: Call) -> Row:
        row = self.tenant.leads.get(call.places["id"])
        if row is None or row["id"] in self.gone:
            raise Refusal(404, "no such file")
        return row
