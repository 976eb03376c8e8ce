"""Invented people are the same everywhere, varied, valid where they say so, and dirty enough."""

import itertools
import subprocess
import sys
import unicodedata
from collections import Counter
from datetime import UTC, timedelta
from itertools import islice, pairwise

import phonenumbers
import pytest
from email_validator import validate_email

from leadgateway.simulator.people import Person, people, person
from leadgateway.simulator.people_names import CULTURES
from leadgateway.simulator.people_places import COUNTRIES


@pytest.fixture(scope="module")
def crowd() -> list[Person]:
    return list(people(7, 4_000))


@pytest.fixture(scope="module")
def clean_crowd() -> list[Person]:
    return list(people(7, 4_000, dirty=False))


def test_a_person_depends_on_seed_and_index_alone(crowd: list[Person]) -> None:
    assert list(islice(people(7, 10**9), 50)) == crowd[:50]
    assert [person(7, index) for index in (3_999, 12, 0)] == [crowd[3_999], crowd[12], crowd[0]]
    assert person(8, 12) != crowd[12]


def test_another_process_with_another_hash_seed_invents_the_same_people(
    crowd: list[Person],
) -> None:
    program = (
        "import sys; from leadgateway.simulator.people import people\n"
        "sys.stdout.buffer.write(repr(list(people(7, 200))).encode())"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONHASHSEED": "4242"},
        capture_output=True,
        check=True,
    )
    assert answer.stdout.decode() == repr(crowd[:200])


def test_one_person_is_pinned_so_that_a_changed_generator_is_noticed() -> None:
    one = person(7, 1, dirty=False)
    pinned = ("Ty Fitzgerald", "+12126351678", "ty-fitzgerald351678@umbra.example")
    assert (one.full_name, one.phone_e164, one.email) == pinned


def test_no_count_gives_nobody() -> None:
    assert list(people(7, 0)) == []


def test_every_number_that_claims_to_be_one_is_valid_and_reads_back(crowd: list[Person]) -> None:
    wrong = []
    for one in crowd:
        if one.phone_e164 is None:
            continue
        assert one.phone_as_typed is not None
        number = phonenumbers.parse(one.phone_as_typed, one.country)
        read = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if read != one.phone_e164 or not phonenumbers.is_valid_number(number):
            wrong.append((one.country, one.phone_as_typed, one.phone_e164, read))
    assert wrong == []


def test_rubbish_numbers_have_no_e164_and_a_clean_crowd_has_none(
    crowd: list[Person], clean_crowd: list[Person]
) -> None:
    rubbish = [one for one in crowd if one.phone_as_typed is not None and one.phone_e164 is None]
    assert any(one.phone_as_typed == "n/a" for one in rubbish)
    assert any("/" in (one.phone_as_typed or "")[4:] for one in rubbish)
    assert any((one.phone_as_typed or "").endswith(".0") for one in rubbish)
    assert all(one.phone_e164 and one.email and one.company for one in clean_crowd)


def test_people_type_numbers_in_many_ways(crowd: list[Person]) -> None:
    typed = [one.phone_as_typed for one in crowd if one.phone_as_typed]
    assert any(text.startswith("00") and "ext" not in text for text in typed)
    assert any("ext." in text for text in typed)
    assert any(text.startswith("+") and " " in text for text in typed)
    assert any(text.startswith("(") for text in typed)
    assert any("１" in text for text in typed)


def test_numbers_and_addresses_are_distinct_also_in_their_last_ten_digits(
    clean_crowd: list[Person],
) -> None:
    assert len({one.phone_e164 for one in clean_crowd}) == len(clean_crowd)
    tails = {(one.phone_e164 or "")[-10:] for one in clean_crowd}
    assert len(tails) == len(clean_crowd)
    assert len({one.email for one in clean_crowd}) == len(clean_crowd)


def test_every_address_is_well_formed_and_reserved(crowd: list[Person]) -> None:
    addresses = [one.email.strip() for one in crowd if one.email]
    for address in addresses:
        domain = validate_email(address, check_deliverability=False).domain.lower()
        assert domain.endswith((".example", "example.com", "example.org", "example.net"))
    assert any(not address.isascii() for address in addresses)
    assert any("+" in address for address in addresses)


def test_the_crowd_comes_from_many_countries_in_many_scripts(crowd: list[Person]) -> None:
    assert len({one.country for one in crowd}) == len(COUNTRIES) >= 20
    scripts = Counter(
        unicodedata.name(letter).split()[0]
        for one in crowd
        for letter in one.full_name
        if letter.isalpha()
    )
    assert {"LATIN", "CYRILLIC", "ARABIC", "CJK", "HANGUL", "GREEK", "HEBREW"} <= scripts.keys()


def test_names_have_many_shapes(crowd: list[Person]) -> None:
    names = {one.full_name for one in crowd}
    assert any(one.family == "" and one.full_name == one.given for one in crowd)
    assert any("van der " in name for name in names)
    assert any("'" in name for name in names)
    assert any(name.endswith(" Jr.") for name in names)
    assert any(unicodedata.combining(letter) for name in names for letter in name)
    assert any("🚀" in name for name in names)


def test_every_culture_can_spell_its_names_in_latin_letters() -> None:
    used = {country.culture for country in COUNTRIES}
    assert used == set(CULTURES)
    for culture in CULTURES.values():
        for part in itertools.chain(culture.given, culture.family):
            assert all(
                unicodedata.name(letter).startswith("LATIN")
                for letter in part.latin
                if letter.isalpha()
            ), part


def test_both_masks_of_a_line_take_the_same_digits() -> None:
    for country in COUNTRIES:
        for line in country.lines:
            assert line.national.count("#") == line.international.count("#") >= 5, country.code


def test_a_few_per_cent_are_dirty_and_each_has_one_defect(
    crowd: list[Person], clean_crowd: list[Person]
) -> None:
    dirty = [one for one, clean in zip(crowd, clean_crowd, strict=True) if one != clean]
    assert 0.03 < len(dirty) / len(crowd) < 0.10
    assert any(one.email is None for one in dirty)
    assert any(one.email and one.email.upper() == one.email for one in dirty)
    assert any(one.email and one.email.endswith(" ") for one in dirty)
    assert any(one.phone_as_typed is None for one in dirty)
    assert any(one.company is None for one in dirty)
    assert any(one.company and len(one.company) > 255 for one in dirty)
    assert all(one.full_name.strip() for one in crowd)
    assert all(one.email or one.phone_as_typed for one in crowd)


def test_instants_are_aware_whole_milliseconds_and_rise(crowd: list[Person]) -> None:
    assert all(before.created_at < after.created_at for before, after in pairwise(crowd))
    for one in crowd:
        assert one.created_at.utcoffset() == one.updated_at.utcoffset() == timedelta(0)
        assert one.created_at.tzinfo is UTC
        assert one.created_at.microsecond % 1000 == one.updated_at.microsecond % 1000 == 0
        assert one.created_at <= one.updated_at
    assert any(one.created_at == one.updated_at for one in crowd)


def test_scores_values_and_campaigns_stay_in_range(crowd: list[Person]) -> None:
    assert {one.score for one in crowd} <= set(range(101))
    assert min(one.value_cents for one in crowd if one.value_cents is not None) >= 0
    assert any(one.value_cents is None for one in crowd)
    assert any("gclid" in one.utm for one in crowd)
    assert any(not one.utm for one in crowd)
    with pytest.raises(TypeError):
        crowd[0].utm["utm_source"] = "changed"  # type: ignore[index]  # read-only
