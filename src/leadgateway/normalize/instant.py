"""Instants: aware, in UTC, cut at microseconds; only RFC 3339 and its close spellings are read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from leadgateway.errors import NormalizationError

# Hours and minutes are checked here because readers differ: some take 24:00 and +00:60.
_SHAPE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]"
    r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
    r"(?P<offset>[Zz]|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)?"
)


def instant(text: str, zone: str | tzinfo | None = None) -> datetime:
    """Return the instant in UTC; a text without an offset is read in `zone`, never in ours.

    Where a clock was set back the first reading counts, where it was set forward the old offset.
    """
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise NormalizationError("instant", "not_an_instant", "RFC 3339 is wanted")
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        raise NormalizationError("instant", "no_such_date", "not in the calendar") from None
    if moment.tzinfo is UTC:
        return moment
    if not shape["offset"]:
        moment = moment.replace(tzinfo=_zone(zone))
    try:
        if moment.utcoffset() is None:
            raise NormalizationError("instant", "unknown_zone", "it has no offset for this time")
        return moment.astimezone(UTC)
    except OverflowError:
        raise NormalizationError("instant", "outside_calendar", "years 1 to 9999 in UTC") from None


def _zone(zone: str | tzinfo | None) -> tzinfo:
    if zone is None:
        raise NormalizationError("instant", "naive", "no offset, and no time zone is declared")
    return zone if isinstance(zone, tzinfo) else zone_named(zone)


def zone_named(zone: str) -> ZoneInfo:
    """Return the time zone of that name."""
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise NormalizationError(
            "instant", "unknown_zone", "a name of the IANA time zones is wanted"
        ) from None
