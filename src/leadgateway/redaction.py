"""What of a vendor's own words may be repeated: short, printable, without the sender's data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_EMAIL = re.compile(r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+")
_NUMBER = re.compile(r"\+?\d(?:[\s().-]{0,3}\d){5,}")
_SHORT_NUMBER = re.compile(r"[0-9]{1,5}")
_LONGEST = 200


def redact(text: str, sent: Any = None, vocabulary: frozenset[str] = frozenset()) -> str:
    """Return `text` for a message: values of `sent`, addresses and numbers masked, 200 characters.

    `sent` is the JSON value of the request; a vendor's own `vocabulary`, numbers of up to five
    digits and single characters say nothing of a person and stay.
    """
    for value in sorted(set(_texts(sent)) - vocabulary, key=len, reverse=True):
        if len(value) > 1 and not _SHORT_NUMBER.fullmatch(value):
            text = _spelled(value).sub("[value]", text)
    text = _NUMBER.sub("[number]", _EMAIL.sub("[email]", text))
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."


def _spelled(value: str) -> re.Pattern[str]:
    """Match `value` in any case; as a whole word where its script puts space between words."""
    edge = r"(?<![0-9A-Za-z_]){}(?![0-9A-Za-z_])" if value.isascii() else "{}"
    return re.compile(edge.format(re.escape(value)), re.IGNORECASE)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
