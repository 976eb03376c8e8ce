"""The simulated lead: its fields, what may be written, and what the invented ones look like."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from leadgateway.simulator import (
    Check,
    Person,
    Row,
    Tenant,
    checks,
    in_millis,
    number_from,
    pick,
    uuid_from,
)

_TEXT = checks.text()
_TEXT_OR_NULL = checks.nullable(_TEXT)
_QUALIFICATION = ("pain_points", "timeline", "budget_range", "ai_reasoning")

STORED: Mapping[str, Check] = {  # seed 003
    "id": _TEXT,
    "organization_id": _TEXT,
    "name": _TEXT_OR_NULL,
    "company": _TEXT_OR_NULL,
    "email": _TEXT_OR_NULL,
    "source": _TEXT_OR_NULL,
    "lead_score": checks.integer(0, 100),
    "pipeline_stage": _TEXT,
    "industry": _TEXT_OR_NULL,
    "company_size": _TEXT_OR_NULL,
    **dict.fromkeys(_QUALIFICATION, _TEXT_OR_NULL),
    "qualification_completed_at": checks.nullable(checks.instant),
    "created_at": checks.instant,
    "updated_at": checks.instant,
}
CREATE: Mapping[str, Check] = {  # seed 003
    **dict.fromkeys(("name", "company", "source", "industry", "pipeline_stage"), _TEXT),
    "email": checks.email,
}
UPDATE: Mapping[str, Check] = {  # seed 003
    **CREATE,
    **dict.fromkeys(("company_size", *_QUALIFICATION), _TEXT),
    "lead_score": checks.integer(0, 100),
}

_NOT_LISTED = frozenset({*_QUALIFICATION, "qualification_completed_at"})
_NOT_IN_UPDATE = _NOT_LISTED | {"industry", "company_size", "created_at"}

_SOURCES_BY_CHANNEL = {
    "cpc": "google_ads",  # seed 003
    "paid_social": "meta_ads",
    "organic": "google_organic",
    "email": "newsletter",
    "referral": "referral",
}
_OTHER_SOURCES = (
    *("website",) * 3,  # seed 003
    "direct",
    "trade show 2025",
    "Indicação",
    "hubspot",
)

# seed 003: new, qualified, won; the rest is what an open vocabulary collects
_STAGES = (
    *("new",) * 5,
    *("qualified",) * 3,
    *("won",) * 2,
    "contacted",
    "proposal_sent",
    "lost",
    "Follow Up",
)
_COMPANY_SIZES = (None, None, "1-10", "11-50", "51-200", "enterprise")
_PAIN_POINTS = (
    "Water comes in at the chimney after heavy rain",
    "Current supplier answers after days; two outages this month",
    "Orçamentos demoram e ninguém retorna as ligações",
    "Too many spreadsheets, nobody knows which one is right",
    "見積もりの比較に時間がかかる",
)
_TIMELINES = ("this_week", "this_month", "next_quarter", "exploring", None)  # seed 003: this_week
_BUDGETS = (None, None, "under_5k", "5k-15k", "€ 20.000+", "flexible")
_REASONINGS = (
    "High urgency: active damage, decision maker on the phone",
    "Fits the service area; budget not confirmed",
    "Low intent: asked for the price list only",
    "Existing customer of a partner, warm introduction",
)


def listed(row: Row) -> Row:
    """The twelve fields of a list row and of a create's answer."""
    return {name: value for name, value in row.items() if name not in _NOT_LISTED}


def updated(row: Row) -> Row:
    """The nine fields of an update's answer."""
    return {name: value for name, value in row.items() if name not in _NOT_IN_UPDATE}


def blank(tenant: Tenant, lead_id: str, at: datetime) -> Row:
    """A lead that nobody has looked at."""
    return {
        "id": lead_id,
        "organization_id": tenant.id,
        "name": None,
        "company": None,
        "email": None,
        "source": None,
        "lead_score": 0,  # seed 003: a fresh lead
        "pipeline_stage": "new",
        "industry": None,
        "company_size": None,
        **dict.fromkeys(_QUALIFICATION),
        "qualification_completed_at": None,
        "created_at": in_millis(at),
        "updated_at": in_millis(at),
    }


def invented(person: Person, tenant: Tenant) -> Row:
    """A lead of an organization that takes what comes in, about half of them qualified."""
    about = (tenant.seed, person.index)
    channel = _SOURCES_BY_CHANNEL.get(person.utm.get("utm_medium", ""))
    anonymous = person.email is not None and number_from(40, "anonymous", *about) == 0
    return {
        **blank(tenant, uuid_from(tenant.id, "lead", person.index), person.created_at),
        "name": None if anonymous else person.full_name,
        "company": person.company,
        "email": None if person.email is None else person.email.strip(),
        "source": channel or pick(_OTHER_SOURCES, "source", *about),
        "lead_score": person.score,
        "pipeline_stage": pick(_STAGES, "stage", *about),
        "industry": person.industry,
        "company_size": pick(_COMPANY_SIZES, "size", *about),
        **_qualified(person, about),
        "updated_at": in_millis(person.updated_at),
    }


def _qualified(person: Person, about: tuple[int, int]) -> Row:
    # A change after the creation is what the qualification left behind.
    if person.updated_at == person.created_at or number_from(4, "qualified", *about) == 0:
        return {}
    return {
        "pain_points": pick(_PAIN_POINTS, "pain", *about),
        "timeline": pick(_TIMELINES, "timeline", *about),
        "budget_range": pick(_BUDGETS, "budget", *about),
        "ai_reasoning": pick(_REASONINGS, "reasoning", *about),
        "qualification_completed_at": in_millis(person.updated_at),
    }
