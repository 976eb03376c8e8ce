"""Which store a journal lives in: told from its path or URL."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from leadgateway.errors import ConfigError, JournalError, LeadGatewayError, PluginError
from leadgateway.journal.protocol import Journal

Opener: TypeAlias = Callable[[str], Journal]

LOCATION_VARIABLE: Final = "LEADGATEWAY_JOURNAL"
DEFAULT_LOCATION: Final = ".leadgateway/journal.db"

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_NONE: Final[Mapping[str, Opener]] = MappingProxyType({})


def journal_location(given: str | None, environ: Mapping[str, str]) -> str:
    """Return where the journal is: as given, else as LEADGATEWAY_JOURNAL says, else here."""
    return given or environ.get(LOCATION_VARIABLE) or DEFAULT_LOCATION


def open_journal(where: str | Path, openers: Mapping[str, Opener] = _NONE) -> Journal:
    """Open or make the journal at a path, or at a URL such as `postgresql://host/database`.

    `openers` maps further URL schemes to what opens them. `ConfigError` for what cannot be one,
    `JournalError` for what is there and cannot be used; neither repeats the URL.
    """
    if clash := sorted(openers.keys() & _BUILT_IN.keys()):
        raise PluginError(f"a plugin offers journals for {clash[0]!r}, which is built in.")
    scheme = _SCHEME.match(str(where))
    if scheme is None:
        return _open_file(str(where))
    name = scheme[1].lower()
    url = name + str(where)[scheme.end(1) :]
    if name in _BUILT_IN:
        return _BUILT_IN[name](url)
    if name not in openers:
        known = ", ".join(sorted({*_BUILT_IN, *openers}))
        raise ConfigError(f"no journal is opened by {name!r}; there are: {known}, or a path.")
    try:
        return openers[name](url)
    except LeadGatewayError:
        raise
    except Exception as error:  # noqa: BLE001  # a stranger's opener may raise anything
        raise JournalError(
            f"what opens {name!r} journals failed: {type(error).__name__}."
        ) from None


def is_unmade(where: str | Path) -> bool:
    """Return whether nothing is at a path yet where a journal could be made.

    `False` for what only opening it can tell: of a database elsewhere, of a path that is no good.
    """
    text = str(where)
    if _SCHEME.match(text):
        scheme, _, text = text.partition(":///")
        if scheme.lower() != "sqlite":
            return False
    if not text or text.endswith("/"):
        return False
    path = Path(text).expanduser().absolute()
    if path.exists() or path.is_symlink():
        return False
    ground = next(folder for folder in path.parents if folder.exists())
    return ground.is_dir() and os.access(ground, os.W_OK | os.X_OK)


def _open_file(path: str) -> Journal:
    from leadgateway.journal.sqlite import open_sqlite

    if not path or path.endswith("/"):
        raise ConfigError("the journal's path names no file.")
    return open_sqlite(Path(path).expanduser())


def _open_sqlite_url(url: str) -> Journal:
    """Open `sqlite:///relative/path` or `sqlite:////absolute/path`."""
    _, _, place = url.partition("://")
    if not place.startswith("/"):
        raise ConfigError("a journal's SQLite URL has three slashes: sqlite:///journal.db.")
    return _open_file(place[1:])


def _open_postgres_url(url: str) -> Journal:
    try:
        from leadgateway.journal.postgres import open_postgres
    except ImportError:
        raise ConfigError(
            "a journal in PostgreSQL needs psycopg: pip install 'leadgateway[postgres]'."
        ) from None
    return open_postgres(url)


_BUILT_IN: Final[Mapping[str, Opener]] = MappingProxyType(
    {
        "sqlite": _open_sqlite_url,
        "postgresql": _open_postgres_url,
        "postgres": _open_postgres_url,
    }
)
