"""Instants in UTC; nothing is guessed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgateway.errors import NormalizationError
from leadgateway.normalize import instant

NOON = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def code_of(text: str, zone: str | tzinfo | None = None) -> str:
    with pytest.raises(NormalizationError) as caught:
        instant(text, zone)
    return caught.value.code


def answer_or_code(text: str) -> datetime | str:
    try:
        return instant(text)
    except NormalizationError as error:
        return error.code


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01T12:00:00Z",
        "2026-01-01t12:00:00z",
        "2026-01-01T12:00:00+00:00",
        "2026-01-01T12:00:00-00:00",
        "2026-01-01T12:00:00+0000",
        "2026-01-01 12:00:00+00",
        "2026-01-01T12:00Z",
        "2026-01-01T12:00:00.0000000Z",
        "2026-01-01T09:00:00-03:00",
        "2026-01-01T17:45:00+0545",
    ],
)
def test_one_instant_has_many_spellings(text: str) -> None:
    moment = instant(text)
    assert moment == NOON
    assert moment.tzinfo is UTC


@pytest.mark.parametrize("digits", ["123456", "1234567", "12345678", "123456999"])
def test_precision_is_cut_at_microseconds(digits: str) -> None:
    assert instant(f"2026-01-01T12:00:00.{digits}Z").microsecond == 123456


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01/02/2026",
        "2026-01-01",
        "2026-01-01T23:59:60Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T12:60:00Z",
        "2026-01-01T12:00:00+99:00",
        "2026-01-01T12:00:00+00:60",
        "2026-01-01T12:00:00+00:00:30",
        "2026-01-01T12:00:00.Z",
        "2026-01-01T12:00:00.1234567890Z",
        "2026-01-01T12:00:00Z\n",
        " 2026-01-01T12:00:00Z",
        "２０２６-01-01T12:00:00Z",
        "0",
        "-1",
        "1767268800",
        "1767268800000",
        "20260101",
        "20260101T120000Z",
        "2026-W01-1",
        "2026-W01-1T12:00:00Z",
        "2026-001T12:00:00Z",
        "now",
    ],
)
def test_what_is_not_an_instant_is_never_guessed(text: str) -> None:
    assert code_of(text) == "not_an_instant"


@pytest.mark.parametrize("day", ["2026-02-30", "2025-02-29", "2026-13-01", "0000-01-01"])
def test_a_day_outside_the_calendar_is_refused(day: str) -> None:
    assert code_of(f"{day}T00:00:00Z") == "no_such_date"


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_an_instant_that_utc_cannot_write_has_a_code(text: str) -> None:
    assert code_of(text) == "outside_calendar"


def test_a_text_without_offset_needs_a_declared_zone() -> None:
    assert code_of("2026-01-01T12:00:00") == "naive"
    assert instant("2026-01-01T09:00:00", "America/Sao_Paulo") == NOON
    assert instant("2026-01-01T14:00:00", timezone(timedelta(hours=2))) == NOON


def test_a_written_offset_wins_over_the_declared_zone() -> None:
    assert instant("2026-01-01T12:00:00Z", "America/Sao_Paulo") == NOON


def test_the_local_zone_of_this_machine_never_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert code_of("2026-01-01T12:00:00") == "naive"


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),  # read twice: the first reading
        ("2026-03-29T02:30:00", "2026-03-29T01:30:00Z"),  # never read: the old offset
    ],
)
def test_a_clock_change_is_read_by_one_rule(local: str, utc: str) -> None:
    assert instant(local, "Europe/Berlin") == instant(utc)


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "America", "a\0b", "\ud800"]
)
def test_an_unknown_zone_has_a_code(zone: str) -> None:
    assert code_of("2026-01-01T12:00:00", zone) == "unknown_zone"


def test_a_zone_without_an_offset_is_not_taken_for_the_local_one() -> None:
    class Nowhere(tzinfo):
        def utcoffset(self, _moment: datetime | None) -> None:
            return None

        dst = tzname = utcoffset

    assert code_of("2026-01-01T12:00:00", Nowhere()) == "unknown_zone"


@given(st.datetimes(timezones=st.just(UTC)))
def test_the_canonical_form_is_read_as_itself(moment: datetime) -> None:
    assert instant(moment.isoformat()) == moment


@given(
    st.text(st.characters(codec=None), max_size=40)
    | st.from_regex(r"[0-9]{4}-[0-1][0-9]-[0-3][0-9]T[0-9:.]{1,20}([zZ]|[+-][0-9:]{1,6})?")
)
def test_any_text_has_an_answer_or_a_code(text: str) -> None:
    found = answer_or_code(text)
    assert isinstance(found, str) or instant(found.isoformat()) == found


def test_a_huge_text_has_a_code() -> None:
    assert code_of("2026-01-01T12:00:00." + "1" * 1_000_000) == "not_an_instant"
