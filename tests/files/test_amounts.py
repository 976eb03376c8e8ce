"""Numbers as people write them: one reading or none."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgateway.errors import NormalizationError
from leadgateway.files.amounts import flag, money, number, whole_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("-12", "-12"),
        ("+12", "12"),
        ("1999.99", "1999.99"),
        ("1999,99", "1999.99"),
        ("1,999.90", "1999.90"),
        ("1.999,90", "1999.90"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1 234 567,5", "1234567.5"),
        ("1\u00a0234", "1234"),
        ("1'234.50", "1234.50"),
        ("1999.999", "1999.999"),
        ("12.5", "12.5"),
        ("00012", "12"),
    ],
)
def test_a_number_with_one_reading_is_read(text, value):
    assert number(text, None) == Decimal(value)


@pytest.mark.parametrize(("mark", "value"), [(".", "1.999"), (",", "1999")])
def test_a_declared_mark_settles_what_has_two_readings(mark, value):
    with pytest.raises(NormalizationError, match="ambiguous_number"):
        number("1.999", None)
    assert number("1.999", mark) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", "abc", "1.2.3", "1,23,456", "1 2", "--1", "1e5", "٣", "9" * 61, "1.", "NaN"]
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(NormalizationError, match="not_a_number"):
        number(text, None)


@given(st.decimals(-(10**12), 10**12, places=2))
def test_both_ways_to_write_a_number_read_the_same(value):
    assert number(f"{value:,.2f}", None) == value
    assert number(f"{value:,.2f}".translate(str.maketrans(".,", ",.")), None) == value


def test_whole_numbers():
    assert whole_number("85.0", None) == 85
    with pytest.raises(NormalizationError, match="not_a_whole_number"):
        whole_number("8.5", None)


@pytest.mark.parametrize(
    ("text", "said"), [("Yes", True), ("TRUE", True), ("1", True), ("sim", True), ("não", False)]
)
def test_flags(text, said):
    assert flag(text) is said


def test_a_word_that_is_no_flag_is_refused():
    with pytest.raises(NormalizationError, match="neither_yes_nor_no"):
        flag("maybe")


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("10", "10", None),
        ("R$ 1.999,90", "1999.90", "BRL"),
        ("US$10", "10", "USD"),
        ("$ 10", "10", None),
        ("10 €", "10", "EUR"),
        ("-£5.50", "-5.50", "GBP"),
        ("BRL 12", "12", "BRL"),
        ("12 CHF", "12", "CHF"),
    ],
)
def test_money_with_a_currency_that_is_sure(text, amount, currency):
    assert money(text, None) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ten", "not_a_number"),
        ("R$ 10 BRL", "not_a_number"),
        ("10%", "unknown_currency"),
        ("bucks 10", "unknown_currency"),
        ("R$", "not_a_number"),
        ("10 20 XYZ 3", "not_a_number"),
        ("R$ 1.999", "ambiguous_number"),
    ],
)
def test_money_that_is_none_is_refused(text, code):
    with pytest.raises(NormalizationError, match=code):
        money(text, None)
