"""MEGA's leads as the simulator keeps them: vocabularies, the stored shape, seeding, matching."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache

from leadgateway.simulator import (
    Person,
    Row,
    Tenant,
    checks,
    hex_from,
    in_millis,
    number_from,
    pick,
    uuid_from,
)

PLATFORMS = (  # seed 001
    "google_ads",
    "meta_ads",
    "google_organic",
    "direct",
    "referral",
    "hubspot",
    "zoho",
    "ghl",
    "shopify",
    "zenmaid",
    "lead_docket",
    "salesforce",
)
TYPES = ("form", "phone_call", "email", "chat", "sms", "manual", "import")  # seed 001
LINES = ("buyer", "seller")  # openapi.json
CUSTOM_SLUGS = (  # this customer's own definitions: the API neither lists nor makes any
    "company_name",
    "industry",
    "budget",
    "intent",
    "notes",
    "tags",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "newsletter",
    "bedrooms",
    "external_ref",
)
# The vendor names no default for an omitted source; required strings need one.
DEFAULT_PLATFORM, DEFAULT_TYPE = "direct", "manual"

_STATUSES = ("active",) * 6 + ("won", "lost", "nurture", "archived")
_STAGES = (
    ("new", "New", None),
    ("contacted", "Contacted", "#2f80ed"),
    ("viewing", "Viewing booked", "#f2994a"),
    ("offer", "Offer made", "#bb6bd9"),
    ("closed", "Closed", "#27ae60"),
)
_TEAM = (
    ("Priya Raman", "Closer"),
    ("Jonas Lindqvist", "Setter"),
    ("Amara Diallo", "Closer"),
    ("Wei Zhang", None),
)
_CLICKS = {"gclid": "google_ads", "fbclid": "meta_ads"}
_QUALIFIED_FROM = 60
LAST_DIGITS = 10  # dev.gomega.ai/push-leads

_NO_DIGITS = re.compile("[^0-9]+")
_text_or_null = checks.nullable(checks.text())

SHAPE = {
    "id": checks.text(shortest=1),
    "customer_id": checks.text(),
    "contact_name": _text_or_null,
    "contact_phone": _text_or_null,
    "contact_email": _text_or_null,
    "source_platform": checks.text(),
    "source_type": checks.text(),
    "status": checks.text(),
    "score": checks.nullable(checks.integer()),
    "qualified": checks.nullable(checks.flag),
    "current_stage": checks.nullable(checks.mapping),
    "owner": checks.nullable(checks.mapping),
    "last_interaction_at": checks.nullable(checks.printed_by(in_millis)),
    "interaction_count": checks.integer(0),
    "created_at": checks.printed_by(in_millis),
    "updated_at": checks.printed_by(in_millis),
    "custom_fields": checks.scalars,
}


@cache
def stages(seed: int) -> dict[str, Row]:
    """The customer's pipeline by slug; a new lead enters the first."""
    return {
        slug: {"id": uuid_from(seed, "stage", slug), "slug": slug, "name": name, "color": color}
        for slug, name, color in _STAGES
    }


@cache
def team(seed: int) -> dict[str, Row]:
    """The customer's team members by id."""
    members = (
        {"id": uuid_from(seed, "member", name), "name": name, "role_name": role}
        for name, role in _TEAM
    )
    return {str(member["id"]): member for member in members}


def email_key(row: Row) -> str | None:
    """What a lead is matched by first."""
    address = row.get("contact_email")
    return address.strip().casefold() or None if address else None


def digits_of(text: str) -> str:
    """The digits 0 to 9 of a text, whatever stands between them."""
    return _NO_DIGITS.sub("", text)


def phone_key(row: Row) -> str | None:
    """The last ten digits; a shorter number matches nothing, which the vendor leaves open."""
    digits = digits_of(row.get("contact_phone") or "")
    return digits[-LAST_DIGITS:] if len(digits) >= LAST_DIGITS else None


def blank_lead(tenant: Tenant, lead_id: str, at: datetime) -> Row:
    """A lead as a bare create leaves it."""
    return {
        "id": lead_id,
        "customer_id": tenant.id,
        "contact_name": None,
        "contact_phone": None,
        "contact_email": None,
        "source_platform": DEFAULT_PLATFORM,
        "source_type": DEFAULT_TYPE,
        "status": "active",
        "score": None,
        "qualified": None,
        "current_stage": next(iter(stages(tenant.seed).values())),
        "owner": None,
        "last_interaction_at": None,
        "interaction_count": 0,
        "created_at": in_millis(at),
        "updated_at": in_millis(at),
        "custom_fields": {},
    }


def seeded_lead(person: Person, tenant: Tenant) -> Row:
    """One invented person as a lead with a history at MEGA."""
    seed, index = tenant.seed, person.index
    score = pick((person.score, person.score, None), seed, "scored", index)
    interactions = number_from(9, seed, "interactions", index)
    clicked = [_CLICKS[name] for name in person.utm if name in _CLICKS]
    owners = (None, *team(seed).values())
    return blank_lead(tenant, uuid_from(seed, "lead", index), person.created_at) | {
        "contact_name": person.full_name or None,
        "contact_phone": person.phone_as_typed,
        "contact_email": person.email,
        "source_platform": clicked[0] if clicked else pick(PLATFORMS, seed, "platform", index),
        "source_type": pick(TYPES, seed, "type", index),
        "status": pick(_STATUSES, seed, "status", index),
        "score": score,
        "qualified": None if score is None else score >= _QUALIFIED_FROM,
        "current_stage": pick(tuple(stages(seed).values()), seed, "stage", index),
        "owner": pick(owners, seed, "owner", index),
        "last_interaction_at": in_millis(person.updated_at) if interactions else None,
        "interaction_count": interactions,
        "updated_at": in_millis(person.updated_at),
        "custom_fields": _custom_fields(person, seed),
    }


def _custom_fields(person: Person, seed: int) -> Row:
    index = person.index
    told: Row = {
        "company_name": person.company,
        "industry": person.industry,
        # The vendor's own samples store a number as text.
        "budget": None if person.value_cents is None else str(person.value_cents // 100),
        "intent": person.intent,
        "notes": person.notes,
        "external_ref": hex_from(8, seed, "ref", index) if index % 5 == 0 else None,
        "lead_line": pick((*LINES, None), seed, "line", index),
        "newsletter": pick((True, False, None), seed, "newsletter", index),
        "bedrooms": pick((1, 2, 3, 4, None), seed, "bedrooms", index),
    }
    told |= {name: value for name, value in person.utm.items() if name in CUSTOM_SLUGS}
    return {slug: value for slug, value in told.items() if value is not None}
