"""Apollo Space: list and create leads of one organization (docs.apollospace.ai, a preview API)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import model_validator

from leadgateway.adapter import Adapter, Complaint, LeadQuery, Outcome, Page, Receipt
from leadgateway.capabilities import (
    Capabilities,
    IdempotencyKey,
    Lookup,
    Operation,
    Paging,
    RatePlan,
)
from leadgateway.errors import ConfigError
from leadgateway.exchange import Flow, Request
from leadgateway.mapping import (
    CREATE,
    Cents,
    Draft,
    Email,
    Field,
    FromSetting,
    FullName,
    Limit,
    Needs,
    OwnerId,
    Phone,
    RuleSet,
    Tags,
    Text,
    Timestamp,
    UuidOnly,
    check_uuids,
)
from leadgateway.settings import Settings

CREATE_PAGE = "docs.apollospace.ai/api-reference/leads/criar-lead"
INTRODUCTION = "docs.apollospace.ai/en/api-reference/introduction"
LIST_PAGE = "docs.apollospace.ai/api-reference/leads/listar-leads"


class ApolloSpaceSettings(Settings):
    """What a connection needs: the id_token of a logged-in user, an organization, a pipeline.

    `token` is the Cognito *id* token, which lives for hours: give a callable that renews it.
    `pipeline_id` is demanded to write, and no endpoint lists pipelines. `currency` is the
    organization's, which the API does not tell.
    """

    base_url: str = "https://api.apollospace.ai/v1"
    organization_id: UUID
    pipeline_id: UUID | None = None

    @model_validator(mode="after")
    def _check_owners(self) -> Self:
        check_uuids("owner_map", self.owner_map.values())
        return self

    def setting(self, name: str) -> str | None:
        return str(self.pipeline_id) if name == "pipeline_id" and self.pipeline_id else None


RULES = RuleSet(
    "apollo_space",
    (
        Field("name", "contact_name", FullName(), on=CREATE, limit=Limit(200), origin=CREATE_PAGE),
        Field(
            "company.name", "company_name", Text(),
            on=CREATE, limit=Limit(200), origin=CREATE_PAGE,
        ),
        Field("emails", "email", Email(), on=CREATE, origin=CREATE_PAGE),
        Field("phones", "phone", Phone(), on=CREATE, origin=CREATE_PAGE),
        Field(
            "stage.pipeline_id", "pipeline_id", FromSetting("pipeline_id"),
            on=CREATE, origin=CREATE_PAGE, always=True,
        ),
        Field("stage.name", "stage", Text(), origin=CREATE_PAGE),
        Field("owner", "owner_id", UuidOnly(OwnerId()), on=CREATE, origin=CREATE_PAGE),
        Field("tags", "tags", Tags(), on=CREATE, origin=CREATE_PAGE),
        Field("value", "value_cents", Cents(), on=CREATE, origin=CREATE_PAGE),
        Field("created_at", "created_at", Timestamp(), origin=CREATE_PAGE),
        Field("updated_at", "updated_at", Timestamp(), origin=CREATE_PAGE),
    ),
    needs=(Needs((("contact_name", "pipeline_id"),), origin=CREATE_PAGE),),
)  # fmt: skip


class ApolloSpace(Adapter[ApolloSpaceSettings]):
    """The two documented endpoints, `GET /leads` and `POST /leads`; the rest is only announced."""

    vendor: ClassVar = "apollo_space"
    settings_type: ClassVar = ApolloSpaceSettings
    rules: ClassVar = RULES
    capabilities: ClassVar = Capabilities(
        title="Apollo Space",
        operations=frozenset({Operation.LIST, Operation.CREATE}),
        paging=Paging(default_limit=50, max_limit=200, origin=f"{LIST_PAGE}, {INTRODUCTION}"),
        filters=frozenset({"pipeline", "stage"}),
        idempotency=IdempotencyKey(origin=f"{CREATE_PAGE}, {INTRODUCTION}"),
        lookup=Lookup(origin=LIST_PAGE),
        rate_plan=RatePlan(documented=False, origin=INTRODUCTION),
        stability="preview",
        silent_on=(
            "the body of the list answer (items and next_cursor are the general convention)",
            "how long an idempotency key lives, and what a replay answers",
            "what a duplicate is (409)",
            "rate limits in numbers",
            "owner and tag filters: promised, but without names",
        ),
        documents="docs.apollospace.ai",
    )

    def authorize(self, request: Request, token: str) -> Request:
        organization = str(self.settings.organization_id)
        return super().authorize(request, token).with_header("x-organization-id", organization)

    def check_write(self) -> None:
        if self.settings.pipeline_id is None:
            raise ConfigError("pipeline_id is missing: Apollo Space demands it for every new lead.")

    def list_page(self, query: LeadQuery, cursor: str | None) -> Flow[Page]:
        check_uuids("pipeline", () if query.pipeline is None else (query.pipeline,))
        params = {
            "cursor": cursor,
            "pipeline_id": query.pipeline,
            "stage": query.stage,
            "limit": str(query.page_size or 200),
        }
        answer = self.expect((yield self.read("leads", params=params)), 200)
        leads = self.leads(answer.objects("items"))
        return Page(leads, answer.cursor("next_cursor"))

    def create(self, draft: Draft, key: str | None) -> Flow[Receipt]:
        request = self.write("POST", "leads", body=draft.body, key=key)
        answer = self.expect((yield request), 201)
        created = answer.identifier("id")
        losses = (*draft.losses, *self.unkept(draft, answer.value))
        return Receipt(Outcome.CREATED, created, self.later(answer.value), losses)

    def complaint(self, body: Mapping[str, Any]) -> Complaint:
        error = body.get("error")
        if not isinstance(error, Mapping):
            return Complaint()
        texts = {key: text for key, text in error.items() if isinstance(text, str)}
        return Complaint(
            message=texts.get("message", ""),
            code=texts.get("code", ""),
            request_id=texts.get("request_id"),
        )
