"""The rows of a table laid out for the walk over a lead, with what holds for every lead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from leadgateway.frozen import freeze
from leadgateway.mapping.leaves import NEVER_EMPTY, is_empty
from leadgateway.mapping.rules import (
    MISSING,
    Field,
    Joint,
    Limit,
    Reading,
    Rule,
    Use,
    Writing,
    fetch,
)

# Plain tuples: every lead is taken through all of them, and a named one is slow to take apart.

ReadingRow: TypeAlias = tuple[str, str | None, Callable[..., Any]]
"""A row that reads: a leaf, its key and how that is read; a row that is more has no key."""

WritingRow: TypeAlias = tuple[str, str | None, Callable[..., Any], Limit | None, bool, bool, Rule]
"""A row that writes: a leaf, its own key, how that is written, and its limit.

Then whether it is asked even where the lead says nothing, whether no other row writes its keys, and
the rule. A row that is more has no key.
"""


def reading_rows(rules: Iterable[Rule]) -> Sequence[ReadingRow]:
    """Return the rows of `rules` that read, in their order."""
    return [
        (rule.path, rule.key, rule.codec.read)
        if type(rule) is Field and "." not in rule.key
        else (rule.paths[0], None, rule.read)
        for rule in rules
        if rule.reads
    ]


def writing_rows(rules: Iterable[Rule], use: Use) -> Sequence[WritingRow]:
    """Return the rows of `rules` that write for `use`, in their order."""
    ours = [rule for rule in rules if use in rule.on]
    users = Counter(key.partition(".")[0] for rule in ours for key in rule.keys)
    return [
        (
            rule.paths[0],
            rule.keys[0] if type(rule) is Field and users[rule.keys[0]] == 1 else None,
            rule.codec.write,
            rule.limit,
            rule.always,
            type(rule) is Joint and all(users[key] == 1 for key in rule.keys),
            rule,
        )
        for rule in ours
    ]


def read_rows(rows: Iterable[ReadingRow], payload: Mapping[str, Any], reading: Reading) -> None:
    """Put the leaves that `payload` holds into `reading`."""
    leaves = reading.leaves
    for path, key, read in rows:
        if key is None:
            read(payload, reading)
            continue
        native = payload.get(key, MISSING)
        if native is None:
            leaves[path] = None
        elif native is not MISSING:
            leaf = read(native, path, reading)
            if leaf is not MISSING:
                leaves[path] = leaf


def write_rows(rows: Iterable[WritingRow], leaves: Mapping[str, Any], writing: Writing) -> None:
    """Put the keys of a whole lead into the body, and what is lost into the losses."""
    body = writing.body
    for path, key, write, limit, always, alone, rule in rows:
        if key is None:
            if alone:
                rule.write(leaves, writing)
            else:
                _merge(body, _fragment(rule, leaves, writing))
            continue
        value = leaves.get(path)
        if always or type(value) in NEVER_EMPTY or not (value is None or is_empty(value)):
            native = write(value, path, limit, writing)
            if native is not MISSING:
                body[key] = native


def change_rows(
    rows: Iterable[WritingRow],
    leaves: Mapping[str, Any],
    writing: Writing,
    base: Mapping[str, Any] | None,
) -> None:
    """Put the keys of a change into the body, but for those that `base` holds just so already."""
    for *_, rule in rows:
        fragment = _fragment(rule, leaves, writing)
        if base is None or not _stands_there(rule, fragment, base):
            _merge(writing.body, fragment)


def _fragment(rule: Rule, leaves: Mapping[str, Any], writing: Writing) -> dict[str, Any]:
    """Return what one row writes: nothing where the lead does not say anything of it."""
    if not rule.always and all(path not in leaves for path in rule.paths):
        return {}
    body, writing.body = writing.body, {}
    rule.write(leaves, writing)
    fragment, writing.body = writing.body, body
    return fragment


def _stands_there(rule: Rule, fragment: Mapping[str, Any], base: Mapping[str, Any]) -> bool:
    """Whether `base` holds the very same natives already."""
    shown: dict[str, Any] = {}
    rule.echo(fragment, shown)
    keys = [key for key in rule.shown_keys if fetch(shown, key) is not MISSING]
    return bool(keys) and not any(_differ(fetch(shown, key), fetch(base, key)) for key in keys)


def _differ(native: Any, there: Any) -> bool:
    one, other = freeze(native), freeze(there)
    return type(one) is not type(other) or bool(one != other)


def _merge(body: dict[str, Any], fragment: Mapping[str, Any]) -> None:
    for key, native in fragment.items():
        there = body.get(key)
        if isinstance(there, dict) and isinstance(native, Mapping):
            body[key] = {**there, **native}
        else:
            body[key] = native
