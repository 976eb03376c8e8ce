"""Where a connection's settings come from: arguments, then the environment, then a file."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from leadgateway.errors import ConfigError

FILE = "leadgateway.toml"
PREFIX = "LEADGATEWAY_"


@dataclass(frozen=True)
class Configuration:
    """Everything that was configured outside the program.

    A connection's setting `token` is the variable `LEADGATEWAY_<CONNECTION>_TOKEN`, the name in
    capitals with `_` for everything that is no letter or digit, or the key `token` in the table
    `[connections.<connection>]` of `leadgateway.toml`. Settings that are maps or lists are JSON in
    the environment. A connection without a `vendor` has its own name as vendor. A name that begins
    with `@` is the path of a file that holds a connection's settings as one JSON object, `vendor`
    among them. How a table of text is read stands in `[files.<name>]`: its path, its name, or that
    without its ending.
    """

    tables: Mapping[str, Mapping[str, Any]]
    environ: Mapping[str, str]
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def load(cls, environ: Mapping[str, str], file: Path | None = None) -> Configuration:
        """Read the file, by default `leadgateway.toml` here, or as LEADGATEWAY_CONFIG names it."""
        path = file or Path(environ.get(f"{PREFIX}CONFIG") or FILE)
        try:
            document = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            if file is not None or environ.get(f"{PREFIX}CONFIG"):
                raise ConfigError(f"the configuration file {path} does not exist.") from None
            return cls({}, environ)
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            where = f": {error}" if isinstance(error, tomllib.TOMLDecodeError) else ""
            raise ConfigError(f"{path} is no TOML file{where}.") from None
        unknown = sorted(document.keys() - {"connections", "files"})
        if unknown:
            raise ConfigError(
                f"{path}: {unknown[0]!r} means nothing here. There are [connections.NAME] and "
                "[files.NAME]."
            )
        tables = _tables(document, "connections", path, "connection")
        stems: dict[str, str] = {}
        for name in tables:
            other = stems.setdefault(_stem(name), name)
            if other != name:
                raise ConfigError(f"{path}: {other!r} and {name!r} would share their variables.")
        return cls(tables, environ, _tables(document, "files", path, "file"))

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
        found = self.environ.get(f"{_stem(name)}VENDOR") or self._table(name).get("vendor")
        if found is not None and not isinstance(found, str):
            raise ConfigError(f"connections.{name}.vendor is no text.")
        return found or name

    def settings(self, name: str, known: Mapping[str, FieldInfo]) -> dict[str, Any]:
        """Return what is configured for `name`; of the variables, only the `known` settings."""
        found = {key: value for key, value in self._table(name).items() if key != "vendor"}
        for setting, info in known.items():
            variable = f"{_stem(name)}{setting.upper()}"
            text = self.environ.get(variable)
            if text is not None:
                found[setting] = _json(variable, text) if _holds_many(info.annotation) else text
        return found

    def origins(self, name: str, known: Mapping[str, FieldInfo]) -> Mapping[str, str]:
        """Return where each configured setting of `name` stands: `environment` or `file`."""
        found = dict.fromkeys(self._table(name).keys() - {"vendor"}, "file")
        by_variable = [key for key in known if f"{_stem(name)}{key.upper()}" in self.environ]
        return {**found, **dict.fromkeys(by_variable, "environment")}

    def file(self, name: str) -> Mapping[str, Any]:
        """Return how the table of text at the path `name` is read, where that is configured."""
        path, by_path = Path(name), {one_name(key): table for key, table in self.files.items()}
        known = (by_path.get(name), self.files.get(path.name), self.files.get(path.stem))
        return next((table for table in known if table is not None), {})

    def _table(self, name: str) -> Mapping[str, Any]:
        """Return the table of `name`, also where only `-` for `_` or capitals tell it apart."""
        if name.startswith("@"):
            return _saved(Path(name[1:]))
        if name in self.tables:
            return self.tables[name]
        stem = _stem(name)
        return next((table for key, table in self.tables.items() if _stem(key) == stem), {})


def one_name(path: str) -> str:
    """Return the one name of a file, however its path is spelled: short where it lies below here.

    The folders before it may be links; a file that is one has a name of its own.
    """
    place = Path(os.path.realpath(Path(path).parent), Path(path).name)
    here = Path.cwd()
    return (place.relative_to(here) if place.is_relative_to(here) else place).as_posix()


def _tables(
    document: Mapping[str, Any], key: str, path: Path, what: str
) -> Mapping[str, Mapping[str, Any]]:
    tables = document.get(key, {})
    if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
        raise ConfigError(f"{path}: write one table [{key}.NAME] for each {what}.")
    return tables


def _saved(file: Path) -> Mapping[str, Any]:
    """Return the connection that `file` holds; an error quotes nothing of it."""
    try:
        found = json.loads(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("vendor"), str):
        raise ConfigError(f"{file} holds no JSON object of settings with a vendor.")
    return found


def _stem(name: str) -> str:
    letters = (c if c.isascii() and c.isalnum() else "_" for c in name)
    return PREFIX + "".join(letters).upper() + "_"


def _holds_many(annotation: Any) -> bool:
    kind = get_origin(annotation) or annotation
    if isinstance(kind, type) and issubclass(kind, Collection) and kind is not str:
        return True
    return any(map(_holds_many, get_args(annotation)))


def _json(variable: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigError(f"{variable} is no JSON: it holds a map or a list.") from None
