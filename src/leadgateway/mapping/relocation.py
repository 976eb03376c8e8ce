"""Keeping a value elsewhere when its own field cannot hold it, and finding it there again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from leadgateway.errors import ConfigError
from leadgateway.mapping.leaves import PATHS, is_empty, leaf_type
from leadgateway.mapping.rules import Field, Reading, Rule, Writing, fetch
from leadgateway.taxonomy import Fidelity
from leadgateway.values import Loss

_HOSTS = {"custom": "custom", "tag": "tags", "notes": "notes"}


@dataclass(frozen=True)
class Relocation:
    """Where one leaf goes that would be narrowed or dropped, in the vendor's own native key."""

    path: str
    place: str
    slug: str
    host: Field

    @classmethod
    def to(cls, path: str, place: str, by_path: Mapping[str, Rule]) -> Relocation:
        """Return the relocation of `path` to `"custom:SLUG"`, `"tag"` or `"notes"`."""
        kind, _, slug = place.partition(":")
        if path not in PATHS or kind not in _HOSTS or (kind == "custom") != bool(slug):
            raise ConfigError(f'relocate.{path}: say "custom:SLUG", "tag" or "notes"')
        host = by_path.get(_HOSTS[kind])
        if not isinstance(host, Field) or not host.on:
            raise ConfigError(f"relocate.{path}: this vendor has no {_HOSTS[kind]} to keep it in")
        return cls(path, kind, slug or path, host)

    def put(self, leaves: Mapping[str, Any], writing: Writing) -> None:
        """Write the leaf to its place if its own field lost it, and say `relocated` instead."""
        lost = [x for x in writing.losses if x.path == self.path and x.fidelity.is_lossy]
        if not lost or is_empty(leaves.get(self.path)) or writing.use not in self.host.on:
            return
        text = _to_text(self.path, leaves[self.path])
        key = self.host.keys[0]
        held = writing.body.get(key)
        if self.place == "custom":
            writing.body[key] = {**(held or {}), self.slug: text}
        elif self.place == "tag":
            writing.body[key] = [*(held or ()), f"{self.slug}={text}"]
        else:
            line = f"[{self.slug}] {_one_line(text)}"
            writing.body[key] = f"{held}\n{line}" if held else line
        writing.losses = [x for x in writing.losses if x not in lost]
        where = f"{self.host.path} {self.slug}"
        writing.losses.append(
            Loss(path=self.path, fidelity=Fidelity.RELOCATED, reason="relocated", detail=where)
        )

    def take_back(
        self, payload: Mapping[str, Any], leaves: dict[str, Any], reading: Reading
    ) -> Mapping[str, Any]:
        """Read the leaf from its place; return `payload` without it, so that it is read once."""
        held = fetch(payload, self.host.key)
        text, rest = self._split(held)
        if text is None:
            return payload
        try:
            leaves[self.path] = _from_text(self.path, text)
        except ValidationError:
            reading.report(self.path, "relocated_unreadable")
            return payload
        return {**payload, self.host.key: rest}

    def _split(self, held: Any) -> tuple[str | None, Any]:
        if self.place == "custom" and isinstance(held, Mapping):
            text = held.get(self.slug)
            rest = {key: value for key, value in held.items() if key != self.slug}
            return (text, rest) if isinstance(text, str) else (None, held)
        if self.place == "tag" and isinstance(held, list | tuple):
            mine = [tag for tag in held if isinstance(tag, str) and tag.startswith(f"{self.slug}=")]
            if mine:
                return mine[0].partition("=")[2], [tag for tag in held if tag not in mine]
        if self.place == "notes" and isinstance(held, str):
            found = re.search(rf"(?:^|\n)\[{re.escape(self.slug)}\] ([^\n]*)$", held, re.MULTILINE)
            if found:
                return _lines(found[1]), (held[: found.start()] + held[found.end() :]) or None
        return None, held


def _to_text(path: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    return TypeAdapter(leaf_type(path)).dump_json(value).decode()


def _from_text(path: str, text: str) -> Any:
    kind = leaf_type(path)
    return text if kind == str | None else TypeAdapter(kind).validate_json(text)


def _one_line(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def _lines(text: str) -> str:
    return re.sub(r"\\([\\nr])", lambda m: {"n": "\n", "r": "\r"}.get(m[1], "\\"), text)
