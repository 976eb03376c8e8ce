"""A cabinet that is written by other names than it is read by, and shows some fields deeper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from tests.transfer.trust.cabinet import MEMO, RULES, Cabinet, CabinetSimulator

from leadgateway import hookimpl
from leadgateway.mapping import CREATE_AND_UPDATE, Email, Field, Limit, RuleSet, Text
from leadgateway.simulator import Access, Answer, Call, Person, Row, Tenant, checks, in_seconds

WRITTEN = {"new_mail": ("card", "mail"), "new_firm": ("card", "firm"), "new_memo": ("memo",)}
"""Where the vendor shows what is written by each name of its own."""


class TwoNames(Cabinet):
    """Mail and firm stand on a card; both, and the memo, are written by names that do not show."""

    vendor: ClassVar = "two_names"
    rules: ClassVar = RuleSet("two_names", RULES.rules, needs=RULES.needs).overridden(
        (
            Field("emails", "card.mail", Email(), on=CREATE_AND_UPDATE, write_key="new_mail",
                  clears=True),
            Field("company.name", "card.firm", Text(), on=CREATE_AND_UPDATE, write_key="new_firm"),
            Field("notes", "memo", Text(), on=CREATE_AND_UPDATE, write_key="new_memo",
                  limit=Limit(MEMO), clears=True),
        )
    )  # fmt: skip


class TwoNamesPlugin:
    """What makes a gateway know the vendor."""

    @hookimpl
    def leadgateway_adapters(self) -> Mapping[str, type[TwoNames]]:
        return {"two_names": TwoNames}


class TwoNamesSimulator(CabinetSimulator):
    """`pin` is the shelf mark on every card, which nobody writes."""

    vendor = "two_names"
    shape: ClassVar = {
        **{
            key: check
            for key, check in CabinetSimulator.shape.items()
            if key not in {"mail", "firm"}
        },
        "card": checks.mapping,
    }

    def lead(self, person: Person, tenant: Tenant) -> Row:
        row = super().lead(person, tenant)
        return {**row, "card": {**row["card"], "mail": row.pop("mail"), "firm": row.pop("firm")}}

    def blank(self, tenant: Tenant, lead_id: str, at: Any) -> Row:
        row = super().blank(tenant, lead_id, at)
        kept = {key: value for key, value in row.items() if key not in {"mail", "firm"}}
        return {**kept, "card": {"mail": None, "firm": None, "pin": lead_id[:4]}}

    def _create(self, call: Call, access: Access) -> Answer:
        blank = self.blank(access.tenant, access.tenant.new_id(), call.at)
        row = _stored(blank, call.document())
        access.tenant.leads.put(row)
        return Answer.of(201, row)

    def _change(self, call: Call, access: Access) -> Answer:
        row = self._found(call)
        changed = {**_stored(row, call.document()), "changed": in_seconds(call.at)}
        access.tenant.leads.put(changed)
        return Answer.of(200, changed)


def _stored(row: Row, document: Mapping[str, Any]) -> Row:
    stored = {**row, "card": dict(row["card"])}
    for name, value in document.items():
        *outer, last = WRITTEN.get(name, (name,))
        place = stored[outer[0]] if outer else stored
        place[last] = value
    return stored
