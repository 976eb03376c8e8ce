"""Which field of the v1 leads API stands for which part of a Lead, and what it may hold."""

from __future__ import annotations

from leadgateway.mapping import (
    CREATE_AND_UPDATE,
    UPDATE,
    Choice,
    Email,
    Field,
    FullName,
    Integer,
    Joint,
    Needs,
    RuleSet,
    StageIsStatus,
    Text,
    Timestamp,
)
from leadgateway.taxonomy import LeadSource, LeadStatus

SEED = "seed 003"

# Seed 003 shows these three and publishes no list: any other text is kept as it is.
STATUS = Choice(
    {
        "new": LeadStatus.NEW,
        "qualified": LeadStatus.QUALIFIED,
        "won": LeadStatus.CONVERTED,
    },
    LeadStatus.UNKNOWN,
    open_ended=True,
)

# Seed 003 shows google_ads and website; the others are read as the words they are elsewhere.
SOURCE = Choice(
    {
        "google_ads": LeadSource.PAID_SEARCH,
        "meta_ads": LeadSource.PAID_SOCIAL,
        "google_organic": LeadSource.ORGANIC_SEARCH,
        "direct": LeadSource.DIRECT,
        "referral": LeadSource.REFERRAL,
        "website": LeadSource.WEBSITE,
        "hubspot": LeadSource.EXTERNAL_SYSTEM,
        "zoho": LeadSource.EXTERNAL_SYSTEM,
        "ghl": LeadSource.EXTERNAL_SYSTEM,
        "shopify": LeadSource.EXTERNAL_SYSTEM,
        "zenmaid": LeadSource.EXTERNAL_SYSTEM,
        "lead_docket": LeadSource.EXTERNAL_SYSTEM,
        "salesforce": LeadSource.EXTERNAL_SYSTEM,
    },
    LeadSource.OTHER,
    # Paid search need not be Google's: what says less than a word is written as itself.
    preferred={
        source: str(source)
        for source in (
            LeadSource.PAID_SEARCH,
            LeadSource.PAID_SOCIAL,
            LeadSource.ORGANIC_SEARCH,
            LeadSource.EXTERNAL_SYSTEM,
        )
    },
    open_ended=True,
)

RULES = RuleSet(
    "v1_leads",
    (
        Field("name", "name", FullName(), on=CREATE_AND_UPDATE, origin=SEED),
        Field("company.name", "company", Text(), on=CREATE_AND_UPDATE, origin=SEED),
        Field("company.industry", "industry", Text(), on=CREATE_AND_UPDATE, origin=SEED),
        # Only null was ever shown: a text is read, anything else is reported and stays in raw.
        Field("company.size", "company_size", Text(), on=UPDATE, origin=SEED),
        Field("emails", "email", Email(), on=CREATE_AND_UPDATE, origin=SEED),
        Joint(
            ("status", "stage.slug"), ("pipeline_stage",), StageIsStatus("pipeline_stage", STATUS),
            on=CREATE_AND_UPDATE, origin=SEED,
        ),
        Field("source", "source", SOURCE, on=CREATE_AND_UPDATE, origin=SEED),
        Field("score", "lead_score", Integer(0, 100), on=UPDATE, origin=SEED),
        Field("qualification.pain_points", "pain_points", Text(), on=UPDATE, origin=SEED),
        Field("qualification.timeline", "timeline", Text(), on=UPDATE, origin=SEED),
        Field("qualification.budget_range", "budget_range", Text(), on=UPDATE, origin=SEED),
        Field("qualification.reasoning", "ai_reasoning", Text(), on=UPDATE, origin=SEED),
        Field(
            "qualification.completed_at", "qualification_completed_at", Timestamp(), origin=SEED
        ),
        Field("created_at", "created_at", Timestamp(), origin=SEED),
        Field("updated_at", "updated_at", Timestamp(), origin=SEED),
    ),
    needs=(Needs((("email",), ("name", "company")), origin=SEED),),
)  # fmt: skip
