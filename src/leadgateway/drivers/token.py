"""Where a connection's token comes from; however many workers ask, it is renewed once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from inspect import isawaitable, iscoroutinefunction
from typing import TypeAlias

from leadgateway.errors import AuthError, ConfigError, LeadGatewayError
from leadgateway.safety import check_credential

TokenSource: TypeAlias = str | Callable[[], str]
AsyncTokenSource: TypeAlias = str | Callable[[], str | Awaitable[str]]


class Token:
    """A token as text, or from a callable that is asked again when the vendor refuses it.

    What the callable returns must be text fit for a header, else a `ConfigError` names `setting`;
    one that fails is an `AuthError`, and nothing is sent.
    """

    def __init__(self, setting: str, source: TokenSource) -> None:
        self._setting = setting
        self._source = source
        self._text = check_credential(setting, source) if isinstance(source, str) else None
        self._renewing = threading.Lock()

    def __call__(self, refused: str | None = None) -> str:
        """Return the token in force; one that is not `refused`, if there is any."""
        with self._renewing:
            if callable(self._source) and self._text in {None, refused}:
                with _naming(self._setting):
                    found = self._source()
                self._text = _fit(self._setting, found)
            assert self._text is not None  # noqa: S101 - text from the start, or just fetched
            return self._text


class AsyncToken:
    """Does as `Token`; its callable may be a coroutine function, and a plain one may block."""

    def __init__(self, setting: str, source: AsyncTokenSource) -> None:
        self._setting = setting
        self._source = source
        self._text = check_credential(setting, source) if isinstance(source, str) else None
        self._renewing = asyncio.Lock()

    async def __call__(self, refused: str | None = None) -> str:
        """Return the token in force; one that is not `refused`, if there is any."""
        if self._text in {None, refused} or self._renewing.locked():
            async with self._renewing:
                if callable(self._source) and self._text in {None, refused}:
                    with _naming(self._setting):
                        found = await _fetch(self._source)
                    self._text = _fit(self._setting, found)
        assert self._text is not None  # noqa: S101 - text from the start, or just fetched
        return self._text


@contextmanager
def _naming(setting: str) -> Iterator[None]:
    try:
        yield
    except LeadGatewayError:
        raise
    except Exception as error:
        raise AuthError(f"the callable for {setting} failed: {type(error).__name__}") from error


def _fit(setting: str, found: object) -> str:
    if not isinstance(found, str):
        raise ConfigError(f"{setting}: its callable returned {type(found).__name__}, not text.")
    return check_credential(setting, found)


async def _fetch(source: Callable[[], str | Awaitable[str]]) -> str:
    found = source() if iscoroutinefunction(source) else await asyncio.to_thread(source)
    return await found if isawaitable(found) else found
