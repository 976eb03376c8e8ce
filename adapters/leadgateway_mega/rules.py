"""MEGA's table: the lead object of the Public CRM Lead API 1.0.0, read and written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from leadgateway.mapping import (
    BULK,
    CREATE,
    MISSING,
    Choice,
    Codec,
    CustomFields,
    Email,
    Field,
    Flag,
    FullName,
    Integer,
    Limit,
    Needs,
    OwnerObject,
    Phone,
    Reading,
    RuleSet,
    StageWord,
    Text,
    Timestamp,
    UuidOnly,
    Writing,
)
from leadgateway.taxonomy import CaptureMethod, Fidelity, LeadSource, LeadStatus

CREATE_PAGE: Final = "seed 001"
OPENAPI: Final = "dev.gomega.ai/openapi.json"
PULL_PAGE: Final = "dev.gomega.ai/pull-leads"

STATUSES: Final[Mapping[str, LeadStatus]] = {
    "active": LeadStatus.OPEN,
    "won": LeadStatus.CONVERTED,
    "lost": LeadStatus.LOST,
    "nurture": LeadStatus.NURTURING,
    "archived": LeadStatus.ARCHIVED,
}
PLATFORMS: Final[Mapping[str, LeadSource]] = {
    "google_ads": LeadSource.PAID_SEARCH,
    "meta_ads": LeadSource.PAID_SOCIAL,
    "google_organic": LeadSource.ORGANIC_SEARCH,
    "direct": LeadSource.DIRECT,
    "referral": LeadSource.REFERRAL,
    "hubspot": LeadSource.EXTERNAL_SYSTEM,
    "zoho": LeadSource.EXTERNAL_SYSTEM,
    "ghl": LeadSource.EXTERNAL_SYSTEM,
    "shopify": LeadSource.EXTERNAL_SYSTEM,
    "zenmaid": LeadSource.EXTERNAL_SYSTEM,
    "lead_docket": LeadSource.EXTERNAL_SYSTEM,
    "salesforce": LeadSource.EXTERNAL_SYSTEM,
}
TYPES: Final[Mapping[str, CaptureMethod]] = {
    "form": CaptureMethod.FORM,
    "phone_call": CaptureMethod.PHONE_CALL,
    "email": CaptureMethod.EMAIL,
    "chat": CaptureMethod.CHAT,
    "sms": CaptureMethod.SMS,
    "manual": CaptureMethod.MANUAL,
    "import": CaptureMethod.IMPORT,
}
LINES: Final = ("buyer", "seller")
LINE_SLUG: Final = "lead_line"


class LeadLine(Codec):
    """Buyer or seller: the only words that are written; any other that is read is kept."""

    conditions = (f"only {' or '.join(LINES)}",)

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        return Text().read(native, path, reading)

    def write(self, value: str, path: str, limit: Limit | None, writing: Writing) -> Any:
        if value in LINES:
            return value
        writing.lose(path, Fidelity.DROPPED, "no_such_word", " or ".join(LINES))
        return MISSING


RULES: Final = RuleSet(
    "mega",
    (
        Field("name", "contact_name", FullName(), on=CREATE, origin=CREATE_PAGE),
        Field("emails", "contact_email", Email(), on=CREATE, origin=CREATE_PAGE),
        Field("phones", "contact_phone", Phone(any_text=True), on=CREATE, origin=CREATE_PAGE),
        # No single platform may stand for "some other system": which one is a claim of its own.
        Field(
            "source", "source_platform",
            Choice(PLATFORMS, LeadSource.OTHER, preferred={LeadSource.EXTERNAL_SYSTEM: None}),
            on=CREATE, origin=CREATE_PAGE,
        ),
        Field(
            "capture", "source_type", Choice(TYPES, CaptureMethod.UNKNOWN),
            on=CREATE, origin=CREATE_PAGE,
        ),
        Field("status", "status", Choice(STATUSES, LeadStatus.UNKNOWN), origin=OPENAPI),
        Field("stage.id", "current_stage.id", Text(), origin=CREATE_PAGE),
        Field(
            "stage.slug", "current_stage.slug", StageWord(),
            on=CREATE, write_key="stage_slug", origin=CREATE_PAGE,
        ),
        Field("stage.name", "current_stage.name", Text(), origin=CREATE_PAGE),
        Field("score", "score", Integer(0, 100), origin=CREATE_PAGE),
        Field("qualified", "qualified", Flag(), origin=CREATE_PAGE),
        Field(
            "owner", "owner", UuidOnly(OwnerObject()),
            on=BULK, write_key="owner_id", echo_key="owner.id", origin=OPENAPI,
        ),
        Field(
            "custom", "custom_fields", CustomFields(frozenset({LINE_SLUG}), nulls=True),
            on=CREATE, origin=f"{CREATE_PAGE}, {OPENAPI}",
        ),
        Field(
            "line", f"custom_fields.{LINE_SLUG}", LeadLine(),
            on=BULK, write_key=LINE_SLUG, origin=PULL_PAGE,
        ),
        Field("created_at", "created_at", Timestamp(), origin=CREATE_PAGE),
        Field("updated_at", "updated_at", Timestamp(), origin=CREATE_PAGE),
        Field("last_interaction_at", "last_interaction_at", Timestamp(), origin=CREATE_PAGE),
        Field("interaction_count", "interaction_count", Integer(), origin=CREATE_PAGE),
    ),
    needs=(Needs((("contact_name",), ("contact_phone",), ("contact_email",)), origin=CREATE_PAGE),),
)  # fmt: skip
