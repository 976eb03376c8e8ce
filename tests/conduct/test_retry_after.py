"""Reading `Retry-After`: exact where it is readable, silent where it is not, never an error."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgateway.conduct.retry import retry_after

NOW = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("007", 7.0),
        ("86400", 86400.0),
        ("999999999", 999999999.0),
        ("Tue, 06 May 2031 07:08:16 GMT", 7.0),
        ("Tue, 06 May 2031 07:08:16 -0000", 7.0),
        ("Tue, 06 May 2031 09:08:16 +0200", 7.0),
        ("Tuesday, 06-May-31 07:08:16 GMT", 7.0),
        ("Tue May  6 07:08:16 2031", 7.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
    ],
)
def test_both_forms_are_read(text, seconds):
    found = retry_after(text, NOW)
    if seconds is None:
        assert found > 200_000_000_000
    else:
        assert found == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 7",
        "7 ",
        "1.5",
        "-5",
        "+5",
        "nan",
        "inf",
        "1e3",
        "1_000",
        "٧",
        "９",
        "0x10",
        "9" * 5000,
        "Tue, 06 May 99999 07:08:16 GMT",
        "Tue, 99 May 2031 07:08:16 GMT",
        "Tue, 06 May 2031 25:08:16 GMT",
        "Tue, 06 May 2031 07:08:16 +9999999",
        "Tue, 06 Mai 2031 07:08:16 GMT\n",
        "tomorrow",
        "Tue, ٠٦ May 2031 07:08:16 GMT",
    ],
)
def test_everything_else_is_no_header(text):
    assert retry_after(text, NOW) is None


@given(st.one_of(st.text(max_size=60), st.from_regex(r"[A-Z][a-z]{2}, \d\d? \w+ \d+ \S+ \S+")))
def test_no_text_is_an_error(text):
    seconds = retry_after(text, NOW)
    assert seconds is None or seconds >= 0


@given(
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2099, 1, 1)),  # noqa: DTZ001 - made aware below
    st.integers(-14, 14),
)
def test_a_date_is_honoured_in_any_zone(moment, hours):
    moment = moment.replace(microsecond=0, tzinfo=timezone(timedelta(hours=hours)))
    text = moment.strftime("%a, %d %b %Y %H:%M:%S %z")
    assert retry_after(text, NOW) == max(0.0, (moment - NOW).total_seconds())
