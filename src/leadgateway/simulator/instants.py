"""Timestamps as vendors print and read them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


def utc_now() -> datetime:
    """The real time, the default clock of a simulator."""
    return datetime.now(UTC)


def in_seconds(at: datetime) -> str:
    """`2031-02-03T08:00:00Z`: any fraction is cut."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(256)
def in_millis(at: datetime) -> str:
    """`2031-02-03T08:00:00.000Z`: finer fractions are cut."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_instant(text: str) -> datetime | None:
    """An RFC 3339 date-time in UTC; None for any other text, one without a zone included."""
    if len(text) < len("2031-02-03T08:00:00Z") or text[10] not in "Tt":
        return None
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
