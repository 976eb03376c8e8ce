"""What a simulator receives and what it gives back: one request in, one answer out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import orjson

Row: TypeAlias = dict[str, Any]
"""One JSON object: a lead in its vendor's shape, or a request body."""


class Refusal(Exception):
    """A request that the vendor turns down: the HTTP status and the words for its envelope."""

    def __init__(
        self, status: int, message: str, *, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: its headers come on top of content-type, content-length and date."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, status: int, value: object) -> Answer:
        """The value as JSON under this status."""
        return cls(status, orjson.dumps(value))

    def adding(self, headers: tuple[tuple[str, str], ...]) -> Answer:
        """The same answer with these headers as well."""
        return replace(self, headers=self.headers + headers) if headers else self


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it arrived; `path` is still percent-encoded and header names are lower case."""

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    places: Mapping[str, str] = field(default_factory=dict)
    """The decoded values of the placeholders in the route's template."""

    @property
    def bearer(self) -> str | None:
        """The token of `Authorization: Bearer ...`, None when there is no such header."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() or None if scheme.lower() == "bearer" else None

    def document(self) -> Row:
        """The body as one JSON object; anything else, or another media type, is refused with 400.

        Numbers are kept as a JavaScript server keeps them: past 64 bits an integer becomes a float.
        """
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise Refusal(400, "the body must be sent as application/json")
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise Refusal(400, "the body is not valid JSON") from None
        if not isinstance(value, dict):
            raise Refusal(400, "the body must be a JSON object")
        return value

    def query(self, documented: frozenset[str]) -> dict[str, str]:
        """The query parameters; an undocumented, repeated or undecodable one is refused with 400.

        No vendor says what an unknown parameter does: refusing it catches a client's mistakes.
        """
        if not self.query_string:
            return {}
        try:
            pairs = parse_qsl(
                self.query_string, keep_blank_values=True, strict_parsing=True, errors="strict"
            )
        except ValueError:
            raise Refusal(400, "the query string cannot be read") from None
        found = dict(pairs)
        if len(found) != len(pairs):
            raise Refusal(400, "a query parameter is repeated")
        for name in found:
            if name not in documented:
                raise Refusal(400, f"unknown query parameter: {name}")
        return found


def whole_number(
    asked: Mapping[str, str], name: str, default: int, lowest: int, highest: int
) -> int:
    """A query parameter as an integer in ASCII digits; 400 for other text or out of range."""
    text = asked.get(name)
    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) <= len(str(highest)):
        number = int(text)
        if lowest <= number <= highest:
            return number
    raise Refusal(400, f"{name} must be an integer from {lowest} to {highest}")
