"""The records of a table of text, each with its place; a broken one costs its first line only."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from leadgateway.files.encoding import Encoding, Line, lines
from leadgateway.files.places import Place

DELIMITERS = (",", ";", "\t", "|")
_HINT = re.compile(r"sep=(.)[\r\n]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its cells, or `None` and its text where the quotes make no sense."""

    start: Place
    end: Place
    cells: tuple[str, ...] | None
    text: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return self.cells is not None and not any(cell.strip() for cell in self.cells)


@dataclass(slots=True)
class _Feed:
    """The lines a reader takes, which can be given back from the second of a record on."""

    source: Iterator[Line]
    encoding: Encoding
    place: Place
    dry: bool = False
    taken: list[Line] = field(default_factory=list)
    back: deque[Line] = field(default_factory=deque)

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self.back.popleft() if self.back else next(self.source, None)
        if line is None:
            self.dry = True
            raise StopIteration
        self.taken.append(line)
        self.place = line.end
        return self.encoding.text(line.data, line.start.line)

    def first_line_only(self) -> Line:
        """Give back all lines of the record but the first, and return that."""
        first, *rest = self.taken
        self.back.extendleft(reversed(rest))
        self.place, self.dry = first.end, False
        return first


def records(
    data: bytes, start: Place, encoding: Encoding, delimiter: str, *, at_end: bool
) -> Iterator[Record]:
    """Yield the records that `data` holds to their end, in order and without a gap."""
    feed = _Feed(lines(data, start, encoding, at_end=at_end), encoding, start)
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        begin = feed.place
        feed.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            if feed.dry and not at_end:
                return
            line = feed.first_line_only()
            text = encoding.text(line.data, line.start.line).rstrip("\r\n")
            yield Record(begin, line.end, None, text)
            reader = csv.reader(feed, delimiter=delimiter, strict=True)
        else:
            yield Record(begin, feed.place, tuple(cells))


def delimiter_of(data: bytes, start: Place, encoding: Encoding, *, at_end: bool) -> str:
    """Return the delimiter that splits the header into the most cells."""

    def cells(delimiter: str) -> int:
        found = records(data, start, encoding, delimiter, at_end=at_end)
        first = next((record for record in found if not record.blank), None)
        return len(first.cells or ()) if first is not None else 0

    return max(DELIMITERS, key=cells)


def hint(line: Line, encoding: Encoding) -> str | None:
    """Return the delimiter if `line` is what some spreadsheets put first to name it."""
    found = _HINT.fullmatch(encoding.text(line.data, line.start.line))
    return found[1] if found else None
