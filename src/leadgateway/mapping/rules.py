"""Two-way field rules: one row says how a value is read, written, limited, cleared and lost."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from leadgateway.lead import Lead
from leadgateway.mapping.leaves import is_empty
from leadgateway.mapping.terms import Terms
from leadgateway.normalize.text import Unit, cut, is_storable, measure
from leadgateway.taxonomy import Fidelity
from leadgateway.values import Issue, Loss


class Use(StrEnum):
    """What a body is written for."""

    CREATE = "create"
    BULK = "bulk"
    UPDATE = "update"


class _Missing:
    """Nothing there: not even null."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True)
class Limit:
    """The longest text a vendor documents, in the unit it counts in."""

    size: int
    unit: Unit = Unit.CHARACTERS


@dataclass(slots=True)
class Reading:
    """What a payload turned out to hold, and what could not be made sense of."""

    terms: Terms
    leaves: dict[str, Any] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def report(self, path: str, code: str, detail: str = "") -> None:
        """Note that the value at `path` does not fit; it stays in the lead's `raw`."""
        self.issues.append(Issue.of(path, code, detail))


@dataclass(slots=True)
class Writing:
    """A body in the making, and everything that will not arrive as it left.

    `changed` are the leaves that differ from the base of an update; without a base, `None`.
    """

    use: Use
    terms: Terms
    vendor: str
    lead: Lead
    body: dict[str, Any] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    changed: frozenset[str] | None = None

    @property
    def from_elsewhere(self) -> bool:
        """Whether the lead was read from another vendor, whose ids mean nothing here."""
        return self.lead.ref is not None and self.lead.ref.vendor != self.vendor

    def says(self, path: str) -> bool:
        """Whether the value at `path` is to arrive; one that did not change is there already."""
        return self.changed is None or path in self.changed

    def lose(self, path: str, fidelity: Fidelity, reason: str, detail: str = "") -> None:
        """Note that the value at `path` does not arrive as it left."""
        self.losses.append(Loss.of(path, fidelity, reason, detail))

    def fit(self, path: str, text: str, limit: Limit | None) -> str | _Missing:
        """Return `text` cut to `limit` on a grapheme border, `MISSING` if nothing of it can go."""
        if not is_storable(text):
            nul = "\x00" in text
            self.lose(path, Fidelity.DROPPED, "control_character" if nul else "surrogate")
            return MISSING
        if limit is None or measure(text, limit.unit) <= limit.size:
            return text
        kept = cut(text, limit.size, limit.unit)
        fidelity = Fidelity.NARROWED if kept else Fidelity.DROPPED
        self.lose(path, fidelity, "too_long", f"limit {limit.size} {limit.unit}")
        return kept or MISSING


class Codec(ABC):
    """How one leaf and one native value become each other; both ways or not at all.

    `conditions` are said in a fidelity report, as is what becomes of a value `beyond_limit`;
    `vocabulary` are the vendor's own words.
    """

    fidelity: Fidelity = Fidelity.EXACT
    conditions: tuple[str, ...] = ()
    beyond_limit: str = "cut"
    vocabulary: frozenset[str] = frozenset()

    @abstractmethod
    def read(self, native: Any, path: str, reading: Reading) -> Any:
        """Return the leaf for a native value that is not null, or `MISSING` after a report."""

    @abstractmethod
    def write(self, value: Any, path: str, limit: Limit | None, writing: Writing) -> Any:
        """Return the native value for a leaf that is not empty, or `MISSING` after a loss."""

    def promise(self, source: Codec) -> Fidelity:
        """Return how a value arrives here, the conditions aside, that `source` has read."""
        return self.fidelity

    def readable(self, path: str, terms: Terms) -> frozenset[str] | None:
        """Return the canonical values this can yield; `None` where it is no closed choice."""
        return None

    def writable(self, path: str, terms: Terms) -> frozenset[str] | None:
        """Return the canonical values this can write; `None` where it is no closed choice."""
        return None


class Rule(ABC):
    """One row of a vendor's table: some leaves on our side, some keys on theirs."""

    paths: tuple[str, ...]
    keys: tuple[str, ...]
    codec: Codec
    on: frozenset[Use]
    limit: Limit | None
    reads: bool
    always: bool
    origin: str

    @property
    def shown_keys(self) -> tuple[str, ...]:
        """Where the vendor shows what is written to `keys`."""
        return self.keys

    @abstractmethod
    def read(self, payload: Mapping[str, Any], reading: Reading) -> None:
        """Put the leaves that `payload` holds into `reading`; a missing key leaves no leaf."""

    @abstractmethod
    def write(self, leaves: Mapping[str, Any], writing: Writing) -> None:
        """Put the keys for these known leaves into the body, and what is lost into the losses."""

    @abstractmethod
    def echo(self, body: Mapping[str, Any], payload: dict[str, Any]) -> None:
        """Put into `payload` what the vendor shows after it stored `body` as it came."""


def fetch(payload: Mapping[str, Any], key: str) -> Any:
    """Return what stands at the dotted `key`, or `MISSING`; null on the way there is null."""
    if key in payload:
        return payload[key]
    if "." not in key:
        return MISSING
    found: Any = payload
    for part in key.split("."):
        if found is None:
            return None
        if not isinstance(found, Mapping) or part not in found:
            return MISSING
        found = found[part]
    return found


def place(payload: dict[str, Any], key: str, value: Any) -> None:
    """Put `value` at the dotted `key`, building the objects on the way."""
    if "." not in key:
        payload[key] = value
        return
    *parents, last = key.split(".")
    target = payload
    for parent in parents:
        inner = target.get(parent)
        target[parent] = dict(inner) if isinstance(inner, Mapping) else {}
        target = target[parent]
    target[last] = value


NEVER: Final[frozenset[Use]] = frozenset()
CREATE: Final = frozenset({Use.CREATE, Use.BULK})
CREATE_AND_UPDATE: Final = frozenset({Use.CREATE, Use.BULK, Use.UPDATE})
UPDATE: Final = frozenset({Use.UPDATE})
BULK: Final = frozenset({Use.BULK})


@dataclass(frozen=True)
class Field(Rule):
    """One leaf, one native key (dotted where nested; `write_key` where writing names another).

    `echo_key`: where what was written shows, if it is a part of what stands at `key`. `clears`
    says that the vendor documents null on update as emptying the field; `always`, that the codec
    is asked even where the lead says nothing.
    """

    path: str
    key: str
    codec: Codec
    on: frozenset[Use] = NEVER
    write_key: str | None = None
    echo_key: str | None = None
    limit: Limit | None = None
    clears: bool = False
    reads: bool = True
    always: bool = False
    origin: str = ""

    @property
    def paths(self) -> tuple[str, ...]:  # type: ignore[override]  # derived, not stored
        return (self.path,)

    @property
    def keys(self) -> tuple[str, ...]:  # type: ignore[override]  # derived, not stored
        return (self.write_key or self.key,)

    @property
    def shown_keys(self) -> tuple[str, ...]:
        return (self.echo_key or self.key,)

    def read(self, payload: Mapping[str, Any], reading: Reading) -> None:
        if not self.reads:
            return
        native = fetch(payload, self.key)
        if native is MISSING:
            self._report_a_stranger_on_the_way(payload, reading)
            return
        leaf = None if native is None else self.codec.read(native, self.path, reading)
        if leaf is not MISSING:
            reading.leaves[self.path] = leaf

    def _report_a_stranger_on_the_way(self, payload: Mapping[str, Any], reading: Reading) -> None:
        parent, dot, _ = self.key.rpartition(".")
        found = fetch(payload, parent) if dot else MISSING
        if found is not MISSING and not isinstance(found, Mapping):
            reading.report(self.path, "wrong_type", type(found).__name__)

    def write(self, leaves: Mapping[str, Any], writing: Writing) -> None:
        value = leaves.get(self.path)
        native: Any = MISSING
        if not is_empty(value) or self.always:
            native = self.codec.write(value, self.path, self.limit, writing)
        elif writing.use is Use.UPDATE:
            if self.clears:
                native = None
            else:
                writing.lose(self.path, Fidelity.DROPPED, "clearing_undocumented")
        if native is not MISSING:
            place(writing.body, self.write_key or self.key, native)

    def echo(self, body: Mapping[str, Any], payload: dict[str, Any]) -> None:
        native = fetch(body, self.write_key or self.key)
        if native is MISSING:
            return
        shown = self.echo_key or self.key
        there = fetch(payload, shown)
        if isinstance(there, Mapping) and isinstance(native, Mapping | None):
            native = {**there, **(native or {})}
        place(payload, shown, native)


class JointCodec(Codec):
    """A codec for several leaves or several keys at once; works on mappings of them."""


@dataclass(frozen=True)
class Joint(Rule):
    """Several leaves that share native keys, so that none can be written alone.

    The codec reads a mapping of the keys that are there and returns a mapping of leaves; it
    writes a mapping of the known leaves and returns a mapping of keys. It is given them all even
    where only one changed; `Writing.says` tells which did. `always`: the codec is asked even where
    the lead says nothing.
    """

    paths: tuple[str, ...]
    keys: tuple[str, ...]
    codec: Codec
    on: frozenset[Use] = NEVER
    limit: Limit | None = None
    reads: bool = True
    always: bool = False
    origin: str = ""

    def read(self, payload: Mapping[str, Any], reading: Reading) -> None:
        natives = {key: payload[key] for key in self.keys if key in payload}
        if natives and self.reads:
            reading.leaves.update(self.codec.read(natives, self.paths[0], reading))

    def write(self, leaves: Mapping[str, Any], writing: Writing) -> None:
        known = {path: leaves[path] for path in self.paths if path in leaves}
        if not self.always:
            if writing.use is Use.UPDATE:
                self._lose_what_is_cleared(known, writing)
            if all(map(is_empty, known.values())):
                return
        writing.body.update(self.codec.write(known, self.paths[0], self.limit, writing))

    @staticmethod
    def _lose_what_is_cleared(known: Mapping[str, Any], writing: Writing) -> None:
        for path, value in known.items():
            if is_empty(value) and writing.says(path):
                writing.lose(path, Fidelity.DROPPED, "clearing_undocumented")

    def echo(self, body: Mapping[str, Any], payload: dict[str, Any]) -> None:
        payload.update({key: body[key] for key in self.keys if key in body})
