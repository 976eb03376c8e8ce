"""Two invented vendors whose tables use every codec in every use, so that no law passes idly."""

from __future__ import annotations

from leadgateway.mapping import (
    BULK,
    CREATE,
    CREATE_AND_UPDATE,
    Cents,
    Choice,
    CustomFields,
    Email,
    Field,
    Flag,
    FullName,
    Integer,
    Joint,
    Limit,
    NameParts,
    OwnerId,
    OwnerObject,
    Phone,
    RuleSet,
    SourceAndCapture,
    StageIsStatus,
    StageWord,
    Tags,
    Text,
    Timestamp,
)
from leadgateway.normalize.text import Unit
from leadgateway.taxonomy import CaptureMethod, LeadSource, LeadStatus

SOURCES = {
    "google_ads": LeadSource.PAID_SEARCH,
    "meta_ads": LeadSource.PAID_SOCIAL,
    "direct": LeadSource.DIRECT,
    "hubspot": LeadSource.EXTERNAL_SYSTEM,
    "salesforce": LeadSource.EXTERNAL_SYSTEM,
}
CAPTURES = {
    "form": CaptureMethod.FORM,
    "call": CaptureMethod.PHONE_CALL,
    "phone": CaptureMethod.PHONE_CALL,
    "import": CaptureMethod.IMPORT,
}
STATUSES = {"active": LeadStatus.OPEN, "won": LeadStatus.CONVERTED, "lost": LeadStatus.LOST}

HARBOUR = RuleSet(
    "harbour",
    (
        Joint(
            ("name",), ("first", "last"), NameParts("first", "last"),
            on=CREATE_AND_UPDATE, limit=Limit(20),
        ),
        Field("company.name", "org.title", Text(), on=CREATE_AND_UPDATE, limit=Limit(200)),
        Field("company.size", "org.size", Text(), on=CREATE_AND_UPDATE, clears=True),
        Field("emails", "mail", Email(), on=CREATE_AND_UPDATE, limit=Limit(100), clears=True),
        Field("phones", "tel", Phone(any_text=True), on=CREATE_AND_UPDATE, limit=Limit(30)),
        Field("status", "status", Choice(STATUSES, LeadStatus.UNKNOWN), on=CREATE_AND_UPDATE),
        Joint(
            ("source", "capture"), ("origin",),
            SourceAndCapture(
                "origin",
                {
                    "web_form": (LeadSource.WEBSITE, CaptureMethod.FORM),
                    "inbound_call": (LeadSource.UNKNOWN, CaptureMethod.PHONE_CALL),
                    "mcp": (LeadSource.UNKNOWN, CaptureMethod.API),
                    "referral": (LeadSource.REFERRAL, CaptureMethod.UNKNOWN),
                },
                narrower=frozenset({"inbound_call"}),
                verbatim=frozenset({"mcp"}),
            ),
            on=CREATE_AND_UPDATE,
        ),
        Field("stage.slug", "stage.slug", StageWord(), on=CREATE, write_key="stage_slug"),
        Field("stage.name", "stage.name", Text()),
        Field("owner", "owner", OwnerObject(), on=BULK, write_key="owner_id"),
        Field("tags", "labels", Tags(), on=CREATE_AND_UPDATE, limit=Limit(8), clears=True),
        Field("value", "cents", Cents(), on=CREATE_AND_UPDATE, clears=True),
        Field("score", "score", Integer(0, 100), on=CREATE_AND_UPDATE),
        Field("qualified", "qualified", Flag(), on=CREATE_AND_UPDATE, clears=True),
        Field("notes", "notes", Text(), on=CREATE_AND_UPDATE, limit=Limit(300, Unit.BYTES)),
        Field("line", "extra.lead_line", Text(), on=BULK, write_key="lead_line"),
        Field(
            "custom", "extra", CustomFields(frozenset({"lead_line"}), lists=True),
            on=CREATE_AND_UPDATE, limit=Limit(250),
        ),
        Field("created_at", "made", Timestamp()),
        Field("last_interaction_at", "seen", Timestamp(), on=CREATE_AND_UPDATE),
        Field("interaction_count", "touches", Integer()),
    ),
)  # fmt: skip

SUMMIT = RuleSet(
    "summit",
    (
        Field("name", "title", FullName(), on=CREATE_AND_UPDATE, limit=Limit(120, Unit.UTF16)),
        Field("company.name", "company", Text(), on=CREATE_AND_UPDATE, clears=True),
        Field("company.industry", "industry", Text(), on=CREATE_AND_UPDATE),
        Field("emails", "email", Email(), on=CREATE_AND_UPDATE),
        Field("phones", "phone", Phone(), on=CREATE_AND_UPDATE, clears=True),
        Joint(
            ("status", "stage.slug"), ("phase",),
            StageIsStatus(
                "phase",
                Choice(
                    {
                        "new": LeadStatus.NEW,
                        "qualified": LeadStatus.QUALIFIED,
                        "won": LeadStatus.CONVERTED,
                    },
                    LeadStatus.UNKNOWN,
                    open_ended=True,
                ),
            ),
            on=CREATE_AND_UPDATE, limit=Limit(40),
        ),
        Field(
            "source", "source", Choice(SOURCES, LeadSource.OTHER, open_ended=True),
            on=CREATE_AND_UPDATE, limit=Limit(40),
        ),
        Field(
            "capture", "via",
            Choice(CAPTURES, CaptureMethod.UNKNOWN, {CaptureMethod.PHONE_CALL: "phone"}),
            on=CREATE_AND_UPDATE,
        ),
        Field("owner", "owner_id", OwnerId(), on=CREATE_AND_UPDATE),
        Field("qualification.timeline", "timeline", Text(), on=CREATE_AND_UPDATE),
        Field("qualification.completed_at", "done_at", Timestamp(), on=CREATE_AND_UPDATE),
        Field("attribution", "utm", CustomFields(), on=CREATE_AND_UPDATE),
        Field("custom", "fields", CustomFields(), on=CREATE_AND_UPDATE, limit=Limit(40)),
    ),
)  # fmt: skip
