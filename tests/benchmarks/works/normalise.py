"""Phones and e-mails read by us and by the libraries, value by value; and never differently."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from tests.benchmarks import corpus, paired
from tests.benchmarks.effort import Effort
from tests.benchmarks.findings import Findings, Table
from tests.benchmarks.paired import Spread
from tests.normalize import invented_contacts

from leadgateway.errors import NormalizationError
from leadgateway.normalize import email, phone
from leadgateway.normalize.email import thoroughly as email_thoroughly
from leadgateway.normalize.phone import thoroughly as phone_thoroughly

Read = Callable[[Any], object]
SEED = 1


def our_phone(asked: tuple[str, str | None]) -> object:
    """What leadgateway makes of a number; None where it refuses."""
    try:
        return phone(*asked)
    except NormalizationError:
        return None


def library_phone(asked: tuple[str, str | None]) -> object:
    """What one writes with phonenumbers."""
    try:
        number = phonenumbers.parse(*asked)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def our_email(text: str) -> object:
    """What leadgateway makes of an address; None where it refuses."""
    try:
        return email(text)
    except NormalizationError:
        return None


def library_email(text: str) -> object:
    """What one writes with email-validator."""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


CASES: tuple[tuple[str, Callable[[int, int], Sequence[Any]], Read, Read], ...] = (
    ("phones in E.164: speed / phonenumbers", corpus.phones_e164, our_phone, library_phone),
    ("phones mixed: speed / phonenumbers", corpus.phones, our_phone, library_phone),
    ("e-mails mixed: speed / email-validator", corpus.emails, our_email, library_email),
    ("e-mails in ASCII: speed / email-validator", corpus.emails_ascii, our_email, library_email),
)


def measure(effort: Effort) -> Findings:
    """Time both sides in turn on the same values, then look for different answers."""
    found = Findings()
    rows = []
    for name, values_of, ours, theirs in CASES:
        values = values_of(SEED, effort.values)
        taken = paired.rounds({"ours": _timed(ours, values), "theirs": _timed(theirs, values)}, 3)
        ratio = paired.ratios(taken["theirs"], taken["ours"], float)
        found.figures[name] = ratio.median
        each = [f"{1e6 * Spread.of(taken[who]).median / len(values):.2f}" for who in taken]
        rows.append((name, *each, str(ratio)))
    title = f"Normalising {effort.values:,} values of each kind"
    found.tables.append(Table(title, ("", "our µs", "the library's µs", "times as fast"), rows))
    _differential(effort, found)
    return found


def _timed(read: Read, values: Sequence[Any]) -> Callable[[], float]:
    def timed() -> float:
        began = time.process_time()
        for each in values:
            read(each)
        return time.process_time() - began

    return timed


def _differential(effort: Effort, found: Findings) -> None:
    """Compare the fast readings with the thorough ones on invented and hostile values."""
    size = 4 * effort.values
    numbers = invented_contacts.phones(SEED, size)
    addresses = invented_contacts.emails(SEED, size // 2)
    differences = sum(
        _answer(phone, *each) != _answer(phone_thoroughly, *each) for each in numbers
    ) + sum(_answer(email, each) != _answer(email_thoroughly, each) for each in addresses)
    found.figures["differences"] = differences
    found.notes.append(
        f"{size:,} phones and {size // 2:,} e-mails, right, nearly right and wrong, read by the "
        f"fast and by the thorough way: {differences} differences."
    )


def _answer(read: Callable[..., object], *asked: Any) -> object:
    try:
        return read(*asked)
    except NormalizationError as refusal:
        return str(refusal)
