"""What an adapter asks of the wire and what comes back: plain values, and strict JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from math import isfinite, isinf
from typing import Any, NoReturn, TypeAlias, TypeVar
from urllib.parse import quote, urlsplit

import orjson

from leadgateway.errors import BadResponse, MappingError, OutcomeUnknown, VendorError
from leadgateway.frozen import FrozenDict, freeze

T = TypeVar("T")


class Effect(StrEnum):
    """What repeating a request would do: nothing, nothing thanks to its key, or harm."""

    READ = "read"
    KEYED = "keyed"
    ONCE = "once"


def _first(headers: tuple[tuple[str, str], ...], wanted: str) -> str | None:
    for name, value in headers:
        if name == wanted:
            return value
    return None


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """One request as a value; `url` is absolute without a query, `bucket` is the rate plan's."""

    method: str
    url: str
    params: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    effect: Effect = Effect.READ
    bucket: str = "default"

    def with_header(self, name: str, value: str) -> Request:
        """Return this request with one more header."""
        headers = (*self.headers, (name.lower(), value))
        return Request(
            self.method, self.url, self.params, headers, self.body, self.effect, self.bucket
        )

    def header(self, name: str) -> str | None:
        """Return the first value of the header `name`, whatever its case."""
        return _first(self.headers, name.lower())

    def unreadable(self, what: str, *, status: int | None = None) -> VendorError:
        """Return the error for an answer outside the documents: after a write nobody knows."""
        kind = BadResponse if self.effect is Effect.READ else OutcomeUnknown
        return kind(f"cannot read the answer: {what}", status=status)

    def __repr__(self) -> str:
        size = len(self.body or b"")
        return f"<Request {self.method} {urlsplit(self.url).path} {size} bytes {self.effect}>"


@dataclass(frozen=True, slots=True, repr=False)
class Response:
    """One complete answer; header names are in lower case, the body is decoded of its coding."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    request: Request

    def header(self, name: str) -> str | None:
        """Return the first value of the header `name`, whatever its case."""
        return _first(self.headers, name.lower())

    def document(self) -> Document:
        """Return the body as a JSON object; anything else is `unreadable`."""
        try:
            value = loads(self.body)
        except ValueError as error:
            kind = (self.header("content-type") or "no content type").split(";")[0].strip()
            raise self.unreadable(f"{kind}, {len(self.body)} bytes: {error}") from None
        if not isinstance(value, Mapping):
            raise self.unreadable(f"a JSON object is wanted, not {type(value).__name__}")
        return Document(value, self, "")

    def unreadable(self, what: str) -> VendorError:
        """Return the error for an answer outside the documents, as its request sees it."""
        return self.request.unreadable(what, status=self.status)

    def __repr__(self) -> str:
        return f"<Response {self.status} {len(self.body)} bytes to {self.request!r}>"


Flow: TypeAlias = Generator[Request, Response, T]


class Interrupted(Exception):
    """What a driver raises when no answer came; `sent` is whether bytes may have left."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        self.reason = reason
        self.sent = sent
        super().__init__(reason)


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """A JSON object of an answer whose keys are taken with the type they must have."""

    value: Mapping[str, Any]
    response: Response
    path: str

    def get(self, key: str) -> Any:
        """Return what stands at `key`, which may be missing."""
        return self.value.get(key)

    def take(self, key: str, *kinds: type) -> Any:
        """Return what stands at `key`; it must be there and of one of `kinds` (bool is no int)."""
        if key not in self.value:
            raise self.response.unreadable(f"{self.path}{key} is missing")
        found = self.value[key]
        if not isinstance(found, kinds) or (isinstance(found, bool) and bool not in kinds):
            raise self.response.unreadable(f"{self.path}{key} is {type(found).__name__}")
        return found

    def object(self, key: str) -> Document:
        """Return the object at `key`."""
        return Document(self.take(key, Mapping), self.response, f"{self.path}{key}.")

    def objects(self, key: str) -> tuple[Document, ...]:
        """Return the list of objects at `key`."""
        rows = self.take(key, tuple)
        for index, row in enumerate(rows):
            if not isinstance(row, Mapping):
                raise self.response.unreadable(f"{self.path}{key}[{index}] is no object")
        return tuple(
            Document(row, self.response, f"{self.path}{key}[{index}].")
            for index, row in enumerate(rows)
        )

    def identifier(self, key: str) -> str:
        """Return the id at `key` as text, digit for digit where it is a number."""
        found = self.take(key, str, int)
        if found == "":
            raise self.response.unreadable(f"{self.path}{key} is empty")
        return str(found)

    def cursor(self, key: str) -> str | None:
        """Return the cursor at `key`, which must be there; `None` is the end of the list."""
        found: str | None = self.take(key, str, type(None))
        return found or None


def segment(identifier: str) -> str:
    """Return `identifier` percent-encoded as one path segment; `.` and `..` are refused."""
    if identifier in {"", ".", ".."}:
        raise MappingError("id", "not_an_identifier")
    try:
        return quote(identifier, safe="")
    except UnicodeEncodeError:
        raise MappingError("id", "not_an_identifier") from None


DEEPEST = 200
"""What the JSON writer, and every later reader, can still take."""

_CONTAINERS = (FrozenDict, tuple)
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


def loads(data: bytes) -> Any:
    """Read one JSON text strictly; every fault is a `ValueError`, objects and lists come frozen.

    Refused: anything but UTF-8, a byte order mark, duplicate keys, NaN and infinities, lone
    surrogates, nesting deeper than `DEEPEST`. Integers keep every digit; a fraction whose
    digits a float cannot give back is a `Decimal`.
    """
    value = _at_sight(data)
    if value is None:
        value = _thoroughly(data)
    if data.count(b"[") + data.count(b"{") > DEEPEST and _depth(value) > DEEPEST:
        raise ValueError("nested too deeply")
    return value


def _at_sight(data: bytes) -> Any:
    """Read a text that is, byte for byte, what its value is written as; `None` for any other.

    A key that stands twice, a number of more digits than fit, an escape or a space would all be
    missing from what is written.
    """
    try:
        value = orjson.loads(data)
        return freeze(value) if orjson.dumps(value) == data else None
    except (ValueError, orjson.JSONEncodeError):
        return None


def _thoroughly(data: bytes) -> Any:
    try:
        text = data.decode("utf-8")
        value = freeze(_DECODER.decode(text))
        if _SURROGATE_ESCAPE.search(data):
            json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeError:
        raise ValueError("not UTF-8 text") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos}") from None
    return value


def _depth(value: Any) -> int:
    """Return how many objects and lists stand inside each other."""
    depth, level = 0, [value]
    while level := [each for each in level if type(each) in _CONTAINERS]:
        depth += 1
        level = [
            child
            for each in level
            for child in (each.values() if type(each) is FrozenDict else each)
        ]
    return depth


def _object(pairs: list[tuple[str, Any]]) -> FrozenDict:
    found = FrozenDict([(k, freeze(v) if type(v) is list else v) for k, v in pairs])
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _fraction(text: str) -> float | Decimal:
    number = float(text)
    if repr(number) == text:
        return number
    if isinf(number):
        raise ValueError("a number out of range")
    try:
        exact = Decimal(text)
    except ArithmeticError:
        raise ValueError("a number out of range") from None
    mantissa = text.lower().partition("e")[0]
    padded = "." in mantissa and mantissa.endswith("0") and not mantissa.endswith(".0")
    return exact if padded or Decimal(repr(number)) != exact else number


def _integer(text: str) -> int | float:
    return -0.0 if text == "-0" else int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_constant=_constant,
    parse_float=_fraction,
    parse_int=_integer,
)


def dumps(value: Any, *, was_read: bool = False) -> bytes:
    """Write `value` as compact JSON in UTF-8; every number keeps its digits.

    A value without a JSON form, a float that is not finite among them, is a `TypeError`; one that
    `was_read` by `loads` has none of these, and is not looked through.
    """
    try:
        written = orjson.dumps(value, default=_fragment)
    except orjson.JSONEncodeError:
        written = orjson.dumps(_spell_out(value), default=_fragment)
    if not was_read and b"null" in written:
        # The writer turns NaN and the infinities into null.
        _refuse_infinity(value)
    return written


class ObjectText(Mapping[str, Any]):
    """An object that `dumps` wrote, read again only when somebody looks into it."""

    def __init__(self, text: bytes) -> None:
        self.text = text

    @cached_property
    def _members(self) -> Mapping[str, Any]:
        members: Mapping[str, Any] = loads(self.text)
        return members

    def __getitem__(self, key: str) -> Any:
        return self._members[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


def with_member(text: bytes, key: str, value: str) -> bytes:
    """Return the object `text` with one more member behind the others."""
    member = orjson.dumps({key: value})
    return member if text == b"{}" else b"%b,%b" % (text[:-1], member[1:])


def _refuse_infinity(value: Any) -> None:
    if isinstance(value, float) and not isfinite(value):
        raise TypeError("a float that is not finite has no JSON form")
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for each in value:
        _refuse_infinity(each)


def _fragment(value: Any) -> Any:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value).encode("ascii"))
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _spell_out(value: Any) -> Any:
    """Return `value` with its integers as literal digits: the writer's own stop at 64 bits."""
    if isinstance(value, int) and not isinstance(value, bool):
        return orjson.Fragment(str(value).encode("ascii"))
    if isinstance(value, Mapping):
        return {key: _spell_out(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_spell_out(item) for item in value]
    return value
