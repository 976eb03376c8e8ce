"""The addresses and headers of the two simulators, for every rival the same."""

from collections.abc import Mapping
from typing import Any

PAGE = 100
"""Novala's largest page."""
BATCH = 500
"""MEGA's largest batch."""


def headers(settings: Mapping[str, Any]) -> dict[str, str]:
    """What the vendor asks for with every request."""
    found = {"Authorization": f"Bearer {settings['token']}"}
    if "customer_id" in settings:
        found["x-customer-id"] = settings["customer_id"]
    return found


def source_url(settings: Mapping[str, Any]) -> str:
    """Where Novala lists its leads."""
    return f"{settings['base_url']}/leads"


def target_url(settings: Mapping[str, Any], work: str) -> str:
    """Where MEGA takes a batch, or v1 a lead."""
    if work == "bulk":
        return f"{settings['base_url']}/api/agents/crm/leads/bulk"
    return f"{settings['base_url']}/leads"


def check_batch(answer: Mapping[str, Any]) -> int:
    """How many rows were taken; RuntimeError if MEGA refused one."""
    summary = answer["summary"]
    if summary["failed"]:
        raise RuntimeError(f"rows were refused: {answer}")
    return int(summary["total"])
