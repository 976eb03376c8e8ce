"""Reading at sight never changes an answer: a differential fuzz, and proof that it has eyes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import pytest
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, re_util
from tests.normalize.invented_contacts import REGIONS, Dialled, emails, phones

from leadgateway.errors import NormalizationError
from leadgateway.normalize import (
    dialling,
    phone_patterns,
    plain_email,
    plain_phone,
    tolerant,
)
from leadgateway.normalize.email import thoroughly as email_thoroughly
from leadgateway.normalize.phone import thoroughly as phone_thoroughly
from leadgateway.values import EmailAddress, Issue, PhoneNumber, PhoneValidity

# The nightly run asks for ten: 400,000 phone numbers and 200,000 addresses.
ROUNDS = int(os.environ.get("LEADGATEWAY_FUZZ", "1"))
PHONES, EMAILS = 40_000, 20_000
# phonenumbers takes their numbers for ones of Morocco and Guadeloupe.
HARDLY_KNOWN = {"EH", "MF"}


class Comparison(NamedTuple):
    """What was read at sight, and where the thorough reading answers otherwise."""

    taken: list[tuple[Dialled, PhoneNumber | EmailAddress]]
    differences: list[Dialled]


def compared(
    inputs: Iterable[Dialled],
    at_sight: Callable[[Dialled], PhoneNumber | EmailAddress | None],
    thoroughly: Callable[[Dialled], PhoneNumber | EmailAddress],
) -> Comparison:
    found = Comparison([], [])
    for one in inputs:
        seen = at_sight(one)
        if seen is None:
            continue
        found.taken.append((one, seen))
        try:
            answer = thoroughly(one)
        except NormalizationError:
            found.differences.append(one)
            continue
        if seen != answer or state(seen) != state(answer):
            found.differences.append(one)
    return found


def state(value: PhoneNumber | EmailAddress) -> object:
    return [*value.__dict__.items()], value.model_fields_set


def compared_phones(inputs: Iterable[Dialled]) -> Comparison:
    return compared(
        inputs, lambda one: plain_phone.at_sight(*one), lambda one: phone_thoroughly(*one)
    )


def compared_emails(inputs: Iterable[str]) -> Comparison:
    return compared(
        ((text, None) for text in inputs),
        lambda one: plain_email.at_sight(one[0]),
        lambda one: email_thoroughly(one[0]),
    )


@pytest.fixture(scope="module", autouse=True)
def _patterns_compiled_once() -> Iterator[None]:
    """Without it phonenumbers spends most of the time on compiling the same patterns again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(re_util, "_COMPILED_PATTERNS", {})
        yield


def forget() -> None:
    for kept in (phone_patterns.plan, dialling.home_in, dialling._plan_of):
        kept.cache_clear()
    plain_email._known_domain.cache_clear()


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Patches under which nothing compiled before or after is used."""
    with monkeypatch.context() as patch:
        forget()
        yield patch
    forget()


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_phone_number_read_at_sight_is_what_the_library_reads(round_: int) -> None:
    found = compared_phones(phones(round_, PHONES))
    assert found.differences == []
    assert len(found.taken) > 0.35 * PHONES


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_an_address_read_at_sight_is_what_the_library_reads(round_: int) -> None:
    found = compared_emails(emails(round_, EMAILS))
    assert found.differences == []
    assert len(found.taken) > 0.35 * EMAILS


def misjudged(texts: Iterable[str]) -> Iterator[str]:
    """Yield the texts that lack more than a country, or nothing, and are taken to lack it."""
    for text in filter(plain_phone.lacks_country, texts):
        try:
            phone_thoroughly(text, None)
        except NormalizationError as error:
            if error.code == PhoneValidity.NO_REGION:
                continue
        yield text


NATIONAL = [*("1111 11", "(11) 1-1", "22222 x 2", "1234", "1 2 3 4 x", "0000 0001", "12345")]


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_number_refused_at_sight_lacks_its_country_and_nothing_else(round_: int) -> None:
    texts = [*NATIONAL, *(text for text, _ in phones(round_, PHONES))]
    assert [*misjudged(texts)] == []
    assert sum(map(plain_phone.lacks_country, texts)) > 0.1 * PHONES


def test_a_number_without_a_country_is_read_as_if_thoroughly() -> None:
    text = "(11) 96123-4567 ext. 9"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tolerant, "lacks_country", lambda _text: False)
        slow: list[Issue] = []
        expected = tolerant.phone(text, None, slow)
    issues: list[Issue] = []
    assert state(tolerant.phone(text, None, issues)) == state(expected)
    assert issues == slow


@pytest.mark.parametrize(
    ("name", "mistake"),
    [("_MANY", re.compile(r"(?:[^0-9]*[0-9]){5}")), ("_MANY", re.compile(r".*[2-9]")),
     ("NATIONAL", re.compile(r"[0-9(][0-9 ()/+-]{0,200}"))],
)  # fmt: skip
def test_the_fuzz_sees_a_mistake_about_what_lacks_a_country(
    broken: pytest.MonkeyPatch, name: str, mistake: object
) -> None:
    broken.setattr(plain_phone, name, mistake)
    assert [*misjudged([*NATIONAL, *(text for text, _ in phones(0, PHONES // 4))])]


def test_the_fuzz_reaches_every_region_type_and_spelling() -> None:
    taken = compared_phones(phones(0, PHONES)).taken
    numbers = [number for _, number in taken if isinstance(number, PhoneNumber)]
    assert {number.region for number in numbers} >= {None, *REGIONS} - HARDLY_KNOWN
    assert {number.validity for number in numbers} == {PhoneValidity.VALID, PhoneValidity.PREMIUM}
    assert {home for (text, home), _ in taken if text[0].isdigit()} == set(REGIONS)
    assert any(number.extension for number in numbers)
    codes = {number.e164[1:] for number in numbers if number.e164}
    assert all(
        any(number.startswith(str(code)) for number in codes)
        for code in COUNTRY_CODE_TO_REGION_CODE
    )


def with_any_beginning(_prefix: str | None) -> str:
    return ""


def last_region_first(regions: tuple[str, ...], code: str) -> Iterator[str]:
    return numbers_by_region(regions[::-1], code)


numbers_by_region, numbers = phone_patterns._numbers_by_region, phone_patterns._numbers


def premium_as_ordinary(region: str, metadata: PhoneMetadata) -> str:
    swapped = {"premium": "valid", "valid": "premium"}
    return re.sub(
        "(?<=P<)(premium|valid)", lambda kind: swapped[kind[0]], numbers(region, metadata)
    )


def always_with_the_code(home: dialling.Home, dialled: str) -> phone_patterns.Reading | None:
    return home.plan.read(dialled[len(home.plan.code) :])


def always_stripped(home: dialling.Home, dialled: str) -> phone_patterns.Reading | None:
    prefix = home.prefix.match(dialled)
    return home.plan.read(dialled[prefix.end() :] if prefix else dialled)


@pytest.mark.parametrize(
    ("place", "name", "mistake"),
    [
        (phone_patterns, "_unprefixed", with_any_beginning),
        (phone_patterns, "_numbers_by_region", last_region_first),
        (phone_patterns, "_numbers", premium_as_ordinary),
        (dialling.Home, "read_domestic", always_stripped),
        (dialling.Home, "_read_own_code", always_with_the_code),
        (plain_phone, "_EXTENDED", re.compile(r"([0-9+ ().-]+)(?:x|#| /) ?([0-9]*)")),
        (plain_phone, "known_regions", lambda: {*REGIONS, "XX"}),
    ],
)
def test_the_fuzz_sees_a_mistake_about_phone_numbers(
    broken: pytest.MonkeyPatch, place: object, name: str, mistake: object
) -> None:
    broken.setattr(place, name, mistake)
    assert compared_phones((*phones(0, PHONES // 4), ("+493012345678", "XX"))).differences


@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        ("_EVERYDAY", re.compile(r"[\w.+-]+@(?:[a-z0-9-]+\.)+[a-z]+")),
        ("_EVERYDAY", re.compile(rf"{plain_email._LOCAL}@[a-zA-Z0-9.-]+(?<=[a-z])")),
        ("_SHORT", 254),
        ("_PLAIN_LOCAL", re.compile(r"[^@]+")),
        ("_known_domain", lambda domain: domain.lower()),
    ],
)
def test_the_fuzz_sees_a_mistake_about_addresses(
    broken: pytest.MonkeyPatch, name: str, mistake: object
) -> None:
    broken.setattr(plain_email, name, mistake)
    assert compared_emails(emails(0, EMAILS // 2)).differences
