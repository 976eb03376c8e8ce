"""Bytes of a text file as numbered lines, in any encoding that spells line ends as ASCII does."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from leadgateway.errors import ConfigError
from leadgateway.files.places import Place

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = {
    "utf-16-le": re.compile(rb"\r\x00\n\x00|\n\x00|\r\x00"),
    "utf-16-be": re.compile(rb"\x00\r\x00\n|\x00\n|\x00\r"),
}
_NARROW = re.compile(rb"\r\n|\n|\r")
_PROBE = 'a,;\t|"\r\n'


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file are text; the file begins with a mark of `mark` bytes."""

    name: str
    mark: int = 0

    def text(self, line: bytes, number: int) -> str:
        """Return a line as text; a byte that is none is a `ConfigError` with the line's number."""
        try:
            return line.decode(self.name)
        except UnicodeDecodeError:
            raise ConfigError(
                f"line {number} holds a byte that is not {self.name}: name the file's encoding "
                'in the setting encoding, such as "latin-1".'
            ) from None


def check_encoding(name: Any) -> str:
    """Return the codec's own name; `ConfigError` if it cannot be read line by line."""
    try:
        found = codecs.lookup(name).name
        readable = found.startswith("utf-16") or _PROBE.encode(found) == _PROBE.encode("ascii")
    except (LookupError, TypeError, UnicodeError):
        readable = False
    if not readable:
        raise ConfigError("encoding: no text encoding of that name is read here.")
    return "utf-16-le" if found == "utf-16" else found


def encoding_of(head: bytes, declared: str) -> Encoding:
    """Return the encoding that the beginning of a file shows by its mark, else the `declared`."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            if name == "utf-32":
                raise ConfigError("the file is UTF-32: save it as UTF-8.")
            return Encoding(name, len(mark))
    return Encoding(declared)


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its end as it stands in the file, and the place behind it."""

    data: bytes
    start: Place
    end: Place


def lines(data: bytes, start: Place, encoding: Encoding, *, at_end: bool) -> Iterator[Line]:
    """Yield the complete lines of `data`; what no line end follows is one only at the file's end.

    `\\n`, `\\r\\n` and `\\r` end a line.
    """
    wide = _WIDE.get(encoding.name)
    width = 1 if wide is None else 2
    begin, place = 0, start
    for found in (wide or _NARROW).finditer(data):
        if found.start() % width:
            continue
        if found.end() == len(data) and not at_end and found[0].strip(b"\0") == b"\r":
            return
        end = Place(start.offset + found.end(), place.line + 1)
        yield Line(data[begin : found.end()], place, end)
        begin, place = found.end(), end
    if at_end and begin < len(data):
        end = Place(start.offset + len(data), place.line + 1)
        yield Line(data[begin:], place, end)
