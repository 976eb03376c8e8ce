"""The simulated lead: its fields, what a create takes, and what the invented ones look like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from leadgateway.simulator import (
    Check,
    Person,
    Row,
    Tenant,
    checks,
    in_seconds,
    number_from,
    pick,
    uuid_from,
)

DEFAULT_STAGE = "Novo lead"
_STAGES = (
    *(DEFAULT_STAGE,) * 3,
    "Em contato",
    "Qualificado",
    "Proposta enviada",
    "Ganho",
    "Perdido",
)
_OWNED_PER_CENT = 70
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")


def _e164(value: object) -> str | None:
    right = isinstance(value, str) and _E164.fullmatch(value) is not None
    return None if right else "must be a number in E.164"


CREATE: Mapping[str, Check] = {  # seed 000
    "contact_name": checks.text(200),
    "company_name": checks.text(200),
    "email": checks.email,
    "phone": _e164,
    "pipeline_id": checks.uuid,
    "owner_id": checks.uuid,
    "tags": checks.texts,
    "value_cents": checks.integer(),
}
STORED: Mapping[str, Check] = {  # seed 000
    "id": checks.uuid,
    "contact_name": checks.text(),
    "company_name": checks.nullable(checks.text()),
    "email": checks.nullable(checks.text()),
    "phone": checks.nullable(checks.text()),
    "pipeline_id": checks.uuid,
    "stage": checks.text(),
    "owner_id": checks.nullable(checks.uuid),
    "tags": checks.texts,
    "value_cents": checks.nullable(checks.integer()),
    "created_at": checks.instant,
    "updated_at": checks.instant,
}


def pipelines(tenant: Tenant) -> tuple[str, str]:
    """The ids of an organization's pipelines; no endpoint lists them."""
    return uuid_from(tenant.id, "pipeline", 1), uuid_from(tenant.id, "pipeline", 2)


def blank(tenant: Tenant, lead_id: str, at: datetime) -> Row:
    """A nameless lead that has just entered the first pipeline."""
    return {
        "id": lead_id,
        "contact_name": "",
        "company_name": None,
        "email": None,
        "phone": None,
        "pipeline_id": pipelines(tenant)[0],
        "stage": DEFAULT_STAGE,
        "owner_id": None,
        "tags": [],
        "value_cents": None,
        "created_at": in_seconds(at),
        "updated_at": in_seconds(at),
    }


def invented(person: Person, tenant: Tenant) -> Row:
    """Contacts as a team keeps them: mostly E.164, now and then what somebody pasted."""
    about = (tenant.seed, person.index)
    owned = number_from(100, "owned", *about) < _OWNED_PER_CENT
    first, second = pipelines(tenant)
    team = tuple(uuid_from(tenant.id, "member", each) for each in range(4))
    return {
        "id": uuid_from(tenant.id, "lead", person.index),
        "contact_name": person.full_name.strip(),
        "company_name": None if person.company is None else person.company[:200].rstrip(),
        "email": None if person.email is None else person.email.strip(),
        "phone": person.phone_e164 or person.phone_as_typed,
        "pipeline_id": pick((first, first, second), *about),
        "stage": pick(_STAGES, "stage", *about),
        "owner_id": pick(team, "owner", *about) if owned else None,
        "tags": list(person.tags),
        "value_cents": person.value_cents,
        "created_at": in_seconds(person.created_at),
        "updated_at": in_seconds(person.updated_at),
    }
