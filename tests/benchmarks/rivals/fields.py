"""Novala's leads in the shape of MEGA and of v1: every field that the target has a place for.

By hand, as one would write it. No rival normalises: what is there is passed on, and what is empty
is left out, since both targets refuse nulls, and dlt and Airbyte leave nulls out of their records.
An e-mail address that is plainly none is left out too, for MEGA and v1 refuse a lead with it.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

PLATFORMS = {"referral": "referral"}
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def mega(lead: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a bulk import; what MEGA has no field for goes into custom fields."""
    return _filled(
        contact_name=_name(lead),
        contact_email=_address(lead),
        contact_phone=lead.get("phone"),
        source_platform=PLATFORMS.get(lead["source"], "direct"),
        custom_fields=_filled(
            **lead["customFields"],
            company_name=lead.get("companyName"),
            intent=lead.get("intent"),
            notes=lead.get("notes"),
        ),
    )


def v1(lead: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a create; v1 has no custom fields, but an industry."""
    return _filled(
        name=_name(lead),
        company=lead.get("companyName"),
        email=_address(lead),
        source=lead["source"],
        industry=lead["customFields"].get("industry"),
        pipeline_stage=lead["status"],
    )


MAPPED: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {"bulk": mega, "single": v1}


def _name(lead: Mapping[str, Any]) -> str:
    return f"{lead['firstName']} {lead['lastName']}".strip()


def _address(lead: Mapping[str, Any]) -> str | None:
    text = (lead.get("email") or "").strip()
    return text if ADDRESS.fullmatch(text) else None


def _filled(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "")}
