"""Keeping a value elsewhere when its own field cannot hold it, and finding it there again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter, ValidationError

from leadgateway.errors import ConfigError
from leadgateway.frozen import FrozenDict
from leadgateway.mapping.leaves import PATHS, is_empty, leaf_type
from leadgateway.mapping.rules import MISSING, Field, Reading, Rule, Use, Writing, fetch, place
from leadgateway.normalize.text import is_storable, measure
from leadgateway.taxonomy import Fidelity
from leadgateway.values import Loss

_HOSTS = {"custom": "custom", "tag": "tags", "notes": "notes"}
_SHAPES: Mapping[str, tuple[type, ...]] = {
    "custom": (FrozenDict, Mapping),
    "tag": (list, tuple),
    "notes": (str,),
}
"""What a place holds as documented; where something else stands nothing is put."""


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
        if not isinstance(host, Field) or not host.on or not host.reads or path == host.path:
            raise ConfigError(f"relocate.{path}: this vendor has no {_HOSTS[kind]} to keep it in")
        return cls(path, kind, slug or path, host)

    def put(
        self,
        leaves: Mapping[str, Any],
        writing: Writing,
        base: Mapping[str, Any] | None,
        *,
        lost: bool,
    ) -> bool:
        """Write the leaf to its place if its own field `lost` it, and say `relocated`.

        On update the host is written whole: with what `base` keeps there for a leaf that does not
        change, and without what it keeps for one that does. Returns whether the leaf went there.
        """
        if writing.use not in self.host.on:
            return False
        value = leaves.get(self.path)
        moves = lost and not is_empty(value)
        if base is not None:
            return self._change(value if moves else None, self.path in leaves, writing, base)
        held = fetch(writing.body, self._key) if moves else MISSING
        if not moves or (held is MISSING and writing.use is Use.UPDATE):
            return False
        return self._move(value, held, writing)

    def _change(
        self, value: Any, is_known: bool, writing: Writing, base: Mapping[str, Any]
    ) -> bool:
        kept, held = self._kept(base)
        rewritten = fetch(writing.body, self._key)
        if rewritten is not MISSING:
            held = rewritten
            if kept is not None:
                again, rest = self._split(rewritten)
                held = rest if again == kept else rewritten
        if value is not None:
            return self._move(value, held, writing)
        if kept is not None and is_known:
            place(writing.body, self._key, "" if held is None and not self.host.clears else held)
        elif kept is not None and rewritten is not MISSING:
            place(writing.body, self._key, self._with(held, kept))
        return False

    def name_what_reads_as_it(self, writing: Writing, base: Mapping[str, Any] | None) -> None:
        """Name what the host holds already that will be read back as this leaf."""
        held = fetch(writing.body, self._key)
        text = self._text_in(held)
        if text is None or (base is not None and text == self._kept(base)[0]):
            return
        found: dict[str, Any] = {}
        self.take_back({self.host.key: held}, found, Reading(writing.terms))
        if found:
            writing.lose(self._hosted(writing), Fidelity.RELOCATED, "reads_as", self.path)

    def _kept(self, base: Mapping[str, Any]) -> tuple[str | None, Any]:
        """Return what `base` keeps of this leaf, and its host without it."""
        return self._split(fetch(base, self.host.key))

    def _move(self, value: Any, held: Any, writing: Writing) -> bool:
        text = value if isinstance(value, str) else _to_text(self.path, value)
        if text is None or not is_storable(text) or not self._has_room(held):
            return False
        full = self._with(held, text)
        limit = self.host.limit
        if limit is not None:
            entry = full if self.place == "notes" else self._entry(text)
            if measure(entry, limit.unit) > limit.size:
                return False
        writing.losses.append(self._loss)
        if self.place == "custom" and held and held is not MISSING and self.slug in held:
            writing.lose(self._hosted(writing), Fidelity.DROPPED, "reserved", self.path)
        elif self.place == "tag" and self._split(held)[0] is not None:
            writing.lose(self._hosted(writing), Fidelity.NARROWED, "reserved", self.path)
        place(writing.body, self._key, full)
        return True

    @cached_property
    def _loss(self) -> Loss:
        where = f"{self.host.path} {self.slug}"
        return Loss.of(self.path, Fidelity.RELOCATED, "relocated", where)

    @cached_property
    def _is_text(self) -> bool:
        return bool(leaf_type(self.path) == str | None)

    @cached_property
    def _key(self) -> str:
        return self.host.keys[0]

    def _hosted(self, writing: Writing) -> str:
        """Return the path of the value in the host that stands where this leaf goes."""
        if self.place != "custom":
            return self.host.path
        ours = {theirs: name for name, theirs in writing.terms.custom_map.items()}
        return f"{self.host.path}.{ours.get(self.slug, self.slug)}"

    def _has_room(self, held: Any) -> bool:
        return held is MISSING or held is None or isinstance(held, _SHAPES[self.place])

    def _with(self, held: Any, text: str) -> Any:
        """Return what the host holds with this leaf in its place."""
        if held is MISSING:
            held = None
        if self.place == "custom":
            full = {**(held or {}), self.slug: text}
            return FrozenDict(full) if type(held) is FrozenDict else full
        if self.place == "tag":
            return [*(self._split(held or ())[1]), self._entry(text)]
        return self._entry(text) if held is None else f"{held}\n{self._entry(text)}"

    def _entry(self, text: str) -> str:
        if self.place == "custom":
            return text
        return f"{self.slug}={text}" if self.place == "tag" else f"[{self.slug}] {_one_line(text)}"

    def take_back(
        self, payload: Mapping[str, Any], leaves: dict[str, Any], reading: Reading
    ) -> Mapping[str, Any]:
        """Read the leaf from its place; return `payload` without it, so that it is read once."""
        held = fetch(payload, self.host.key)
        text, rest = self._split(held)
        if text is None:
            return payload
        try:
            leaves[self.path] = text if self._is_text else _from_text(self.path, text)
        except ValidationError:
            reading.report(self.path, "relocated_unreadable")
            return payload
        return {**payload, self.host.key: rest}

    def _text_in(self, held: Any) -> str | None:
        """Return the text that the host holds in this leaf's place."""
        if self.place == "custom" and isinstance(held, dict):
            text = held.get(self.slug)
            return text if isinstance(text, str) else None
        return self._split(held)[0]

    def _split(self, held: Any) -> tuple[str | None, Any]:
        if self.place == "custom" and isinstance(held, (FrozenDict, Mapping)):
            text = held.get(self.slug)
            if not isinstance(text, str):
                return None, held
            rest = dict(held)
            del rest[self.slug]
            return text, FrozenDict(rest) if type(held) is FrozenDict else rest
        if self.place == "tag" and isinstance(held, list | tuple):
            mine = [tag for tag in held if isinstance(tag, str) and tag.startswith(f"{self.slug}=")]
            if mine:
                return mine[0].partition("=")[2], [tag for tag in held if tag not in mine]
        if self.place == "notes" and isinstance(held, str):
            line = re.compile(rf"(^|\n)\[{re.escape(self.slug)}\] ([^\n]*)")
            for found in reversed([*line.finditer(held)]):
                left = held[: found.start()] + held[found.end() :]
                first = found.start() == 0 and not found[1]
                return _lines(found[2]), (left[1:] or None) if first else left
        return None, held


def _to_text(path: str, value: Any) -> str | None:
    """Return the leaf as text; `None` where half a character keeps it from having any."""
    try:
        return TypeAdapter(leaf_type(path)).dump_json(value).decode()
    except ValueError:
        return None


def _from_text(path: str, text: str) -> Any:
    return TypeAdapter(leaf_type(path)).validate_json(text)


def _one_line(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def _lines(text: str) -> str:
    return re.sub(r"\\([\\nr])", lambda m: {"n": "\n", "r": "\r"}.get(m[1], "\\"), text)
