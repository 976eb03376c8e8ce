"""The v1 leads API of Expert AI Labs: leads of one organization, and the record of their changes.

Two generations were published under one address; this is the newer one, and of it only what is
labelled live (www.expertailabs.ai/docs/api).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal

from leadgateway.adapter import (
    Adapter,
    Change,
    ChangePage,
    Complaint,
    LeadQuery,
    Outcome,
    Page,
    Receipt,
    in_milliseconds,
)
from leadgateway.capabilities import Capabilities, Lookup, Operation, Paging, RatePlan, Window
from leadgateway.errors import AuthError, ConfigError
from leadgateway.exchange import Document, Flow
from leadgateway.frozen import FrozenDict
from leadgateway.lead import Lead
from leadgateway.mapping import Draft
from leadgateway.mapping.leaves import PATHS
from leadgateway.settings import Settings
from leadgateway_v1_leads.audit import read_change
from leadgateway_v1_leads.table import RULES, SEED

PRINT_PAGE = "www.expertailabs.ai/docs/api/print"
_LARGEST_PAGE = 200  # seed 003; www.expertailabs.ai/docs/api/audit-log


class V1LeadsSettings(Settings):
    """What a connection needs: an API key, which also names the organization.

    `update_method` is there because the documents show no method for updates. The address has
    the `www` of the newer documents: a redirect from the bare host would lose the key.
    """

    base_url: str = "https://www.expertailabs.ai/api/v1"
    update_method: Literal["PATCH", "PUT"] = "PATCH"


class V1Leads(Adapter[V1LeadsSettings]):
    """List, get, create and update leads; read the audit log; check the key."""

    vendor: ClassVar = "v1_leads"
    settings_type: ClassVar = V1LeadsSettings
    rules: ClassVar = RULES
    capabilities: ClassVar = Capabilities(
        title="v1 leads API",
        operations=frozenset(
            {
                Operation.LIST,
                Operation.GET,
                Operation.CREATE,
                Operation.UPDATE,
                Operation.CHANGES,
            }
        ),
        paging=Paging(
            default_limit=50,
            max_limit=_LARGEST_PAGE,
            omits=(
                "qualification.pain_points",
                "qualification.timeline",
                "qualification.budget_range",
                "qualification.reasoning",
                "qualification.completed_at",
            ),
            origin=SEED,
        ),
        filters=frozenset({"status", "stage", "source", "created_since", "created_until"}),
        lookup=Lookup(origin="seed 003"),
        rate_plan=RatePlan({"default": (Window(60, 60, burst=120),)}, origin=PRINT_PAGE),
        update_methods=("PATCH", "PUT"),
        silent_on=(
            "the methods of create and update",
            "the statuses of refusals other than 404 and 429, and every error code",
            "whether null clears a field (never sent), and what becomes of unknown fields",
            "the words of stages, sources, industries, sizes, timelines and budgets",
            "whether a create takes more than the six fields shown (the others by an update)",
            "the order of the list, how long a cursor lives, whether time bounds are inclusive",
            "whether the quota counts per key or per organization",
            "what a repeated create does",
        ),
        not_offered=(
            "the audit log's filters by end_at, source and other actions than lead.updated",
            "organizations/me (the health check names the organization as well)",
            "webhooks: listing them, and registering one (scope admin)",
        ),
        documents="www.expertailabs.ai/docs/api",
    )

    def list_page(self, query: LeadQuery, cursor: str | None) -> Flow[Page]:
        status = self.sought("status", query.status)
        source = self.sought("source", query.source)
        if query.stage is not None and status.word not in {None, query.stage}:
            raise ConfigError("status, stage: this vendor keeps both in one text: name one.")
        params = {
            "pipeline_stage": status.word if query.stage is None else query.stage,
            "source": source.word,
            "start_at": in_milliseconds("created_since", query.created_since),
            "end_at": in_milliseconds("created_until", query.created_until),
            "limit": str(query.page_size or _LARGEST_PAGE),
            "cursor": cursor,
        }
        answer = self.expect((yield self.read("leads", params=params)), 200)
        leads = self.leads(answer.objects("data"))
        return Page(leads, answer.cursor("next_cursor")).picked(status, source)

    def get(self, lead_id: str) -> Flow[Lead]:
        return self._identified(self.expect((yield self.read("leads", lead_id)), 200))

    def create(self, draft: Draft, key: str | None) -> Flow[Receipt]:
        request = self.write("POST", "leads", body=draft.body, key=key)
        answer = self.expect((yield request), 201)
        created = answer.identifier("id")
        losses = (*draft.losses, *self.unkept(draft, answer.value))
        return Receipt(Outcome.CREATED, created, self.later(answer.value), losses)

    def update(self, lead_id: str, change: Draft) -> Flow[Receipt]:
        """Change the fields of the draft; the answer shows some fields only, and so does its lead.

        What the answer leaves out is unknown in the receipt's lead: get the lead for the rest.
        """
        request = self.write(self.settings.update_method, "leads", lead_id, body=change.body)
        answer = self.expect((yield request), 200)
        updated = answer.identifier("id")
        losses = (*change.losses, *self.unkept(change, answer.value, unsaid=PATHS))
        return Receipt(Outcome.UPDATED, updated, self.later(answer.value), losses)

    def changes_page(self, since: datetime | None, cursor: str | None) -> Flow[ChangePage]:
        """Fetch one page of changed leads; whether `since` itself is in it is not documented."""
        params = {
            "action": "lead.updated",
            "start_at": in_milliseconds("since", since),
            "limit": str(_LARGEST_PAGE),
            "cursor": cursor,
        }
        answer = self.expect((yield self.read("audit-log", params=params)), 200)
        return ChangePage(
            tuple(map(read_change, answer.objects("data"))), answer.cursor("next_cursor")
        )

    def audit_record(self, record_id: str) -> Flow[Change]:
        """Fetch one record of the audit log by its id."""
        return read_change(self.expect((yield self.read("audit-log", record_id)), 200))

    def check(self) -> Flow[Mapping[str, Any]]:
        """Ask the health check whose key this is, and whether it is a sandbox's.

        It answers without a key as well: an answer that names no tenant is an `AuthError`.
        """
        answer = self.expect((yield self.read("health")), 200)
        if answer.get("tenant_id") is None:
            raise AuthError("the health check does not know the key", vendor=self.vendor)
        return FrozenDict(
            reachable=True,
            tenant_id=answer.identifier("tenant_id"),
            environment=answer.take("environment", str),
            scopes=answer.take("scopes", tuple),
        )

    def complaint(self, body: Mapping[str, Any]) -> Complaint:
        error = body.get("error")
        if not isinstance(error, Mapping):
            return Complaint()
        details = error.get("details")
        return Complaint(
            **{key: error[key] for key in ("message", "code") if isinstance(error.get(key), str)},
            fields=_texts(details) if isinstance(details, Mapping) else {},
        )

    def _identified(self, record: Document) -> Lead:
        record.identifier("id")
        return self.lead(record.value)


def _texts(details: Mapping[str, Any]) -> Mapping[str, str]:
    return {name: text for name, text in details.items() if isinstance(text, str)}
