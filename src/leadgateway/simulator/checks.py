"""Checks of one JSON value each: None when the value is right, else the reason in a few words.

Rows for facts: a vendor's body is a mapping from field name to check, read by `problems`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias
from uuid import UUID

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from leadgateway.simulator.instants import read_instant
from leadgateway.simulator.messages import Row

Check: TypeAlias = Callable[[object], str | None]

_LONGEST_LOCAL = 64  # RFC 5321
_PLAIN_LOCAL = re.compile(r"[\w+-]+(?:\.[\w+-]+)*", re.ASCII)


def problems(row: Row, fields: Mapping[str, Check], required: Collection[str] = ()) -> list[str]:
    """Everything that is wrong with an object: missing, unknown and ill-formed fields."""
    found = [f"{name} is required" for name in required if name not in row]
    for name, value in row.items():
        check = fields.get(name)
        if check is None:
            found.append(f"unknown field: {name}")
        elif (reason := check(value)) is not None:
            found.append(f"{name} {reason}")
    return found


def text(longest: int | None = None, shortest: int = 0) -> Check:
    """A string; lengths are counted in code points."""

    def check(value: object) -> str | None:
        if not isinstance(value, str):
            return "must be a string"
        if longest is not None and len(value) > longest:
            return f"must have at most {longest} characters"
        if len(value) < shortest:
            return "must not be empty"
        return None

    return check


def choice(options: Collection[str]) -> Check:
    """One of a closed vocabulary."""
    wrong = f"must be one of: {', '.join(options)}"
    return lambda value: None if isinstance(value, str) and value in options else wrong


def email(value: object) -> str | None:
    """An e-mail address by its form alone."""
    if not isinstance(value, str):
        return "must be a string"
    local, _, domain = value.partition("@")
    plain = len(local) <= _LONGEST_LOCAL and _PLAIN_LOCAL.fullmatch(local) is not None
    right = (plain and _takes_any_local(domain)) or _is_address(value)
    return None if right else "must be an e-mail address"


def _is_address(text: str) -> bool:
    """Whether `text` has the form of an address; no page keeps the reserved domains out."""
    before, at, domain = text.rpartition("@")
    label = domain.rpartition(".")[2]
    # The library refuses reserved names and their like: a label as long stands in for them.
    stand_in = "z" * len(label) if label.lower() in SPECIAL_USE_DOMAIN_NAMES else label
    typed = f"{before}{at}{domain.removesuffix(label)}{stand_in}"
    try:
        found = validate_email(typed, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return False
    return found.ascii_domain[-1].isalpha()  # no top-level domain ends in a digit


@lru_cache(4096)
def _takes_any_local(domain: str) -> bool:
    return _is_address(f"{'a' * _LONGEST_LOCAL}@{domain}")


def uuid(value: object) -> str | None:
    """A UUID in its hyphenated form."""
    try:
        well_formed = isinstance(value, str) and str(UUID(value)) == value.lower()
    except ValueError:
        well_formed = False
    return None if well_formed else "must be a UUID"


def integer(lowest: int | None = None, highest: int | None = None) -> Check:
    """A JSON integer; true and false are not integers."""

    def check(value: object) -> str | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return "must be an integer"
        if lowest is not None and value < lowest:
            return f"must be at least {lowest}"
        if highest is not None and value > highest:
            return f"must be at most {highest}"
        return None

    return check


def flag(value: object) -> str | None:
    """true or false."""
    return None if isinstance(value, bool) else "must be true or false"


def instant(value: object) -> str | None:
    """An RFC 3339 date-time with a zone."""
    right = isinstance(value, str) and read_instant(value) is not None
    return None if right else "must be a date-time with a zone"


def printed_by(printer: Callable[[datetime], str]) -> Check:
    """A date-time exactly as the vendor prints it, so that its text sorts like its time."""

    def check(value: object) -> str | None:
        at = read_instant(value) if isinstance(value, str) else None
        right = at is not None and printer(at) == value
        return None if right else "must be a date-time in the vendor's own form"

    return check


def texts(value: object) -> str | None:
    """An array of strings."""
    right = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return None if right else "must be an array of strings"


def mapping(value: object) -> str | None:
    """A JSON object of anything."""
    return None if isinstance(value, dict) else "must be an object"


def scalars(value: object) -> str | None:
    """A JSON object of strings, numbers, booleans and nulls."""
    right = isinstance(value, dict) and not any(
        isinstance(each, (dict, list)) for each in value.values()
    )
    return None if right else "must be an object of scalar values"


def nullable(check: Check) -> Check:
    """null as well."""
    return lambda value: None if value is None else check(value)
