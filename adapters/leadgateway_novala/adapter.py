"""Novala: list, get and create leads of one tenant (developers.novala.ai)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from pydantic import SecretStr, model_validator

from leadgateway.adapter import Adapter, Complaint, LeadQuery, Outcome, Page, Receipt
from leadgateway.capabilities import Capabilities, Lookup, Operation, Paging, RatePlan
from leadgateway.errors import ConfigError, MappingError
from leadgateway.exchange import Document, Effect, Flow, Request
from leadgateway.lead import Lead
from leadgateway.mapping import (
    CREATE,
    Choice,
    CustomFields,
    Draft,
    Email,
    Field,
    Joint,
    Limit,
    NameParts,
    Needs,
    OwnerId,
    Phone,
    RuleSet,
    SourceAndCapture,
    Text,
    Timestamp,
    UuidOnly,
    Writing,
    check_uuids,
)
from leadgateway.settings import Settings
from leadgateway.taxonomy import CaptureMethod, Fidelity, LeadSource, LeadStatus

SEED = "seed 004"
LEADS_PAGE = "developers.novala.ai/api-reference/leads"
OVERVIEW = "developers.novala.ai/api-reference/overview"
AUTHENTICATION = "developers.novala.ai/api-reference/authentication"
CUSTOM_FIELDS = "developers.novala.ai/configuration/custom-fields"

_TENANT = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_SLUG = re.compile(r"[a-z0-9_]+")  # developers.novala.ai/configuration/custom-fields
_PUBLISHABLE = "pk_"  # developers.novala.ai/api-reference/authentication

_STATUS = Choice(
    {
        "new": LeadStatus.NEW,
        "contacted": LeadStatus.CONTACTED,
        "qualifying": LeadStatus.QUALIFYING,
        "qualified": LeadStatus.QUALIFIED,
        "converted": LeadStatus.CONVERTED,
        "disqualified": LeadStatus.DISQUALIFIED,
        "lost": LeadStatus.LOST,
    },
    LeadStatus.UNKNOWN,
)

_SOURCE = SourceAndCapture(
    "source",
    {
        "web_form": (LeadSource.WEBSITE, CaptureMethod.FORM),
        "referral": (LeadSource.REFERRAL, CaptureMethod.UNKNOWN),
        "agent_chat": (LeadSource.UNKNOWN, CaptureMethod.CHAT),
        "inbound_call": (LeadSource.UNKNOWN, CaptureMethod.PHONE_CALL),
        "mcp": (LeadSource.UNKNOWN, CaptureMethod.API),
        "import": (LeadSource.UNKNOWN, CaptureMethod.IMPORT),
    },
    # A call need not have come in, nor a chat be an agent's; MCP is one API of many (seed 004).
    narrower=frozenset({"inbound_call", "agent_chat"}),
    verbatim=frozenset({"mcp"}),
)


class NovalaSettings(Settings):
    """What a connection needs: a key of the tenant, and its slug (`acme` of acme.novala.ai).

    A `base_url` replaces the address made from `tenant`. A secret key (`sk_`) writes; a
    publishable one (`pk_`) only reads. `required_custom_fields` are the keys that the tenant
    demands of every new lead, which no endpoint tells.
    """

    base_url: str = ""
    tenant: str | None = None
    required_custom_fields: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _find_the_host(cls, values: dict[str, Any]) -> dict[str, Any]:
        tenant = values.get("tenant")
        if tenant is not None and not (isinstance(tenant, str) and _TENANT.fullmatch(tenant)):
            raise ConfigError(
                "tenant is no slug: lower-case letters, digits and inner hyphens, at most 63."
            )
        if values.get("base_url"):
            return values
        if tenant is None:
            raise ConfigError("tenant is missing: name the tenant's slug, or a base_url.")
        return {**values, "base_url": f"https://{tenant}.novala.ai/api/v1"}  # overview page

    @model_validator(mode="after")
    def _check_what_would_be_sent(self) -> Self:
        places = (place.partition(":") for place in self.relocate.values())
        keys = {
            "required_custom_fields": self.required_custom_fields,
            "marker": (self.marker,) if self.marker else (),
            "custom_map": tuple(self.custom_map.values()),
            "relocate": tuple(slug for kind, _, slug in places if kind == "custom"),
        }
        for setting, slugs in keys.items():
            if not all(map(_SLUG.fullmatch, slugs)):
                raise ConfigError(
                    f"{setting}: a custom field's key holds lower-case letters, digits and "
                    "underscores only."
                )
        words = {
            "fallback_source": (self.fallback_source,) if self.fallback_source else (),
            "source_out": tuple(self.source_out.values()),
            "capture_out": tuple(self.capture_out.values()),
        }
        for setting, chosen in words.items():
            if not set(chosen) <= set(_SOURCE.words):
                raise ConfigError(f"{setting}: Novala takes {', '.join(_SOURCE.words)} only.")
        check_uuids("owner_map", self.owner_map.values())
        return self


@dataclass(frozen=True)
class TenantFields(CustomFields):
    """The tenant's own fields; how each type is encoded is unpublished, so values go as they are.

    A key of another form than a slug is dropped, and null, of which nothing is published, is
    left out.
    """

    lists: bool = True
    conditions = ("a key that is no slug is dropped",)

    def write(
        self, value: Mapping[str, Any], path: str, limit: Limit | None, writing: Writing
    ) -> Any:
        kept = {}
        for key, item in value.items():
            if not _SLUG.fullmatch(writing.terms.custom_map.get(key, key)):
                form = "lower-case letters, digits, underscore"
                writing.lose(f"{path}.{key}", Fidelity.DROPPED, "not_a_slug", form)
            elif item is None:
                writing.lose(f"{path}.{key}", Fidelity.NORMALIZED, "null_left_out")
            else:
                kept[key] = item
        return super().write(kept, path, limit, writing)


RULES = RuleSet(
    "novala",
    (
        Joint(
            ("name",), ("firstName", "lastName"), NameParts("firstName", "lastName"),
            on=CREATE, limit=Limit(255), always=True, origin=SEED,
        ),
        Field(
            "company.name", "companyName", Text(),
            on=CREATE, limit=Limit(255), origin=f"{SEED}, {LEADS_PAGE}",
        ),
        Field("emails", "email", Email(), on=CREATE, origin=SEED),
        Field("phones", "phone", Phone(any_text=True), on=CREATE, limit=Limit(50), origin=SEED),
        Field("status", "status", _STATUS, origin=SEED),
        Joint(
            ("source", "capture"), ("source",), _SOURCE, on=CREATE, always=True, origin=SEED
        ),
        Field("owner", "assignedTo", UuidOnly(OwnerId()), on=CREATE, origin=SEED),
        Field("intent", "intent", Text(), on=CREATE, origin=f"{SEED}, {LEADS_PAGE}"),
        Field("notes", "notes", Text(), on=CREATE, origin=SEED),
        Field(
            "custom", "customFields", TenantFields(),
            on=CREATE, origin=f"{SEED}, {CUSTOM_FIELDS}",
        ),
        Field("created_at", "createdAt", Timestamp(), origin=LEADS_PAGE),
    ),
    # The three stand before the optional ones, as the required fields of contacts do.
    needs=(Needs((("firstName", "lastName", "source"),), origin=SEED),),
)  # fmt: skip


class Novala(Adapter[NovalaSettings]):
    """List, get and create: no lead can be changed, found or removed by this API."""

    vendor: ClassVar = "novala"
    settings_type: ClassVar = NovalaSettings
    rules: ClassVar = RULES
    capabilities: ClassVar = Capabilities(
        title="Novala",
        operations=frozenset({Operation.LIST, Operation.GET, Operation.CREATE}),
        paging=Paging(default_limit=25, max_limit=None, origin=f"{LEADS_PAGE}, {OVERVIEW}"),
        filters=frozenset({"status", "owner"}),
        lookup=Lookup(origin=LEADS_PAGE),
        rate_plan=RatePlan(documented=False, origin=OVERVIEW),
        custom_fields=True,
        silent_on=(
            "which fields of a create are required",
            "the names of the channel and attribution fields (never sent)",
            "the largest page of leads (100 is stated for page-numbered lists)",
            "the order of the list, and how long a cursor lives",
            "the body of get-one (data, as for contacts, or the bare lead is read)",
            "how each type of custom field is encoded",
            "rate limits in numbers, Retry-After",
            "what a repeated create does",
        ),
        documents="developers.novala.ai",
    )

    def __init__(
        self, settings: NovalaSettings, *, connection: str = "", rules: RuleSet | None = None
    ) -> None:
        table = rules or self.rules
        keys = tuple(
            f"customFields.{slug}"
            for slug in settings.required_custom_fields
            if slug != settings.marker
        )
        if keys:
            table = replace(table, needs=(*table.needs, Needs((keys,), origin=SEED)))
        super().__init__(settings, connection=connection, rules=table)

    def check_write(self) -> None:
        token = self.settings.token
        if isinstance(token, SecretStr):
            _refuse_publishable(token.get_secret_value())

    def authorize(self, request: Request, token: str) -> Request:
        if request.effect is not Effect.READ:
            _refuse_publishable(token)
        return super().authorize(request, token)

    def list_page(self, query: LeadQuery, cursor: str | None) -> Flow[Page]:
        # Without a limit the documented 25 apply; any other number is the caller's to try.
        check_uuids("owner", () if query.owner is None else (query.owner,))
        status = self.sought("status", query.status)
        params = {
            "limit": None if query.page_size is None else str(query.page_size),
            "cursor": cursor,
            "status": status.word,
            "assignedTo": query.owner,
        }
        answer = self.expect((yield self.read("leads", params=params)), 200)
        leads = self.leads(answer.objects("data"))
        following = answer.cursor("nextCursor")
        more = answer.take("hasMore", bool)  # either sign is the end: overview page
        return Page(leads, following if more else None).picked(status)

    def get(self, lead_id: str) -> Flow[Lead]:
        answer = self.expect((yield self.read("leads", lead_id)), 200)
        return self._identified(answer.object("data") if "data" in answer.value else answer)

    def create(self, draft: Draft, key: str | None) -> Flow[Receipt]:
        self.check_write()
        self._check_marker(draft)
        request = self.write("POST", "leads", body=draft.body, key=key)
        record = self.expect((yield request), 201).object("data")
        created = record.identifier("id")
        losses = (*draft.losses, *self.unkept(draft, record.value))
        return Receipt(Outcome.CREATED, created, self.later(record.value), losses)

    def _check_marker(self, draft: Draft) -> None:
        """Refuse a lead without the marker that the tenant demands: only a move fills it."""
        marker = self.settings.marker
        held = draft.fields.get("customFields", {})
        if marker in self.settings.required_custom_fields and not held.get(marker):
            needs = f"{self.vendor} needs customFields.{marker}"
            raise MappingError("lead", "precondition", needs)

    def complaint(self, body: Mapping[str, Any]) -> Complaint:
        text = body.get("error")
        return Complaint(message=text) if isinstance(text, str) else Complaint()

    def _identified(self, record: Document) -> Lead:
        record.identifier("id")
        return self.lead(record.value)


def _refuse_publishable(token: str) -> None:
    if token.startswith(_PUBLISHABLE):
        raise ConfigError("token is a publishable key (pk_): writing needs the secret one (sk_).")
