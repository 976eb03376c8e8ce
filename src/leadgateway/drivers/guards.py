"""What every driver holds to, whatever its HTTP client: addresses, headers, redirects, sizes."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterable
from http import HTTPStatus
from typing import Protocol

from leadgateway.errors import ConfigError, UnsafeURL
from leadgateway.exchange import Effect, Interrupted, Request, Response
from leadgateway.safety import follow, split_url

DEADLINE = 60.0
CONNECT_DEADLINE = 10.0
IDLE_SECONDS = 3.0
"""Many servers hang up after 5 idle seconds: a write must not meet a closing connection."""
MAX_BODY = 16 * 1024 * 1024
MAX_HEADERS = 256
MAX_HOPS = 3

_PIECE = 256 * 1024
_REDIRECTS = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)


class Breach(Exception):
    """An answer that no guard lets through; the text says why, and quotes nothing of it."""


def check_proxy(proxy: str | None) -> None:
    """Refuse a proxy whose address no client could read as it is meant."""
    if proxy is not None and split_url(proxy) is None:
        raise ConfigError("The option proxy is no plain http or https address.")


def exchange(request: Request, address: str) -> Generator[str, Response, Response]:
    """Yield each address to ask and take its answer, up to the one that is no redirect.

    Only a GET that reads is led on, only on its own origin, and only so often.
    """
    for _ in range(MAX_HOPS + 1):
        response = yield address
        link = response.header("location")
        if response.status not in _REDIRECTS or link is None:
            return response
        if request.effect is not Effect.READ or request.method != "GET":
            raise response.unreadable(f"a redirect{_whither(address, link)}, which is not followed")
        address = follow(address, link)
    raise request.unreadable(f"more than {MAX_HOPS} redirects")


def _whither(address: str, link: str) -> str:
    """Return scheme and host of a redirect that nobody follows, where it has them."""
    try:
        follow(address, link)
    except UnsafeURL:
        parts = split_url(link)
        return f" to {parts.scheme}://{parts.hostname}" if parts else ""
    return " on the same host"


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unconsumed_tail(self) -> bytes: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


class Body:
    """Gathers a body piece by piece, decoded of its coding, and stops at `limit` bytes.

    The raw bytes must come undecoded: a client's own decoding has no limit and no end check.
    """

    def __init__(self, headers: Iterable[tuple[str, str]], limit: int) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0
        self._raw_size = 0
        self._decoder: _Decompressor | None = None
        codings = [value for name, value in headers if name == "content-encoding"]
        self._coding = ",".join(codings).strip().lower() or "identity"
        if self._coding not in {"identity", "gzip", "x-gzip", "deflate"}:
            raise Breach("a content coding we did not ask for")

    def feed(self, raw: bytes) -> None:
        """Take the next raw bytes."""
        self._raw_size += len(raw)
        if self._raw_size > self._limit:
            raise Breach(f"more than {self._limit} bytes")
        if self._coding == "identity":
            self._pieces.append(raw)
            return
        try:
            self._decode(raw)
        except zlib.error:
            raise Breach(f"damaged {self._coding} data") from None

    def finish(self) -> bytes:
        """Return the whole body; a compressed one must have come to its own end."""
        if self._decoder is not None and not self._decoder.eof:
            raise Breach(f"{self._coding} data cut short")
        return b"".join(self._pieces)

    def _decode(self, raw: bytes) -> None:
        while raw:
            if self._decoder is None:
                self._decoder = zlib.decompressobj(self._window_bits(raw))
            elif self._decoder.eof:
                if self._coding == "deflate":
                    raise Breach("bytes after the end of deflate data")
                self._decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
            raw = self._inflate(self._decoder, raw)

    def _inflate(self, decoder: _Decompressor, raw: bytes) -> bytes:
        """Decode in small pieces, so that a bomb is never held; return what follows the end."""
        full = True
        while raw or full:
            piece = decoder.decompress(raw, _PIECE)
            self._size += len(piece)
            if self._size > self._limit:
                raise Breach(f"more than {self._limit} bytes once decoded")
            self._pieces.append(piece)
            full = len(piece) == _PIECE
            if decoder.eof:
                return decoder.unused_data
            raw = decoder.unconsumed_tail
        return b""

    def _window_bits(self, start: bytes) -> int:
        """Return zlib's parameter; some servers mean raw deflate where others mean zlib's."""
        if self._coding != "deflate":
            return zlib.MAX_WBITS | 16
        zlib_header = start[0] & 0x0F == zlib.DEFLATED
        return zlib.MAX_WBITS if zlib_header else -zlib.MAX_WBITS


def head(raw: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    """Return an answer's headers with names in lower case; too many are a `Breach`."""
    headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in raw]
    if len(headers) > MAX_HEADERS:
        raise Breach(f"more than {MAX_HEADERS} headers")
    return tuple(headers)


def interrupted(error: BaseException, *, sent: bool, deadline: float) -> Interrupted:
    """Return what a client's error means; of the error itself only its class is quoted."""
    late = isinstance(error, TimeoutError) or "Timeout" in type(error).__name__
    if not sent:
        why = "in time" if late else f"({type(error).__name__})"
        return Interrupted(f"no connection {why}", sent=False)
    why = f"within {deadline:g} seconds" if late else f"({type(error).__name__})"
    return Interrupted(f"no complete answer {why}", sent=True)
