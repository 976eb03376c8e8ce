"""What an adapter asks of the wire and what comes back: plain values, and strict JSON.

What is made for every lead is a named tuple: nothing else is made as fast.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar
from urllib.parse import quote, urlsplit

from leadgateway.errors import BadResponse, MappingError, OutcomeUnknown, VendorError
from leadgateway.frozen import FrozenDict
from leadgateway.json_text import dumps, loads

__all__ = [
    "Document",
    "Effect",
    "Flow",
    "Interrupted",
    "Request",
    "Response",
    "dumps",
    "loads",
    "segment",
]

T = TypeVar("T")

_MISSING: Final = object()
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9_.~-]+")  # RFC 3986, section 2.3


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


class Request(NamedTuple):
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

    def with_body(self, body: bytes) -> Request:
        """Return this request with another body."""
        return Request(
            self.method, self.url, self.params, self.headers, body, self.effect, self.bucket
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


class Response(NamedTuple):
    """One complete answer; header names are in lower case, the body is decoded of its coding.

    It is `in_doubt` where the request was sent before, and may have been executed then.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    request: Request
    in_doubt: bool = False

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
        if type(value) is not FrozenDict:
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


class Document(NamedTuple):
    """A JSON object of an answer whose keys are taken with the type they must have.

    `within` is the list it stands in and `row` its index there, or nothing for the answer itself.
    """

    value: Mapping[str, Any]
    response: Response
    within: str
    row: int | None = None

    @property
    def path(self) -> str:
        """What its keys are called in an error."""
        return self.within if self.row is None else f"{self.within}[{self.row}]."

    def get(self, key: str) -> Any:
        """Return what stands at `key`, which may be missing."""
        return self.value.get(key)

    def take(self, key: str, *kinds: type) -> Any:
        """Return what stands at `key`; it must be there and of one of `kinds` (bool is no int)."""
        found = self.value.get(key, _MISSING)
        kind = type(found)
        if kind in kinds or (kind is not bool and isinstance(found, kinds)):
            return found
        what = "missing" if found is _MISSING else kind.__name__
        raise self.response.unreadable(f"{self.path}{key} is {what}")

    def object(self, key: str) -> Document:
        """Return the object at `key`."""
        return Document(self.take(key, FrozenDict), self.response, f"{self.path}{key}.")

    def objects(self, key: str) -> tuple[Document, ...]:
        """Return the list of objects at `key`."""
        rows, within = self.take(key, tuple), f"{self.path}{key}"
        for index, row in enumerate(rows):
            if type(row) is not FrozenDict:
                raise self.response.unreadable(f"{within}[{index}] is no object")
        return tuple(
            [Document(row, self.response, within, index) for index, row in enumerate(rows)]
        )

    def identifier(self, key: str) -> str:
        """Return the id at `key` as text, digit for digit where it is a number."""
        found = str(self.take(key, str, int))
        if not found or "\x00" in found:
            raise self.response.unreadable(f"{self.path}{key} is {'no id' if found else 'empty'}")
        return found

    def cursor(self, key: str) -> str | None:
        """Return the cursor at `key`, which must be there; null alone is the end of the list."""
        found: str | None = self.take(key, str, type(None))
        if found == "":
            raise self.response.unreadable(f"{self.path}{key} is empty, and not null")
        return found

    def __repr__(self) -> str:
        return f"<Document {self.path!r} of {self.response!r}>"


def segment(identifier: str) -> str:
    """Return `identifier` percent-encoded as one path segment; `.` and `..` are refused."""
    if identifier in {"", ".", ".."}:
        raise MappingError("id", "not_an_identifier")
    if _UNRESERVED.fullmatch(identifier):
        return identifier
    try:
        return quote(identifier, safe="")
    except UnicodeEncodeError:
        raise MappingError("id", "not_an_identifier") from None
