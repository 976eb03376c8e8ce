"""A vendor's whole table: reads a payload into a Lead, writes a Lead into a Draft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from itertools import product
from typing import Any, Final

from leadgateway.errors import ConfigError, MappingError
from leadgateway.frozen import FrozenDict, freeze
from leadgateway.json_text import ObjectText, dumps
from leadgateway.lead import Lead
from leadgateway.mapping.custom import CustomFields
from leadgateway.mapping.gathering import gathered
from leadgateway.mapping.leaves import PATHS, agree, is_empty, take_apart
from leadgateway.mapping.relocation import Relocation
from leadgateway.mapping.relocations import Relocations
from leadgateway.mapping.rows import (
    ReadingRow,
    WritingRow,
    change_rows,
    read_rows,
    reading_rows,
    write_rows,
    writing_rows,
)
from leadgateway.mapping.rules import MISSING, Reading, Rule, Use, Writing, fetch
from leadgateway.mapping.terms import Terms
from leadgateway.mapping.unread import unread
from leadgateway.normalize.assembly import assembled
from leadgateway.taxonomy import Fidelity
from leadgateway.values import ExternalRef, Loss


@dataclass(frozen=True)
class Draft:
    """An encoded lead and everything that will not arrive as it left; made before any I/O."""

    fields: Mapping[str, Any] = field(repr=False)
    losses: tuple[Loss, ...]
    use: Use

    @cached_property
    def body(self) -> bytes:
        """The exact bytes to send."""
        return self.fields.text if isinstance(self.fields, ObjectText) else dumps(self.fields)


@dataclass(frozen=True)
class Needs:
    """What a body must hold before it may be sent: all keys of at least one alternative.

    A key is dotted where it stands in an object.
    """

    alternatives: tuple[tuple[str, ...], ...]
    on: frozenset[Use] = frozenset({Use.CREATE, Use.BULK})
    origin: str = ""

    def demands(self, keys: Iterable[str]) -> bool:
        """Whether no alternative does without all of `keys`."""
        return not any(set(alternative).isdisjoint(keys) for alternative in self.alternatives)

    def __str__(self) -> str:
        return ", or ".join(" with ".join(keys) for keys in self.alternatives)


@dataclass(frozen=True)
class RuleSet:
    """The two-way table of one vendor, or of one connection once `for_terms` has been applied.

    `id_key` and `needs` complete the rows: where the vendor's own id stands, and what a create
    demands. `relocations` are a connection's own.
    """

    vendor: str
    rules: tuple[Rule, ...]
    id_key: str = "id"
    needs: tuple[Needs, ...] = ()
    relocations: tuple[Relocation, ...] = ()
    by_path: Mapping[str, Rule] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_path", _index_by_path(self.rules))
        _check_keys(self.rules)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every native word that the vendor documents: it says nothing of a person."""
        return frozenset().union(*(rule.codec.vocabulary for rule in self.rules))

    def overridden(self, rules: Iterable[Rule]) -> RuleSet:
        """Return this table with `rules` in place of those that speak for the same paths."""
        extra = tuple(rules)
        replaced = {path for rule in extra for path in rule.paths}
        kept = tuple(rule for rule in self.rules if not replaced & set(rule.paths))
        return RuleSet(self.vendor, (*kept, *extra), self.id_key, self.needs, self.relocations)

    def for_terms(self, terms: Terms) -> RuleSet:
        """Return this table with the relocations that a connection asks for."""
        slugs = [place.partition(":")[2] for place in terms.relocate.values() if ":" in place]
        if terms.marker is not None:
            slugs.append(terms.marker)
        if taken := self._own_slugs.intersection(slugs):
            raise ConfigError(
                f"relocate, marker: custom field {min(taken)!r} is {self.vendor}'s own"
            )
        if not terms.relocate:
            return self
        if len(set(slugs)) < len(slugs):
            raise ConfigError("relocate: one custom field cannot hold two values")
        relocations = tuple(
            Relocation.to(path, place, self.by_path) for path, place in terms.relocate.items()
        )
        return RuleSet(self.vendor, self.rules, self.id_key, self.needs, relocations)

    @property
    def _own_slugs(self) -> frozenset[str]:
        """The custom fields that hold what has a field of its own in a lead."""
        codec = getattr(self.by_path.get("custom"), "codec", None)
        return codec.without if isinstance(codec, CustomFields) else frozenset()

    def read(self, payload: Mapping[str, Any], terms: Terms, connection: str = "") -> Lead:
        """Return the Lead that `payload` holds; what does not fit is named in its `issues`."""
        reading = Reading(terms)
        moved: dict[str, Any] = {}
        rest = self._kept_elsewhere.take_back(payload, moved, reading)
        read_rows(self._reading, rest, reading)
        reading.leaves.update(moved)
        identifier, ref = payload.get(self.id_key), None
        if isinstance(identifier, (str, int)) and not isinstance(identifier, bool):
            parts = {"vendor": self.vendor, "connection": connection, "id": str(identifier)}
            ref = assembled(ExternalRef, parts)
        elif identifier is not None:
            reading.report("ref", "wrong_type", type(identifier).__name__)
        return gathered(reading, ref, payload)

    def write(
        self, lead: Lead, use: Use, terms: Terms, base: Mapping[str, Any] | None = None
    ) -> Draft:
        """Return the Draft for `lead`; with `base`, only what differs from that payload.

        Raises `MappingError` where the vendor's preconditions are not met.
        """
        leaves: Mapping[str, Any] = take_apart(lead)
        writing = Writing(use, terms, self.vendor, lead)
        there = None if base is None else self.read(base, terms)
        if lead.issues and not (there is not None and self._is_record_of(lead, there)):
            writing.losses += unread(lead, leaves)
        if there is not None:
            writing.changed = _changed(leaves, take_apart(there))
            leaves = self._with_their_partners(writing.changed, leaves, use)
        if use is Use.UPDATE or base is not None:
            change_rows(self._writing[use], leaves, writing, base)
        else:
            write_rows(self._writing[use], leaves, writing)
        homeless = self._homeless[use]
        known = sorted(homeless.keys() & leaves.keys())
        writing.losses += [homeless[path] for path in known if not is_empty(leaves[path])]
        if self.relocations:
            self._kept_elsewhere.put(leaves, writing, base)
        self._check_needs(writing)
        return Draft(freeze(writing.body), tuple(writing.losses), use)

    def _is_record_of(self, lead: Lead, there: Lead) -> bool:
        """Whether `lead` was read from the record that is `there`: what nobody read stays in it."""
        here = lead.ref is not None and lead.ref.vendor == self.vendor
        mine, its = lead.ref if here else None, there.ref
        return (mine and mine.id) == (its and its.id)

    def _with_their_partners(
        self, changed: frozenset[str], leaves: Mapping[str, Any], use: Use
    ) -> Mapping[str, Any]:
        """Return the leaves that changed, and those that are written with one of them."""
        rows = [rule for rule in self.rules if use in rule.on and changed & set(rule.paths)]
        wanted = changed.union(*(rule.paths for rule in rows))
        return {path: value for path, value in leaves.items() if path in wanted}

    @cached_property
    def _kept_elsewhere(self) -> Relocations:
        return Relocations(self.relocations)

    @cached_property
    def _reading(self) -> Sequence[ReadingRow]:
        return reading_rows(self.rules)

    @cached_property
    def _writing(self) -> Mapping[Use, Sequence[WritingRow]]:
        return {use: writing_rows(self.rules, use) for use in Use}

    @cached_property
    def written_paths(self) -> frozenset[str]:
        """The paths that something can be written of, in a field of their own or elsewhere."""
        elsewhere = {relocation.path for relocation in self.relocations}
        return frozenset(path for path, rule in self.by_path.items() if rule.on) | elsewhere

    @cached_property
    def _homeless(self) -> Mapping[Use, Mapping[str, Loss]]:
        """What is lost, path by path, of a lead that knows something no row writes."""
        found: dict[Use, dict[str, Loss]] = {use: {} for use in Use}
        for use, path in product(Use, PATHS):
            rule = self.by_path.get(path)
            if rule is None:
                found[use][path] = Loss.of(path, Fidelity.DROPPED, "no_such_field")
            elif use not in rule.on:
                reason = f"not_on_{use}" if rule.on else "read_only"
                hint = "an update can write it" if Use.UPDATE in rule.on else ""
                found[use][path] = Loss.of(path, Fidelity.DROPPED, reason, hint)
        return found

    def _check_needs(self, writing: Writing) -> None:
        for needs in self.needs:
            if writing.use in needs.on and not _are_met(needs, writing.body):
                lost = {
                    f"{loss.path} {loss.reason}" + (f": {loss.detail}" if loss.detail else "")
                    for loss in writing.losses
                    if loss.fidelity is Fidelity.DROPPED and self._feeds(loss.path, needs)
                }
                hint = f" ({'; '.join(sorted(lost))})" if lost else ""
                raise MappingError("lead", "precondition", f"{self.vendor} needs {needs}{hint}")

    def _feeds(self, path: str, needs: Needs) -> bool:
        rule = self.by_path.get(path)
        wanted = {key for keys in needs.alternatives for key in keys}
        return rule is not None and not wanted.isdisjoint(rule.keys)

    def marked(self, draft: Draft, terms: Terms, reference: str) -> Draft:
        """Return `draft` with `reference` in the connection's marker field, if it has one."""
        host = self.by_path.get("custom")
        if terms.marker is None or host is None or draft.use not in host.on:
            return draft
        held = draft.fields.get(host.keys[0]) or {}
        marked = {**draft.fields, host.keys[0]: {**held, terms.marker: reference}}
        return Draft(freeze(marked), draft.losses, draft.use)

    def mark_of(self, payload: Mapping[str, Any], terms: Terms) -> str | None:
        """Return the reference in the marker field of `payload`, if there is one."""
        host = self.by_path.get("custom")
        held = fetch(payload, host.keys[0]) if host is not None else None
        found = held.get(terms.marker) if isinstance(held, Mapping) and terms.marker else None
        return found if isinstance(found, str) else None

    def echo(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the payload that the vendor would show had it stored `fields` as they came."""
        payload: dict[str, Any] = {}
        for rule in self.rules:
            rule.echo(fields, payload)
        return FrozenDict(payload)

    def arrival(self, draft: Draft, terms: Terms) -> Lead:
        """Return the Lead that can be read back once `draft` has been stored."""
        return self.read(self.echo(draft.fields), terms)


def _changed(after: Mapping[str, Any], before: Mapping[str, Any]) -> frozenset[str]:
    """Return the paths of which `after` says something else than `before`."""
    return frozenset(
        path
        for path, value in after.items()
        if path not in before or not agree(value, before[path])
    )


def _index_by_path(rules: Iterable[Rule]) -> dict[str, Rule]:
    """Return the rule that speaks for each path; two for one, or no path, is a `ValueError`."""
    found: dict[str, Rule] = {}
    for rule in rules:
        for path in rule.paths:
            if path not in PATHS:
                near = get_close_matches(path, PATHS, 3)
                raise ValueError(f"no lead has a part {path!r}; paths: {', '.join(near or PATHS)}")
            if path in found:
                raise ValueError(f"two rules speak for {path!r}")
            found[path] = rule
    return found


def _check_keys(rules: Iterable[Rule]) -> None:
    """Refuse two rules of which one would overwrite what the other has written."""
    written: dict[tuple[Use, str], Rule] = {}
    for use, rule in product(Use, rules):
        for key in rule.keys if use in rule.on else ():
            other = written.setdefault((use, key), rule)
            if other is not rule:
                paths = " and ".join(map(repr, (*other.paths, *rule.paths)))
                raise ValueError(f"{paths} are both written to {key!r} on {use}")


_NOTHING: Final = (MISSING, None, "")


def _are_met(needs: Needs, body: Mapping[str, Any]) -> bool:
    return any(all(fetch(body, key) not in _NOTHING for key in keys) for keys in needs.alternatives)


def disagreements(sent: Lead, found: Lead, losses: Sequence[Loss]) -> tuple[str, ...]:
    """Return the paths whose value did not arrive although no loss announced it."""
    announced = {loss.path for loss in losses}
    there = take_apart(found)
    return tuple(
        sorted(
            path
            for path, value in take_apart(sent).items()
            if path not in announced and not is_empty(value) and not agree(value, there.get(path))
        )
    )
