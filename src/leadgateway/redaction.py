"""What of a vendor's own words may be repeated: short, printable, without the sender's data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_EMAIL = re.compile(r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+")
_NUMBER = re.compile(r"\+?\d(?:[\s().-]?\d){5,}")
_WORD = re.compile(r"[a-z0-9_]*")
_LONGEST = 200


def redact(text: str, sent: Any = None) -> str:
    """Return `text` for a message: values of `sent`, addresses and numbers masked, 200 characters.

    `sent` is the JSON value of the request; its plain lower-case words are vocabulary and stay.
    """
    for value in sorted({v for v in _texts(sent) if not _WORD.fullmatch(v)}, key=len, reverse=True):
        text = text.replace(value, "[value]")
    text = _NUMBER.sub("[number]", _EMAIL.sub("[email]", text))
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
