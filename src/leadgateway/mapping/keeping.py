"""What a vendor kept of what it was sent, by the record that it answers a write with."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from leadgateway.json_text import dumps
from leadgateway.lead import Lead
from leadgateway.mapping.leaves import agree, take_apart
from leadgateway.mapping.ruleset import Draft, RuleSet, disagreements
from leadgateway.mapping.terms import Terms
from leadgateway.taxonomy import Fidelity
from leadgateway.values import EmailAddress, Loss, Owner, PersonName, PhoneNumber

_NO_DIGITS: Final = re.compile(r"\D+")
_MISSING: Final = object()

NOTHING: Final[Collection[str]] = frozenset()


def shows(record: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    """Whether each of `fields` stands in `record` exactly as it was sent: nothing is to be read."""
    return all(_is_same(value, record.get(key, _MISSING)) for key, value in fields.items())


def _is_same(sent: Any, shown: Any) -> bool:
    if type(sent) is not type(shown):
        return False
    if isinstance(sent, Mapping):
        return sent.keys() == shown.keys() and shows(shown, sent)
    if isinstance(sent, tuple):
        return len(sent) == len(shown) and all(map(_is_same, sent, shown))
    return bool(sent == shown)


@dataclass(frozen=True)
class Keeping:
    """Names what the `lead` that a vendor shows does not hold of a `draft` that it took.

    `unsaid` are the paths of which an answer without them says nothing. `alike` are those of
    which the vendor takes what it shows for the same, whatever it looks like.
    """

    table: RuleSet
    terms: Terms
    draft: Draft
    lead: Lead
    unsaid: Collection[str] = NOTHING
    alike: Collection[str] = NOTHING

    def losses(self) -> tuple[Loss, ...]:
        """Return a loss for each path that was sent and does not show as it was sent."""
        return tuple(self._losses())

    def _losses(self) -> Iterator[Loss]:
        arrival = self.table.arrival(self.draft, self.terms)
        sent, shown = take_apart(arrival), take_apart(self.lead)
        hosts = {moved.path: moved.host.path for moved in self.table.relocations}
        relocated = {x.path for x in self.draft.losses if x.fidelity is Fidelity.RELOCATED}
        for path in disagreements(arrival, self.lead, ()):
            host = hosts.get(path, path) if path in relocated else path
            if host not in shown and host in self.unsaid:
                continue
            if path == "custom":
                yield from _custom(sent[path], shown.get(path) or {})
            elif path in self.alike or _are_alike(sent[path], shown.get(path)):
                yield _respelled(path)
            elif host == "custom" != path:
                yield _dropped(path, "unknown_custom_field")
            else:
                yield _dropped(path, "not_stored")


def _custom(sent: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[Loss]:
    for slug, value in sent.items():
        path, found = f"custom.{slug}", shown.get(slug)
        if agree(value, found):
            continue
        if slug not in shown:
            yield _dropped(path, "unknown_custom_field")
        elif _as_text(value) == _as_text(found):
            yield _respelled(path)
        else:
            yield _dropped(path, "not_stored")


def _as_text(value: Any) -> str:
    """Return `value` as a text field would hold it."""
    return value if isinstance(value, str) else dumps(value).decode()


def _are_alike(sent: Any, shown: Any) -> bool:
    """Whether two leaves differ in letters, spaces or punctuation of the same text only."""
    if isinstance(sent, tuple) and isinstance(shown, tuple):
        return len(sent) == len(shown) and all(map(_are_alike, sent, shown))
    one, other = _spelling(sent), _spelling(shown)
    return one is not None and one == other


def _spelling(value: Any) -> str | None:
    if isinstance(value, PhoneNumber):
        return _NO_DIGITS.sub("", value.raw)
    if isinstance(value, EmailAddress):
        value = value.raw
    elif isinstance(value, PersonName):
        value = value.full
    elif isinstance(value, Owner):
        value = value.id
    return " ".join(value.casefold().split()) if isinstance(value, str) else None


def _dropped(path: str, reason: str) -> Loss:
    return Loss.of(path, Fidelity.DROPPED, reason)


def _respelled(path: str) -> Loss:
    return Loss.of(path, Fidelity.NORMALIZED, "respelled")
