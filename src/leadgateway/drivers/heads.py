"""What requests say before their bodies: checked before anything is sent, once for all alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import quote, urlencode

from leadgateway.errors import ConfigError, UnsafeURL
from leadgateway.exchange import Effect, Request
from leadgateway.safety import LONGEST_ADDRESS, check_header, split_url

Pairs: TypeAlias = tuple[tuple[str, str], ...]

_KEPT = 16
_FRAMING = frozenset({"host", "content-length", "transfer-encoding", "connection", "te", "upgrade"})
_OURS = (("accept", "*/*"), ("accept-encoding", "gzip, deflate"), ("user-agent", "leadgateway"))


@dataclass(frozen=True, slots=True)
class Head:
    """A request's address with its query, and all headers, which `lines` spells as HTTP/1.1."""

    address: str
    headers: Pairs
    lines: str


class Heads:
    """The heads of one connection's requests; most writes of a run have the same.

    One that holds an idempotency key is no other request's: it is not kept.
    """

    def __init__(self) -> None:
        self._kept = lru_cache(maxsize=_KEPT)(_head)

    def of(self, request: Request) -> Head:
        """Return the head of `request`, or raise the `ConfigError` or `UnsafeURL` it stands for."""
        parts = request.method, request.url, request.params, request.headers
        if request.effect is Effect.KEYED:
            return _head(*parts)
        try:
            return self._kept(*parts)
        except TypeError:  # a list among them, which cannot be looked up
            return _head(*parts)


def _head(method: str, url: str, params: Pairs, headers: Pairs) -> Head:
    if not _is_plain(url):
        raise UnsafeURL("The request's address is no plain http address.")
    if not (method.isascii() and method.isalpha() and method.isupper()):
        raise ConfigError("The request's method must be a word in capital letters.")
    given = set()
    for name, value in headers:
        check_header(name, value)
        given.add(name.lower())
    if not given.isdisjoint(_FRAMING):
        raise ConfigError(f"The driver alone writes the header {min(given & _FRAMING)}.")
    whole = *headers, *[ours for ours in _OURS if ours[0] not in given]
    lines = "\r\n".join([f"{name}: {value}" for name, value in whole])
    return Head(_address(url, params), whole, lines)


def _address(url: str, params: Pairs) -> str:
    if not params:
        return url
    try:
        query = urlencode(params, quote_via=quote)
    except UnicodeEncodeError:
        raise UnsafeURL("A query parameter is no Unicode text.") from None
    address = f"{url}?{query}"
    if len(address) > LONGEST_ADDRESS:
        raise UnsafeURL(f"The address with its query is longer than {LONGEST_ADDRESS} characters.")
    return address


@lru_cache(maxsize=256)
def _is_plain(url: str) -> bool:
    """Tell whether `url` may be asked; most requests of a run go to a few addresses."""
    parts = split_url(url)
    return parts is not None and "@" not in parts.netloc
