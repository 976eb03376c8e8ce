"""Invented people for simulators: person k of seed s is the same everywhere and for ever."""

import unicodedata
from bisect import bisect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from types import MappingProxyType

from leadgateway.simulator.people_companies import COMPANIES
from leadgateway.simulator.people_names import CULTURES, Culture, NamePart
from leadgateway.simulator.people_places import COUNTRIES, Country, Line
from leadgateway.simulator.people_words import (
    BRANDS,
    CAMPAIGNS,
    CHANNELS,
    INDUSTRIES,
    INTENTS,
    MAIL_DOMAINS,
    NOTES,
    TAGS,
)

_FIRST_DAY = datetime(2023, 1, 1, tzinfo=UTC)
_SPACING_MS = 120_000  # one new lead in each two minutes: created_at rises strictly with the index
_LATEST_CHANGE_MS = 60 * 86_400_000
_UNCHANGED_PERCENT = 35
_DIRTY_PERCENT = 7
_WEIGHTS = tuple(accumulate(country.weight for country in COUNTRIES))
_WAYS_OF_TYPING = (
    *("national",) * 20,
    *("international",) * 13,
    *("e164",) * 9,
    *("digits",) * 3,
    *("dialled",) * 3,
    *("extension",) * 2,
)
_INDUSTRY_NAMES = tuple(INDUSTRIES)
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_NO_DECOMPOSITION = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i"}
)


@dataclass(frozen=True, slots=True)
class Person:
    """One invented lead, vendor-neutral; `phone_e164` is None where no single number was typed."""

    index: int
    given: str
    family: str
    full_name: str
    company: str | None
    industry: str | None
    email: str | None
    phone_as_typed: str | None
    phone_e164: str | None
    country: str
    intent: str | None
    notes: str | None
    tags: tuple[str, ...]
    utm: Mapping[str, str]
    value_cents: int | None
    score: int
    created_at: datetime
    updated_at: datetime


def people(seed: int, count: int, *, dirty: bool = True) -> Iterator[Person]:
    """Yield persons 0 to count - 1 of a seed; with dirty, a few per cent carry one defect each."""
    return (person(seed, index, dirty=dirty) for index in range(count))


def person(seed: int, index: int, *, dirty: bool = True) -> Person:
    """Invent one person, who depends on nothing but these arguments."""
    clean = _clean_person(seed, index)
    chance = Random(f"leadgateway defect {seed} {index}")  # noqa: S311 - a simulation
    if not dirty or not _in(chance, _DIRTY_PERCENT):
        return clean
    return chance.choice(_DEFECTS)(clean, chance)


def _clean_person(seed: int, index: int) -> Person:
    chance = Random(f"leadgateway person {seed} {index}")  # noqa: S311 - a simulation
    serial = _serial(seed, index)
    country = COUNTRIES[bisect(_WEIGHTS, chance.randrange(_WEIGHTS[-1]))]
    culture = CULTURES[country.culture]
    given, family = _names(chance, culture)
    full_name = _join(culture, given, family)
    industry = chance.choice(_INDUSTRY_NAMES)
    brand = chance.choice(BRANDS)
    typed, e164 = _phone(chance, country, serial)
    created_at, updated_at = _instants(chance, index)
    return Person(
        index=index,
        given=given.written,
        family=family.written if family else "",
        full_name=full_name,
        company=chance.choice(COMPANIES[country.code]).format(
            family=(family or given).written, brand=brand, trade=chance.choice(INDUSTRIES[industry])
        ),
        industry=industry,
        email=_email(chance, given, family, brand, serial),
        phone_as_typed=typed,
        phone_e164=e164,
        country=country.code,
        intent=chance.choice(INTENTS) if _in(chance, 60) else None,
        notes=chance.choice(NOTES) if _in(chance, 40) else None,
        tags=tuple(dict.fromkeys(chance.choice(TAGS) for _ in range(chance.randrange(4)))),
        utm=_utm(chance),
        value_cents=_value_cents(chance),
        score=chance.randrange(51) + chance.randrange(51) if _in(chance, 80) else 0,
        created_at=created_at,
        updated_at=updated_at,
    )


def _in(chance: Random, percent: int) -> bool:
    return chance.randrange(100) < percent


def _serial(seed: int, index: int) -> int:
    # The factor is coprime to ten: every run of trailing digits repeats only after all have been.
    return (seed * 104_729_001 + index * 387_420_489 + 271_828_182) % 10**9


def _names(chance: Random, culture: Culture) -> tuple[NamePart, NamePart | None]:
    given = chance.choice(culture.given)
    family = chance.choice(culture.family)
    if _in(chance, culture.mononyms):
        return given, None
    if _in(chance, 2):  # some keyboards and old systems send combining marks
        given, family = (
            NamePart(unicodedata.normalize("NFD", part.written), part.latin)
            for part in (given, family)
        )
    return given, family


def _join(culture: Culture, given: NamePart, family: NamePart | None) -> str:
    if family is None:
        return given.written
    order = (family, given) if culture.family_first else (given, family)
    # Latin spellings are never run together, even where the native script is.
    joiner = " " if given.written.isascii() or family.written.isascii() else culture.joiner
    return joiner.join(part.written for part in order)


def _email(
    chance: Random, given: NamePart, family: NamePart | None, brand: str, serial: int
) -> str:
    words = [_slug(part.latin) for part in (given, family) if part]
    local = chance.choice((".", "_", "", "-")).join(words)
    tag = "+leads" if _in(chance, 3) else ""
    domain = f"{_slug(brand)}.example" if _in(chance, 50) else chance.choice(MAIL_DOMAINS)
    return f"{local}{serial % 10**6}{tag}@{domain}"


@cache
def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower().translate(_NO_DECOMPOSITION))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


def _phone(chance: Random, country: Country, serial: int) -> tuple[str, str]:
    line = chance.choice(country.lines)
    digits = f"{serial:09d}"
    e164 = _e164(country, line, digits)
    international = f"+{country.calling_code} {_fill(line.international, digits)}"
    national = _fill(line.national, digits)
    extension = chance.randrange(10, 999)
    ways = {
        "national": national,
        "international": international,
        "e164": e164,
        "digits": "".join(filter(str.isdigit, national)),
        "dialled": country.dial_out + international[1:].replace("(0)", ""),
        "extension": chance.choice(
            (f"{national} ext. {extension}", f"{international} x{extension}")
        ),
    }
    way = chance.choice(_WAYS_OF_TYPING)
    return ways["national" if way == "dialled" and not country.dial_out else way], e164


def _fill(mask: str, digits: str) -> str:
    following = iter(digits[len(digits) - mask.count("#") :])
    return "".join(next(following) if letter == "#" else letter for letter in mask)


def _e164(country: Country, line: Line, digits: str) -> str:
    dialled = _fill(line.international.replace("(0)", ""), digits)
    return f"+{country.calling_code}" + "".join(filter(str.isdigit, dialled))


def _utm(chance: Random) -> Mapping[str, str]:
    if _in(chance, 30):
        return MappingProxyType({})
    source, medium, click_id = chance.choice(CHANNELS)
    found = {"utm_source": source, "utm_medium": medium, "utm_campaign": chance.choice(CAMPAIGNS)}
    if click_id:
        found[click_id] = f"{chance.getrandbits(64):016x}"
    return MappingProxyType(found)


def _value_cents(chance: Random) -> int | None:
    if _in(chance, 25):
        return None
    return chance.choice((0, 1, 199_999, 10**12)) if _in(chance, 2) else chance.randrange(10**7)


def _instants(chance: Random, index: int) -> tuple[datetime, datetime]:
    created = index * _SPACING_MS + chance.randrange(_SPACING_MS)
    unchanged = _in(chance, _UNCHANGED_PERCENT)
    updated = created + (0 if unchanged else chance.randrange(_LATEST_CHANGE_MS))
    return (
        _FIRST_DAY + timedelta(milliseconds=created),
        _FIRST_DAY + timedelta(milliseconds=updated),
    )


def _odd_email(clean: Person, chance: Random) -> Person:
    email = clean.email or ""
    return replace(clean, email=chance.choice((email.upper(), f"{email} ", f" {email}\t")))


def _no_email(clean: Person, chance: Random) -> Person:  # noqa: ARG001 - one shape for all defects
    return replace(clean, email=None)


def _no_phone(clean: Person, chance: Random) -> Person:  # noqa: ARG001 - one shape for all defects
    return replace(clean, phone_as_typed=None, phone_e164=None)


def _rubbish_phone(clean: Person, chance: Random) -> Person:
    rubbish = chance.choice(("n/a", "N/A", "-", "0", "unknown", "call the office", "00000000"))
    return replace(clean, phone_as_typed=rubbish, phone_e164=None)


def _two_phones(clean: Person, chance: Random) -> Person:
    other = f"+1 212-6{chance.randrange(100):02d}-{chance.randrange(10_000):04d}"
    separator = chance.choice((" / ", " or ", "; "))
    typed = f"{clean.phone_as_typed}{separator}{other}"
    return replace(clean, phone_as_typed=typed, phone_e164=None)


def _spreadsheet_phone(clean: Person, chance: Random) -> Person:
    bare = (clean.phone_e164 or "").removeprefix("+")
    typed = chance.choice((f"{bare}.0", f"{bare[0]}.{bare[1:5]}E+{len(bare) - 1}"))
    return replace(clean, phone_as_typed=typed, phone_e164=None)


def _full_width_phone(clean: Person, chance: Random) -> Person:  # noqa: ARG001 - one shape for all
    typed = (clean.phone_as_typed or "").translate(_FULL_WIDTH)
    return replace(clean, phone_as_typed=typed)


def _no_company(clean: Person, chance: Random) -> Person:
    return replace(clean, company=None, industry=chance.choice((None, clean.industry)))


def _long_company(clean: Person, chance: Random) -> Person:
    return replace(clean, company=f"{clean.company} " * chance.randrange(12, 40) + "Holding")


def _emoji_name(clean: Person, chance: Random) -> Person:
    sign = chance.choice(("🚀", "👩🏽‍💻", "⭐", "🇧🇷", "❤️"))
    return replace(clean, given=f"{clean.given} {sign}", full_name=f"{clean.full_name} {sign}")


def _odd_name(clean: Person, chance: Random) -> Person:
    full = clean.full_name
    return replace(
        clean, full_name=chance.choice((full.upper(), f"  {full} ", full.replace(" ", "  ")))
    )


_DEFECTS: tuple[Callable[[Person, Random], Person], ...] = (
    _odd_email,
    _odd_email,
    _no_email,
    _no_phone,
    _no_phone,
    _rubbish_phone,
    _two_phones,
    _spreadsheet_phone,
    _full_width_phone,
    _no_company,
    _no_company,
    _long_company,
    _emoji_name,
    _odd_name,
)
