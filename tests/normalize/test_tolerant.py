"""Reading never fails: what has no canonical form is kept as typed and reported."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgateway import normalize
from leadgateway.normalize import tolerant
from leadgateway.values import EmailAddress, Issue, PersonName, PhoneNumber, PhoneValidity

ANY_TEXT = st.text(st.characters(codec=None), max_size=40)


def test_what_is_canonical_is_read_without_an_issue() -> None:
    issues: list[Issue] = []
    assert tolerant.name("Ana Souza", issues) == normalize.name("Ana Souza")
    assert tolerant.email("Ana@B.com", issues) == normalize.email("Ana@B.com")
    assert tolerant.phone("(11) 96123-4567", "BR", issues) == (
        normalize.phone("(11) 96123-4567", "BR")
    )
    assert issues == []


def test_a_name_without_a_canonical_form_is_kept_whole() -> None:
    issues: list[Issue] = []
    assert tolerant.name("Ana\0 Souza", issues) == PersonName(full="Ana\0 Souza")
    assert [(issue.path, issue.code) for issue in issues] == [("name", "control_character")]


def test_an_e_mail_address_that_is_none_is_kept_as_typed() -> None:
    issues: list[Issue] = []
    assert tolerant.email("ana at b.com", issues) == EmailAddress(raw="ana at b.com")
    assert [(issue.path, issue.code) for issue in issues] == [("emails", "invalid")]
    assert "ana" not in issues[0].detail


def test_an_internationalised_address_is_reported_and_can_still_be_matched() -> None:
    issues: list[Issue] = []
    assert tolerant.email("Jo\u0308rg@B.com", issues) == (
        EmailAddress(raw="Jo\u0308rg@B.com", key="jörg@b.com")
    )
    assert [issue.code for issue in issues] == ["smtputf8"]


@pytest.mark.parametrize(
    ("text", "validity"),
    [
        ("020 8366 1177", PhoneValidity.NO_REGION),
        ("+999 1234567", PhoneValidity.INVALID),
        ("n/a", PhoneValidity.NOT_A_PHONE),
        ("+14155552671 / +14155552672", PhoneValidity.TWO_NUMBERS),
        ("4155552671.0", PhoneValidity.SPREADSHEET_NUMBER),
    ],
)
def test_a_phone_that_is_none_says_why(text: str, validity: PhoneValidity) -> None:
    issues: list[Issue] = []
    assert tolerant.phone(text, None, issues) == PhoneNumber(raw=text, validity=validity)
    assert [(issue.path, issue.code) for issue in issues] == [("phones", validity)]


def test_the_region_a_number_was_read_in_is_kept() -> None:
    assert tolerant.phone("123", "US", []).region == "US"


def test_an_unknown_region_is_reported_and_an_international_number_is_still_read() -> None:
    issues: list[Issue] = []
    assert tolerant.phone("+14155552671", "Brazil", issues).e164 == "+14155552671"
    assert tolerant.phone("4155552671", "Brazil", issues).region is None
    assert [issue.code for issue in issues] == ["unknown_region", "unknown_region", "no_region"]


def test_half_a_character_is_kept_as_its_escape() -> None:
    issues: list[Issue] = []
    assert tolerant.name("Ana \ud83d", issues).full == r"Ana \ud83d"
    assert tolerant.email("\ud83d@b.com", issues).raw == r"\ud83d@b.com"
    assert tolerant.phone("123\ud83d", None, issues).raw == r"123\ud83d"
    assert [issue.code for issue in issues] == ["surrogate"] * 3


@given(ANY_TEXT, st.none() | st.text(max_size=3))
def test_no_text_whatever_is_an_error(text: str, region: str | None) -> None:
    issues: list[Issue] = []
    kept = (
        tolerant.name(text, issues).full,
        tolerant.email(text, issues).raw,
        tolerant.phone(text, region, issues).raw,
    )
    assert set(kept) == {text.encode("utf-8", "backslashreplace").decode()}
