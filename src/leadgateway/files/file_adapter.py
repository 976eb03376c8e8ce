"""What the adapters of files share: asking a driver for bytes, and telling records apart.

`GET` returns `length` bytes from `offset`, `HEAD` whether the file is there, `NUMBER` how often
each key has come by up to its record, and `POST` appends lines. An answer bears the file's `size`,
and a `stamp` that differs once the file has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import quote

from leadgateway.adapter import Adapter
from leadgateway.errors import ConfigError, CursorError
from leadgateway.exchange import Flow, Request, Response, dumps
from leadgateway.files.places import Place, cursor_of, place_of
from leadgateway.files.settings import FileSettings
from leadgateway.frozen import FrozenDict

CHUNK = 64 * 1024
"""Bytes that are asked for at first; a page that needs more asks for twice as much."""

_CATCHING_UP = 2000


class Piece(Protocol):
    """A record as its place tells it from the others."""

    @property
    def start(self) -> Place:
        """Where it begins."""

    @property
    def end(self) -> Place:
        """Where the next one begins."""

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""


F = TypeVar("F", bound=FileSettings)
P = TypeVar("P", bound=Piece)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class View:
    """Some bytes of a file, of what size it is, and which version of it was seen."""

    data: bytes
    size: int
    stamp: str


@dataclass(frozen=True)
class Layout(Generic[P]):
    """One version of a file: where its records begin, how they are split, what tells them apart."""

    stamp: str
    top: Place
    split: Callable[[bytes, Place, bool], Iterator[P]]
    key: Callable[[P], str]


class FileAdapter(Adapter[F]):
    """An adapter whose requests a file answers; it has no address and needs no credential."""

    def authorize(self, request: Request, token: str) -> Request:
        return request

    def url(self, *path: str) -> str:
        return "file:" + quote(self.settings.file.as_posix())

    def check(self) -> Flow[Mapping[str, Any]]:
        """Find out whether the file is there, and how large it is."""
        answer = self.expect((yield from self.naming(self._look_at_it())), 200)
        return FrozenDict(answer.value)

    def _look_at_it(self) -> Flow[Response]:
        return (yield Request("HEAD", self.url()))

    def naming(self, flow: Flow[T]) -> Flow[T]:
        """Run `flow`; a `ConfigError` in it says which file it is about."""
        try:
            return (yield from flow)
        except ConfigError as error:
            raise ConfigError(f"{self.settings.file}: {error}") from None

    def look(self, offset: int, length: int, stamp: str | None = None) -> Flow[View]:
        """Return bytes of the file; `CursorError` if it is not the version of `stamp` any more."""
        params = {"offset": str(offset), "length": str(length)}
        view = _view((yield self.read(params=params)))
        if stamp not in {None, view.stamp}:
            raise CursorError("the file was changed since its reading began: read it again.")
        return view

    def numbered_page(
        self, layout: Layout[P], cursor: str | None, wanted: int
    ) -> Flow[tuple[list[tuple[P, int]], str | None]]:
        """Return `wanted` records that are not blank, and the cursor behind them.

        Beside each stands how many with its key there are up to it.
        """
        place, stamp = (layout.top, layout.stamp) if cursor is None else place_of(cursor)
        if stamp != layout.stamp:
            raise CursorError("the file was changed since the cursor was given: read it again.")
        filled: list[P] = []
        then: Place | None = place
        while not filled and then is not None:
            place = then
            pieces, then = yield from self._pieces(layout, place, wanted)
            numbers = yield from self._numbers(layout, place, pieces)
            filled = [piece for piece in pieces if not piece.blank]
        pairs = list(zip(filled, numbers, strict=True))
        return pairs, None if then is None else cursor_of(then, layout.stamp)

    def _pieces(
        self, layout: Layout[P], place: Place, wanted: int
    ) -> Flow[tuple[list[P], Place | None]]:
        """Return the next records, blank or not, and the place behind them if there are more."""
        data, length = b"", CHUNK
        while True:
            view = yield from self.look(place.offset + len(data), length, layout.stamp)
            data += view.data
            at_end = place.offset + len(data) >= view.size
            found = list(islice(layout.split(data, place, at_end), wanted))
            if at_end or len(found) == wanted:
                break
            length *= 2
        behind = found[-1].end if found else place
        return found, behind if behind.offset < view.size and found else None

    def _numbers(self, layout: Layout[P], place: Place, pieces: Sequence[P]) -> Flow[list[int]]:
        """Have the records numbered; what was not read yet up to `place` is read first."""
        while True:
            known, numbers = yield from self._ask_for_numbers(layout, place, pieces)
            if numbers is not None:
                return numbers
            between: list[P] = []
            then: Place | None = None
            if known.offset < place.offset:
                between, then = yield from self._pieces(layout, known, _CATCHING_UP)
            within = then is None or place.offset < then.offset
            if within and all(piece.start != place for piece in between):
                raise CursorError("no record begins where the cursor points.")
            yield from self._ask_for_numbers(layout, known, between)

    def _ask_for_numbers(
        self, layout: Layout[P], place: Place, pieces: Sequence[P]
    ) -> Flow[tuple[Place, list[int] | None]]:
        asked = {
            "stamp": layout.stamp,
            "top": [layout.top.offset, layout.top.line],
            "from": place.offset,
            "to": [pieces[-1].end.offset, pieces[-1].end.line] if pieces else None,
            "keys": [[layout.key(p), p.start.offset] for p in pieces if not p.blank],
        }
        answer = self.expect((yield Request("NUMBER", self.url(), body=dumps(asked))), 200)
        numbers = answer.get("numbers")
        offset, line = answer.take("known_to", tuple)
        return Place(offset, line), None if numbers is None else list(numbers)


def _view(answer: Response) -> View:
    size, stamp = answer.header("size"), answer.header("stamp")
    if answer.status != 200 or size is None or stamp is None:
        raise answer.unreadable("these are no bytes of a file")
    return View(answer.body, int(size), stamp)
