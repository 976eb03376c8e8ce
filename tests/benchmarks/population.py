"""The leads that are moved: of Novala's tenant, 32 fields and about 800 bytes each, seeded.

Twelve fields are Novala's own and twenty the tenant's. Phones and e-mail addresses are those of
`corpus`, names, companies and notes those of the simulators' people, from the countries of the
phones. No two leads have a phone or an address that MEGA would take for the same person's.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from tests.benchmarks import corpus

from leadgateway.simulator import Row, in_seconds, uuid_from
from leadgateway.simulator.people_companies import COMPANIES
from leadgateway.simulator.people_names import CULTURES
from leadgateway.simulator.people_places import COUNTRIES
from leadgateway.simulator.people_words import (
    BRANDS,
    CAMPAIGNS,
    CHANNELS,
    INDUSTRIES,
    INTENTS,
    NOTES,
)
from leadgateway_mega.simulator.leads import phone_key
from leadgateway_novala.simulator import SOURCES, STATUSES, team

_FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)
_CULTURES = {country.code: CULTURES[country.culture] for country in COUNTRIES}
_INDUSTRIES = tuple(INDUSTRIES)
_TITLES = ("Owner", "Head of Operations", "Geschäftsführerin", "Gerente", "Buyer", "Office Manager")
_PRODUCTS = ("starter", "team", "enterprise", "maintenance", "rooftop 12 kWp")
_LANGUAGES = ("en", "pt-BR", "de", "es", "fr", "it", "ja", "hi", "pl")
_CUSTOM: dict[str, Callable[[Random], str | int | float | bool]] = {
    "job_title": lambda random: random.choice(_TITLES),
    "language": lambda random: random.choice(_LANGUAGES),
    "product": lambda random: random.choice(_PRODUCTS),
    "budget": lambda random: random.randrange(10_000_000) / 100,
    "employees": lambda random: random.randrange(1, 5_000),
    "sites": lambda random: random.randrange(1, 12),
    "visits": lambda random: random.randrange(60),
    "rating": lambda random: random.randrange(50) / 10,
    "lead_score": lambda random: random.randrange(101),
    "contact_by": lambda random: random.choice(("email", "phone", "whatsapp")),
    "newsletter": lambda random: random.random() < 0.4,
    "consent": lambda random: random.random() < 0.9,
    "campaign": lambda random: random.choice(CAMPAIGNS),
    "click_id": lambda random: f"{random.getrandbits(64):016x}",
    "last_visit": lambda random: f"2025-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}",
}
CUSTOM_FIELDS = ("industry", "country", "utm_source", "utm_medium", *_CUSTOM, "external_ref")
"""What the tenant has defined: each lead has all of it, in values that MEGA takes as well."""


def leads(seed: int, count: int) -> Iterator[Row]:
    """Yield the first so many leads of a seed, as Novala shows them."""
    random = Random(seed)
    taken: set[str] = set()
    for index in range(count):
        phone = _new_phone(random, taken)
        yield _lead(random, seed, index, phone, _new_email(random, taken))


def _new_phone(random: Random, taken: set[str]) -> corpus.Phone:
    while True:
        phone, country = corpus.a_phone(random)
        key = phone_key({"contact_phone": phone})
        if key not in taken:
            taken.update(() if key is None else (key,))
            return phone, country


def _new_email(random: Random, taken: set[str]) -> str:
    while True:
        email = corpus.an_email(random)
        if email in corpus.NO_ADDRESSES:
            return email
        if email.casefold() not in taken:
            taken.add(email.casefold())
            return email


def _lead(random: Random, seed: int, index: int, number: corpus.Phone, email: str) -> Row:
    phone, country = number
    culture = _CULTURES[country]
    given, family = random.choice(culture.given).written, random.choice(culture.family).written
    industry = random.choice(_INDUSTRIES)
    source, medium, _ = random.choice(CHANNELS)
    custom = {"industry": industry, "country": country, "utm_source": source, "utm_medium": medium}
    return {
        "id": uuid_from(seed, "benchmark", index),
        "firstName": given,
        "lastName": family,
        "email": email,
        "phone": phone,
        "companyName": random.choice(COMPANIES[country]).format(
            family=family, brand=random.choice(BRANDS), trade=random.choice(INDUSTRIES[industry])
        ),
        "status": random.choice(STATUSES),
        "source": random.choice(SOURCES),
        "intent": random.choice(INTENTS),
        "notes": random.choice(NOTES),
        "assignedTo": random.choice(team(seed)),
        "customFields": {
            **custom,
            **{slug: invented(random) for slug, invented in _CUSTOM.items()},
            "external_ref": f"ref-{index:07}",
        },
        "createdAt": in_seconds(_FIRST_DAY + timedelta(minutes=2 * index)),
    }
