"""Where a connection's settings come from: arguments, then the environment, then a file."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadgateway.errors import ConfigError

FILE = "leadgateway.toml"
PREFIX = "LEADGATEWAY_"


@dataclass(frozen=True)
class Configuration:
    """Everything that was configured outside the program.

    A connection's setting `token` is the variable `LEADGATEWAY_<CONNECTION>_TOKEN`, the name in
    capitals with `_` for everything that is no letter or digit, or the key `token` in the table
    `[connections.<connection>]` of `leadgateway.toml`. Values that hold maps or lists are JSON in
    the environment. A connection without a `vendor` has its own name as vendor.
    """

    tables: Mapping[str, Mapping[str, Any]]
    environ: Mapping[str, str]

    @classmethod
    def load(cls, environ: Mapping[str, str], file: Path | None = None) -> Configuration:
        """Read the file, by default `leadgateway.toml` here, or as LEADGATEWAY_CONFIG names it."""
        path = file or Path(environ.get(f"{PREFIX}CONFIG") or FILE)
        if not path.exists():
            if file is not None or environ.get(f"{PREFIX}CONFIG"):
                raise ConfigError(f"the configuration file {path} does not exist.")
            return cls({}, environ)
        try:
            document = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            where = f": {error}" if isinstance(error, tomllib.TOMLDecodeError) else ""
            raise ConfigError(f"{path} is no TOML file{where}.") from None
        tables = document.get("connections", {})
        if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
            raise ConfigError(f"{path}: write one table [connections.NAME] for each connection.")
        return cls(tables, environ)

    def names(self, vendors: tuple[str, ...]) -> tuple[str, ...]:
        """Return the connections that are configured, in the file or by variables."""
        by_variable = {name for name in vendors if f"{_stem(name)}TOKEN" in self.environ}
        named = {
            key.removeprefix(PREFIX).removesuffix("_VENDOR").lower()
            for key in self.environ
            if key.startswith(PREFIX) and key.endswith("_VENDOR")
        }
        known = {_stem(name) for name in self.tables}
        others = {name for name in by_variable | named if _stem(name) not in known}
        return tuple(sorted(others.union(self.tables)))

    def vendor(self, name: str) -> str:
        """Return the vendor of the connection `name`: its own name unless configured otherwise."""
        found = self.environ.get(f"{_stem(name)}VENDOR") or self.tables.get(name, {}).get("vendor")
        if found is not None and not isinstance(found, str):
            raise ConfigError(f"connections.{name}.vendor is no text.")
        return found or name

    def settings(self, name: str, known: Iterable[str]) -> dict[str, Any]:
        """Return what is configured for `name`; of the variables, only `known` settings."""
        found = {key: value for key, value in self.tables.get(name, {}).items() if key != "vendor"}
        for setting in known:
            text = self.environ.get(f"{_stem(name)}{setting.upper()}")
            if text is not None:
                found[setting] = _value(text)
        return found


def _stem(name: str) -> str:
    return PREFIX + "".join(c if c.isalnum() else "_" for c in name).upper() + "_"


def _value(text: str) -> Any:
    if text[:1] in {"{", "["}:
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
