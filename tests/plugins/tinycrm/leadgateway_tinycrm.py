"""A plugin as a stranger would write it: one vendor with one list and one create."""

from collections.abc import Mapping
from typing import Any, ClassVar

from leadgateway import Settings, hookimpl
from leadgateway.adapter import Adapter, Complaint, LeadQuery, Outcome, Page, Receipt
from leadgateway.capabilities import Capabilities, Operation, Paging
from leadgateway.exchange import Flow
from leadgateway.mapping import CREATE, Draft, Email, Field, FullName, Needs, RuleSet, Text

PAGE = "tinycrm.example/docs"


class TinySettings(Settings):
    """Nothing but a token and where the server is."""

    base_url: str = "https://api.tinycrm.example"


class TinyCRM(Adapter[TinySettings]):
    """`GET /people` and `POST /people`."""

    vendor: ClassVar = "tinycrm"
    settings_type: ClassVar = TinySettings
    rules: ClassVar = RuleSet(
        "tinycrm",
        (
            Field("name", "who", FullName(), on=CREATE, origin=PAGE),
            Field("emails", "mail", Email(), on=CREATE, origin=PAGE),
            Field("notes", "memo", Text(), on=CREATE, origin=PAGE),
        ),
        id_key="key",
        needs=(Needs((("who",),), origin=PAGE),),
    )
    capabilities: ClassVar = Capabilities(
        title="Tiny CRM",
        operations=frozenset({Operation.LIST, Operation.CREATE}),
        paging=Paging(default_limit=2, max_limit=2, origin=PAGE),
    )

    def list_page(self, query: LeadQuery, cursor: str | None) -> Flow[Page]:
        answer = self.expect((yield self.read("people", params={"after": cursor})), 200)
        leads = self.leads(answer.objects("people"))
        return Page(leads, answer.cursor("after"))

    def create(self, draft: Draft, key: str | None) -> Flow[Receipt]:
        answer = self.expect((yield self.write("POST", "people", body=draft.body)), 201)
        made = answer.identifier("key")
        return Receipt(Outcome.CREATED, made, self.later(answer.value), draft.losses)

    def complaint(self, body: Mapping[str, Any]) -> Complaint:
        return Complaint(message=str(body.get("oops", "")))


@hookimpl
def leadgateway_adapters() -> dict[str, type[TinyCRM]]:
    """Offer the adapter."""
    return {"tinycrm": TinyCRM}
