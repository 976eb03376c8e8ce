"""Novala's leads in the shape of MEGA and of v1: the plain fields, by hand, as one would write it.

No rival normalises: what is there is passed on, and what is empty is left out, since both targets
refuse nulls, and dlt and Airbyte leave nulls out of their records. Blanks around an e-mail address
are cut, for MEGA and v1 refuse those as well.
"""

from collections.abc import Callable, Mapping
from typing import Any

PLATFORMS = {"referral": "referral"}


def mega(lead: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a bulk import."""
    return _filled(
        contact_name=_name(lead),
        contact_email=(lead.get("email") or "").strip(),
        contact_phone=lead.get("phone"),
        source_platform=PLATFORMS.get(lead["source"], "direct"),
    )


def v1(lead: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a create."""
    return _filled(
        name=_name(lead),
        company=lead.get("companyName"),
        email=(lead.get("email") or "").strip(),
        source=lead["source"],
    )


MAPPED: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {"bulk": mega, "single": v1}


def _name(lead: Mapping[str, Any]) -> str:
    return f"{lead['firstName']} {lead['lastName']}".strip()


def _filled(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
