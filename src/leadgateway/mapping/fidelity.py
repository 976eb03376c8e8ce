"""What a move would keep, change, relocate or drop: from the tables alone, or from the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from leadgateway.errors import ConfigError, FidelityError
from leadgateway.mapping.leaves import PATHS
from leadgateway.mapping.rules import Use
from leadgateway.mapping.ruleset import RuleSet
from leadgateway.mapping.terms import Terms
from leadgateway.mapping.unread import RECORD
from leadgateway.taxonomy import Fidelity
from leadgateway.values import Loss

_LOST = (*PATHS, RECORD)
"""Where a loss may be."""


@dataclass(frozen=True)
class Policy:
    """Which losses may happen: none by default, those of the `accept`ed fields, or all.

    `accept` takes paths (`"company.name"`) and whole fields (`"company"`).
    """

    accept: tuple[str, ...] = ()
    lenient: bool = False

    def __post_init__(self) -> None:
        for name in self.accept:
            if not any(_covers(name, path) for path in _LOST) and not name.startswith("custom."):
                raise ConfigError(
                    f"accept: {name!r} is no field of a lead; fields: {', '.join(_LOST)}"
                )

    @cached_property
    def _accepted(self) -> frozenset[str]:
        """The fields of which any loss is accepted; entries of maps have paths of their own."""
        return frozenset(filter(self.covers, _LOST))

    def covers(self, path: str) -> bool:
        """Whether any loss at `path` is accepted."""
        return self.lenient or _is_accepted(self.accept, path)

    def refused(self, losses: Iterable[Loss]) -> tuple[Loss, ...]:
        """Return the losses that nobody accepted."""
        accepted = self._accepted
        return tuple(
            [
                loss
                for loss in losses
                if loss.path not in accepted
                and loss.fidelity.is_lossy
                and not self.covers(loss.path)
            ]
        )

    def check(self, losses: Iterable[Loss]) -> None:
        """Raise `FidelityError` if there is a loss that nobody accepted."""
        if self.lenient:
            return
        refused = self.refused(losses)
        if refused:
            raise FidelityError(refused)


STRICT = Policy()
LENIENT = Policy(lenient=True)


@lru_cache(maxsize=4096)
def _is_accepted(accept: tuple[str, ...], path: str) -> bool:
    return any(_covers(name, path) for name in accept)


def _covers(name: str, path: str) -> bool:
    return path == name or path.startswith(f"{name}.")


@dataclass(frozen=True)
class FieldFidelity:
    """How one field fares between two vendors, before any lead has been looked at."""

    path: str
    fidelity: Fidelity
    source_keys: tuple[str, ...]
    target_keys: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FidelityReport:
    """Field by field, what a move from `source` to `target` would do to the values."""

    source: str
    target: str
    fields: tuple[FieldFidelity, ...]

    def of(self, fidelity: Fidelity | str) -> tuple[str, ...]:
        """Return the paths of one class; a `ValueError` if there is no such class."""
        kind = Fidelity(fidelity)
        return tuple(row.path for row in self.fields if row.fidelity is kind)


def compare_tables(
    source: RuleSet,
    target: RuleSet,
    *,
    use: Use = Use.CREATE,
    terms: Terms | None = None,
    source_terms: Terms | None = None,
) -> FidelityReport:
    """Return the fidelity that two tables promise, without network and without data.

    `terms` are the target's, `source_terms` the source's: each side has its own vocabulary.
    """
    return FidelityReport(
        source.vendor,
        target.vendor,
        tuple(
            _compare(path, source, target, use, (source_terms or Terms(), terms or Terms()))
            for path in PATHS
            if path in source.by_path and source.by_path[path].reads
        ),
    )


def _compare(
    path: str, source: RuleSet, target: RuleSet, use: Use, terms: tuple[Terms, Terms]
) -> FieldFidelity:
    ours = source.by_path[path]
    theirs = target.by_path.get(path)
    relocated = next((x for x in target.relocations if x.path == path), None)
    if theirs is None or use not in theirs.on:
        if relocated is not None:
            where = (relocated.host.keys[0],)
            return FieldFidelity(path, Fidelity.RELOCATED, ours.keys, where, (relocated.slug,))
        reason = "no such field" if theirs is None else "the vendor alone writes it"
        if theirs is not None and theirs.on:
            reason = f"not on {use}"
        return FieldFidelity(path, Fidelity.DROPPED, ours.keys, (), (reason,))
    codec = theirs.codec
    fidelity, notes = codec.promise(ours.codec), list(codec.conditions)
    if theirs.limit is not None:
        notes.append(f"{codec.beyond_limit} beyond {theirs.limit.size} {theirs.limit.unit}")
    if any(use in needs.on and needs.demands(theirs.keys) for needs in target.needs):
        notes.append(f"no lead is created without {', '.join(theirs.keys)}")
    here, there = ours.codec.readable(path, terms[0]), codec.writable(path, terms[1])
    if there is not None and here is not None and (wordless := here - there - {"unknown"}):
        fidelity = Fidelity.NARROWED
        notes.append(f"no word for {', '.join(sorted(wordless))}")
    return FieldFidelity(path, fidelity, ours.keys, theirs.keys, tuple(notes))


@dataclass
class LossCount:
    """Losses counted by field, class and reason, with a few ids of leads that have them."""

    samples: int = 3
    counts: Counter[tuple[str, Fidelity, str]] = field(default_factory=Counter)
    ids: dict[tuple[str, Fidelity, str], list[str]] = field(default_factory=dict)

    def add(self, lead_id: str, losses: Sequence[Loss]) -> None:
        """Count the losses of one lead."""
        for key in {(loss.path, loss.fidelity, loss.reason) for loss in losses}:
            self.counts[key] += 1
            known = self.ids.setdefault(key, [])
            if len(known) < self.samples:
                known.append(lead_id)

    def rows(self) -> list[Mapping[str, object]]:
        """Return one row a field, class and reason, the worst first."""
        return [
            {"path": path, "fidelity": str(fidelity), "reason": reason, "leads": count,
             "samples": self.ids[path, fidelity, reason]}
            for (path, fidelity, reason), count in sorted(
                self.counts.items(), key=lambda row: (-row[0][1].rank, row[0][0], row[0][2])
            )
        ]  # fmt: skip
