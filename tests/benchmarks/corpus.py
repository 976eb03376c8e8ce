"""Phones and e-mail addresses as a CRM holds them, the same for the same seed.

Of the phones 38 % are in E.164, 18 % international with blanks, 30 % national, the rest messy, and
95 % are numbers in use; of the addresses about 3 % are none and 1.5 % have a domain beyond ASCII.
22 countries.
"""

from collections.abc import Callable
from functools import cache
from random import Random

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

COUNTRIES = (
    *("US", "BR", "GB", "DE", "FR", "ES", "IT", "PT", "NL", "IN", "MX"),
    *("CA", "AU", "AR", "JP", "SE", "CH", "AT", "PL", "ZA", "AE", "SG"),
)
Phone = tuple[str, str]
"""A number's text and the country it is read in."""

_E164, _INTERNATIONAL, _NATIONAL = 38, 56, 86  # per cent, summed up
_FEW_DIGITS = 5


def phones(seed: int, count: int) -> list[Phone]:
    """So many numbers in all spellings."""
    random = Random(seed)
    return [a_phone(random) for _ in range(count)]


def phones_e164(seed: int, count: int) -> list[Phone]:
    """So many numbers in E.164."""
    random = Random(seed)
    return [_spelt(*_number(random), PhoneNumberFormat.E164) for _ in range(count)]


def emails(seed: int, count: int) -> list[str]:
    """So many addresses, some of them none."""
    random = Random(seed)
    return [an_email(random) for _ in range(count)]


def emails_ascii(seed: int, count: int) -> list[str]:
    """So many addresses of plain ASCII."""
    random = Random(seed)
    return [_plain_email(random) for _ in range(count)]


def a_phone(random: Random) -> Phone:
    """A number in one of the spellings."""
    number, country = _number(random)
    way = random.randrange(100)
    if way < _E164:
        return _spelt(number, country, PhoneNumberFormat.E164)
    if way < _INTERNATIONAL:
        return _spelt(number, country, PhoneNumberFormat.INTERNATIONAL)
    national, _ = _spelt(number, country, PhoneNumberFormat.NATIONAL)
    if way < _NATIONAL:
        return national, country
    e164, _ = _spelt(number, country, PhoneNumberFormat.E164)
    return random.choice(_MESSES)(random, national, e164), country


_MESSES: tuple[Callable[[Random, str, str], str], ...] = (
    lambda random, national, e164: f" {e164} ",
    lambda random, national, e164: f"tel:{e164}",
    lambda random, national, e164: f"00{e164[1:]}",
    lambda random, national, e164: f"{national} ext. {random.randrange(10, 999)}",
    lambda random, national, e164: "".join(filter(str.isdigit, national)),
    lambda random, national, e164: national.replace(" ", "."),
    lambda random, national, e164: e164[: random.randrange(3, 7)],
    lambda random, national, e164: random.choice(("n/a", "-", "call the office", "unknown")),
    lambda random, national, e164: f"{national} / {e164}",
)


def _number(random: Random) -> tuple[phonenumbers.PhoneNumber, str]:
    """A number in use: an example of the country with other last digits."""
    country = random.choice(COUNTRIES)
    kind = random.choice((PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE))
    kept = _first_digits(country, kind)
    while True:
        changed = f"{random.randrange(10**_FEW_DIGITS):0{_FEW_DIGITS}}"
        number = phonenumbers.parse(f"+{kept}{changed}")
        if phonenumbers.is_valid_number(number):
            return number, country


@cache
def _first_digits(country: str, kind: int) -> str:
    example = phonenumbers.example_number_for_type(country, kind)
    digits = phonenumbers.national_significant_number(example)
    return f"{example.country_code}{digits[:-_FEW_DIGITS]}"


def _spelt(number: phonenumbers.PhoneNumber, country: str, form: int) -> Phone:
    return phonenumbers.format_number(number, form), country


_GIVEN = ("ana", "tomas", "wei", "priya", "lena", "joao", "fatima", "oskar", "yuki", "carlos")
_FAMILY = ("silva", "berg", "chen", "rao", "schmidt", "khan", "novak", "sato", "lopez", "obrien")
_PROVIDERS = ("gmail.com", "outlook.com", "yahoo.co.uk", "web.de", "uol.com.br", "icloud.com")
_BEYOND_ASCII = ("bücher.de", "señal.com.mx", "café.fr", "例え.jp", "ørsted.dk")
NO_ADDRESSES = ("none", "ana@", "@berg.de", "ana silva@berg.de", "ana@berg.", "ana@@berg.de", "")


def an_email(random: Random) -> str:
    """An address, or what stands where one should."""
    way = random.randrange(1000)
    if way < 15:
        return f"{_local(random)}@{random.choice(_BEYOND_ASCII)}"
    return random.choice(NO_ADDRESSES) if way < 47 else _plain_email(random)


def _plain_email(random: Random) -> str:
    company = f"{random.choice(_FAMILY)}{random.randrange(2_000)}.{random.choice(('com', 'de'))}"
    domain = random.choice(_PROVIDERS) if random.random() < 0.5 else company
    local = _local(random)
    return f"{local.title()}@{domain.title()}" if random.random() < 0.05 else f"{local}@{domain}"


def _local(random: Random) -> str:
    number = random.randrange(1_000_000)
    return f"{random.choice(_GIVEN)}.{random.choice(_FAMILY)}{number}"
