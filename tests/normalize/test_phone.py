"""Phone numbers: the library's answer where it can be trusted, a reason where it cannot."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from leadgateway.errors import NormalizationError
from leadgateway.normalize import phone
from leadgateway.normalize.phone import _BETWEEN, _SPREADSHEET, _parsed
from leadgateway.normalize.plain_phone import NATIONAL
from leadgateway.values import PhoneNumber, PhoneValidity

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
TYPES = sorted(PhoneNumberType.values())
MESSY = st.text(
    st.sampled_from("0123456789+ -().,;/x#e\u00a0\u200e\u0661\uff11\u096bE@&"), max_size=40
)
ANY_TEXT = st.text(st.characters(codec=None), max_size=60) | MESSY


def code_of(text: str, region: str | None = None) -> str:
    with pytest.raises(NormalizationError) as caught:
        phone(text, region)
    assert not text.strip() or text not in str(caught.value)
    return caught.value.code


def answer_or_code(text: str, region: str | None) -> PhoneNumber | str:
    try:
        return phone(text, region)
    except NormalizationError as error:
        return error.code


def read_by_the_library(text: str, region: str | None) -> tuple[str, str | None, bool]:
    number = phonenumbers.parse(text, region)
    assert phonenumbers.is_valid_number(number)
    premium = phonenumbers.number_type(number) == PhoneNumberType.PREMIUM_RATE
    return phonenumbers.format_number(number, PhoneNumberFormat.E164), number.extension, premium


def examples() -> list[tuple[str, phonenumbers.PhoneNumber]]:
    found = [
        (region, phonenumbers.example_number_for_type(region, kind))
        for region in REGIONS
        for kind in TYPES
    ]
    entities = [
        ("US", phonenumbers.example_number_for_non_geo_entity(code))
        for code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS
    ]
    return [(region, number) for region, number in (*found, *entities) if number is not None]


EXAMPLES = examples()


@pytest.mark.parametrize(
    "form", [PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.RFC3966]
)
def test_every_example_number_of_every_country_is_read_as_the_library_reads_it(form: int) -> None:
    assert len(EXAMPLES) > 1_300
    for _region, number in EXAMPLES:
        text = phonenumbers.format_number(number, form)
        ours = phone(text)
        assert (ours.e164, ours.extension, ours.validity is PhoneValidity.PREMIUM) == (
            read_by_the_library(text, None)
        )


def test_every_national_example_is_read_as_the_library_reads_it() -> None:
    compared = 0
    for region, number in EXAMPLES:
        text = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
        if phonenumbers.region_code_for_number(number) == region:
            parsed = phonenumbers.parse(text, region)
            if phonenumbers.is_valid_number(parsed):
                assert phone(text, region).e164 == read_by_the_library(text, region)[0]
                compared += 1
    assert compared > 1_000


@pytest.mark.parametrize(
    "label", [" x77", " ext. 77", ";ext=77", " #77", " доб. 77", ",,77", ",77"]
)
def test_every_example_keeps_its_extension_apart(label: str) -> None:
    for _region, number in EXAMPLES:
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        ours = phone(e164 + label)
        assert (ours.e164, ours.extension) == (e164, "77")
        again = phone(f"{ours.e164};ext={ours.extension}")
        assert (again.e164, again.extension) == (e164, "77")


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("+1 800 FLOWERS", None, "+18003569377"),
        ("06 698 12345", "IT", "+390669812345"),
        ("011 15 2345-6789", "AR", "+5491123456789"),
        ("+54 9 11 2345-6789", None, "+5491123456789"),
        ("55 1234 5678", "MX", "+525512345678"),
        ("(11) 96123-4567", "BR", "+5511961234567"),
        ("8 (912) 345-67-89", "RU", "+79123456789"),
        ("0044 20 8366 1177", "DE", "+442083661177"),
        ("011 44 20 8366 1177", "US", "+442083661177"),
        ("tel:+1-201-555-0123", None, "+12015550123"),
        ("tel:555-0123;phone-context=+1-201", None, "+12015550123"),
        ("Tel: +1 415 555 2671", None, "+14155552671"),
        ("  +1 415 555 2671\r\n", None, "+14155552671"),
        ("415.555.2671", "us", "+14155552671"),
        ("415 555 2671 m", "US", "+14155552671"),
        ("030/123456", "DE", "+4930123456"),
        ("+49 (0)33055/123456", None, "+4933055123456"),
    ],
)
def test_a_number_as_people_type_it(text: str, region: str | None, e164: str) -> None:
    number = phone(text, region)
    assert number.raw == text
    assert number.e164 == e164
    assert number.validity is PhoneValidity.VALID


@pytest.mark.parametrize(
    "text",
    [
        "＋４４２０８３６６１１７７",
        "+٤٤٢٠٨٣٦٦١١٧٧",
        "+۴۴۲۰۸۳۶۶۱۱۷۷",
        "+४४२०८३६६११७७",
        "+44\u00a020\u00a08366\u00a01177",
        "+44\u202f20\u20098366\u30001177",
        "+44 20\u20118366\u20111177",
        "+44 20\u22128366\u20131177",
        "\u202a+442083661177\u202c",
        "\u2068+44\u200e20\u200f83661177\u2069",
        "\ufeff+44\u200b20\u200d83661177\u2060",
        "＋４４（２０）８３６６－１１７７",
    ],
    ids=ascii,
)
def test_digits_spaces_and_dashes_of_any_script_are_one_number(text: str) -> None:
    assert phone(text).e164 == "+442083661177"


@pytest.mark.parametrize("text", ["＋１４１５５５５２６７１　ｅｘｔ．７７", "+14155552671 x٧٧"])
def test_an_extension_of_any_script_is_written_in_ascii(text: str) -> None:
    number = phone(text)
    assert (number.e164, number.extension) == ("+14155552671", "77")


def test_a_long_extension_after_a_pause_is_kept() -> None:
    assert phone("4155552671,,123456789#", "US").extension == "123456789"
    assert phone("415-555-2671, ext. 1234567", "US").extension == "1234567"
    assert phone("+1 415 555 2671 / ext 007").extension == "007"


@pytest.mark.parametrize(("text", "region"), [("+1 900 234 5678", None), ("0900 1234", "NL")])
def test_a_premium_number_is_marked(text: str, region: str | None) -> None:
    number = phone(text, region)
    assert number.e164
    assert number.validity is PhoneValidity.PREMIUM


@pytest.mark.parametrize(
    ("text", "declared", "region"),
    [
        ("+44 20 8366 1177", "US", "GB"),
        ("+1 246 234 5678", "US", "BB"),
        ("+39 06 698 12345", "IT", "VA"),
        ("+800 1234 5678", "US", None),
    ],
)
def test_the_region_is_the_number_s_own(text: str, declared: str, region: str | None) -> None:
    assert phone(text, declared).region == region


@pytest.mark.parametrize("text", ["020 8366 1177", "1-800-FLOWERS", "0044 20 8366 1177"])
def test_a_national_number_without_region_is_not_guessed(text: str) -> None:
    assert code_of(text) == PhoneValidity.NO_REGION


@pytest.mark.parametrize("region", ["", "XX", "USA", "001", "ß", "Brazil", "\ud800"])
def test_an_unknown_region_is_refused(region: str) -> None:
    assert code_of("+14155552671", region) == "unknown_region"


@pytest.mark.parametrize("region", [None, "US", "GB", "DE"])
@pytest.mark.parametrize(
    "text", ["", "  ", "911", "112", "0000000000", "n/a", "unknown", "-", "\u200b", "+"]
)
def test_what_is_not_a_person_s_number_is_not_a_phone(text: str, region: str | None) -> None:
    assert code_of(text, region) == PhoneValidity.NOT_A_PHONE


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("415-555-2671 / 415-555-2672", "US"),
        ("415-555-2671 / 415-555-2672", None),
        ("415-555-2671 or 2672", "US"),
        ("+49 30 123456 or 57", None),
        ("+49 30 123456 / 57", None),
        ("030 123456 oder 030 123457", "DE"),
        ("11 96123-4567 e 11 96123-4568", "BR"),
        ("+14155552671+14155552672", None),
        ("+1 415 555 2671 (+1 415 555 2672)", None),
        ("4155552671;4155552672", "US"),
        ("4155552671, 4155552672", "US"),
        ("4155552671\n4155552672", "US"),
        ("4155552671 & 4155552672", None),
        ("415-555-2671 x302/x2303", "US"),
    ],
)
def test_two_numbers_are_never_joined_or_chosen_from(text: str, region: str | None) -> None:
    assert code_of(text, region) == PhoneValidity.TWO_NUMBERS


@pytest.mark.parametrize(
    "text",
    ["4155552671.0", "4155552671,00", "4.155552671E9", "4,155552671e+09", "1.41556E+10"],
)
def test_a_number_that_a_spreadsheet_made_decimal_is_refused(text: str) -> None:
    assert code_of(text, "US") == PhoneValidity.SPREADSHEET_NUMBER


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("+999 1234567", None),
        ("+1 415 555 267", None),
        ("415 555 26711", "US"),
        ("4155552671 4155552672", "US"),
        ("+49 30 123456 cell", None),
        ("+49 7216 ext. 523 45 67", None),
        ("1234567@example.com", "US"),
        ("+37588102450961", None),  # valid by its plan, but nothing that is read reads as it
    ],
)
def test_a_number_that_nobody_can_dial_is_invalid(text: str, region: str | None) -> None:
    assert code_of(text, region) == PhoneValidity.INVALID


def test_half_a_character_is_refused() -> None:
    assert code_of("+14155552671\ud83d") == "surrogate"


@given(ANY_TEXT, st.none() | st.sampled_from(REGIONS))
def test_any_text_has_an_answer_or_a_code(text: str, region: str | None) -> None:
    number = answer_or_code(text, region)
    assert isinstance(number, str) or number.raw == text


@given(st.sampled_from(EXAMPLES), st.text("0123456789 -", max_size=3), st.booleans())
def test_the_canonical_form_is_read_as_itself(
    example: tuple[str, phonenumbers.PhoneNumber], tail: str, national: bool
) -> None:
    region, number = example
    form = PhoneNumberFormat.NATIONAL if national else PhoneNumberFormat.E164
    text = phonenumbers.format_number(number, form)
    first = answer_or_code(text[: len(text) - len(tail)] + tail, region)
    if isinstance(first, PhoneNumber):
        assert first.e164 is not None
        again = phone(first.e164)
        assert again == first.model_copy(update={"raw": first.e164, "extension": None})


@pytest.mark.parametrize("text", ["1" * 1_000_000, "+" + "1 " * 500_000, "\uff11/" * 300_000])
def test_a_huge_text_has_a_code(text: str) -> None:
    assert code_of(text, "US") in set(PhoneValidity)


@given(st.from_regex(NATIONAL, fullmatch=True))
def test_what_is_refused_for_want_of_a_country_is_nothing_to_phonenumbers_either(text):
    with pytest.raises(phonenumbers.NumberParseException):
        phonenumbers.parse(text.strip(), None)
    assert not _SPREADSHEET.fullmatch(text)
    assert not _BETWEEN.search(text)


@given(MESSY | st.builds("{};phone-context={}".format, MESSY, st.sampled_from(["+55", "a.b", "7"])))
def test_without_a_country_nothing_is_read_that_phonenumbers_would_not_read(text: str) -> None:
    try:
        expected = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        expected = None
    assert _parsed(text, None) == expected


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("+8100376612345678901", None),
        ("+4939145498174104", None),
        ("0391 45498174104", "DE"),
        ("+81 0037 6612345678901", None),
        ("0037 6612345678901", "JP"),
        ("+81 0037 6612345678901 x5", None),
    ],
)
def test_a_number_of_more_than_fifteen_digits_has_no_e164(text: str, region: str | None) -> None:
    """phonenumbers finds some of them valid: ITU-T E.164, 6.2.1 does not."""
    assert phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    assert code_of(text, region) == PhoneValidity.INVALID
