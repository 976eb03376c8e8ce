"""Vocabularies: native words to canonical values and back, one preferred word each way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, Final

from leadgateway.mapping.codecs import expect
from leadgateway.mapping.leaves import VAGUE, is_empty
from leadgateway.mapping.rules import MISSING, Codec, JointCodec, Limit, Reading, Writing
from leadgateway.mapping.terms import Terms
from leadgateway.taxonomy import CaptureMethod, Fidelity, LeadSource, LeadStatus
from leadgateway.values import Coded

_AXES: Mapping[type[StrEnum], str] = {
    LeadStatus: "status",
    LeadSource: "source",
    CaptureMethod: "capture",
}

_BOTH = ("source", "capture")
_WORDLESS = "a value without a word is dropped, or the fallback"

_CODED: Mapping[type[StrEnum], Callable[..., Any]] = {
    LeadStatus: Coded[LeadStatus],
    LeadSource: Coded[LeadSource],
    CaptureMethod: Coded[CaptureMethod],
}


@lru_cache(maxsize=4096, typed=True)
def coded(value: StrEnum, native: str | None) -> Any:
    """Return the coded value; leads share the few that a vendor has words for."""
    return _CODED[type(value)](value=value, native=native)


@dataclass(frozen=True)
class Choice(Codec):
    """One vocabulary: `words` reads many to one, `preferred` overrides which word is written.

    No one word may stand for a value that `preferred` maps to `None`: only its own native word is
    written. `open_ended`: the vendor takes any text, so a canonical value without a word is written
    as itself, and is read back from itself; a closed vocabulary never writes a word that only the
    connection's map reads. `unread` is what a word outside the table becomes.
    """

    words: Mapping[str, StrEnum]
    unread: StrEnum
    preferred: Mapping[StrEnum, str | None] | None = None
    open_ended: bool = False
    fidelity = Fidelity.NORMALIZED

    @property
    def axis(self) -> str:
        """Which of the three vocabularies this is: status, source or capture."""
        return _AXES[type(self.unread)]

    @property
    def conditions(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the vocabulary
        return () if self.open_ended else (_WORDLESS,)

    @property
    def vocabulary(self) -> frozenset[str]:  # type: ignore[override]  # depends on the vocabulary
        return frozenset(self.words)

    def decode(self, word: str, terms: Terms) -> StrEnum:
        """Return the canonical value of a native word."""
        override: Mapping[str, StrEnum] = getattr(terms, self._map)
        if word in override:
            return override[word]
        if word in self.words:
            return self.words[word]
        return self._canonical.get(word, self.unread) if self.open_ended else self.unread

    def reads(self, word: str, terms: Terms) -> bool:
        """Whether `word` stands in the vendor's vocabulary or in the connection's map."""
        return word in self.words or word in getattr(terms, self._map)

    @cached_property
    def _canonical(self) -> Mapping[str, StrEnum]:
        return {str(value): value for value in type(self.unread)}

    @cached_property
    def _map(self) -> str:
        return f"{self.axis}_map"

    @cached_property
    def _out(self) -> str:
        return f"{self.axis}_out"

    @cached_property
    def _fallback(self) -> str:
        return f"fallback_{self.axis}"

    @cached_property
    def _first_words(self) -> Mapping[StrEnum, str]:
        return {meaning: word for word, meaning in reversed(tuple(self.words.items()))}

    def encode(self, value: StrEnum, terms: Terms) -> str | None:
        """Return the one preferred native word of a canonical value, if there is one."""
        out: Mapping[StrEnum, str] = getattr(terms, self._out)
        if value in out:
            return out[value]
        if self.preferred is not None and value in self.preferred:
            word = self.preferred[value]
            if word is None or self.decode(word, terms) == value:
                return word
        override: Mapping[str, StrEnum] = getattr(terms, self._map)
        if override:
            words = {**self.words, **override} if self.open_ended else self.words
            table = {word: override.get(word, meaning) for word, meaning in words.items()}
            found = next((word for word, meaning in table.items() if meaning == value), None)
        else:
            found = self._first_words.get(value)
        if found is None and self.open_ended and value != "unknown":
            return str(value)
        return found

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        if not expect(native, str, path, reading):
            return MISSING
        return coded(self.decode(native, reading.terms), native)

    def write(self, value: Any, path: str, limit: Limit | None, writing: Writing) -> Any:
        word = self.word_for(value, path, writing)
        return word if word is MISSING else writing.fit(path, word, limit)

    def word_for(self, coded: Any, path: str, writing: Writing) -> Any:
        """Return the native word for `coded`: verbatim where it is one here, else the preferred."""
        native = coded.native
        verbatim = native is not None and self._is_ours(native)
        if verbatim and self.decode(native, writing.terms) == coded.value:
            return native
        word = self.encode(coded.value, writing.terms)
        if word is None and self.open_ended:
            word = native
        if word is not None:
            self.compare(coded, word, path, writing)
            return word
        fallback = getattr(writing.terms, self._fallback)
        if fallback is not None:
            writing.lose(path, Fidelity.NARROWED, "fallback", fallback)
            return fallback
        writing.lose(path, Fidelity.DROPPED, "no_such_word", f"name a {self._fallback}")
        return MISSING

    def compare(self, coded: Any, word: str, path: str, writing: Writing) -> None:
        """Name what is lost of `coded` where `word` is written for it."""
        value, native = coded.value, coded.native
        read_as = self.decode(word, writing.terms)
        if read_as != value and not (native == word and {read_as, value} <= VAGUE):
            writing.lose(path, Fidelity.NARROWED, "reads_as_another")
        elif native not in {None, word}:
            # A vague value says nothing but its native word.
            fidelity = Fidelity.NARROWED if value in VAGUE else Fidelity.NORMALIZED
            writing.lose(path, fidelity, "other_word")

    def _is_ours(self, word: str) -> bool:
        return self.open_ended or word in self.words

    def readable(self, path: str, terms: Terms) -> frozenset[str]:
        override: Mapping[str, StrEnum] = getattr(terms, self._map)
        if self.open_ended:
            return frozenset(type(self.unread))
        return frozenset((*self.words.values(), *override.values()))

    def writable(self, path: str, terms: Terms) -> frozenset[str]:
        every = type(self.unread)
        return frozenset(value for value in every if self.encode(value, terms) is not None)


_UNSAID: Final = (LeadSource.UNKNOWN, CaptureMethod.UNKNOWN)


@lru_cache(maxsize=4096)
def _said(word: str, source: LeadSource, capture: CaptureMethod) -> Mapping[str, Any]:
    """Return the leaves of a word that means this on both axes."""
    silent = (source, capture) == _UNSAID
    return {
        "source": coded(source, word if silent or source != "unknown" else None),
        "capture": coded(capture, word if capture != "unknown" else None),
    }


def _is_named(axis: str, value: StrEnum, word: str, terms: Terms) -> bool:
    """Whether the connection itself says that `word` means this value, or is written for it."""
    read_as: Mapping[str, StrEnum] = getattr(terms, f"{axis}_map")
    out: Mapping[StrEnum, str] = getattr(terms, f"{axis}_out")
    return word in read_as or out.get(value) == word


@dataclass(frozen=True)
class SourceAndCapture(JointCodec):
    """One native word for two axes: where a lead came from and how it was captured.

    `words` maps each native word to its (source, capture); an axis of which it says nothing is
    `UNKNOWN`. A word is written only if it contradicts neither axis; one that only a connection's
    map reads is not written. A word that says more than the lead is named as a loss: of an axis
    that the lead leaves open, or, if it is one of the `narrower`, of a value that was not read from
    it, unless the connection's own map names it. A `verbatim` word is written only where it was
    read, or where the map names it.
    """

    key: str
    words: Mapping[str, tuple[LeadSource, CaptureMethod]]
    narrower: frozenset[str] = frozenset()
    verbatim: frozenset[str] = frozenset()
    fidelity = Fidelity.NARROWED
    conditions = ("source and capture share one word", "a word may say more", _WORDLESS)

    @property
    def vocabulary(self) -> frozenset[str]:  # type: ignore[override]  # depends on the vendor
        return frozenset(self.words)

    def meaning(self, word: str, terms: Terms) -> tuple[LeadSource, CaptureMethod]:
        """Return the two canonical values of a native word."""
        source, capture = self.words.get(word, _UNSAID)
        return terms.source_map.get(word, source), terms.capture_map.get(word, capture)

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        word = native[self.key]
        if word is None:
            return {"source": None, "capture": None}
        if not expect(word, str, path, reading):
            return {}
        return _said(word, *self.meaning(word, reading.terms))

    def write(self, value: Any, path: str, limit: Limit | None, writing: Writing) -> Any:
        coded = [value.get(axis) for axis in _BOTH]
        wanted = tuple("unknown" if c is None else c.value for c in coded)
        natives = [c.native for c in coded if c is not None and c.native is not None]
        word = self._best(wanted, natives, writing.terms)
        if word is None:
            return self._fall_back(coded, writing)
        said = self.meaning(word, writing.terms)
        for axis, c, one in zip(_BOTH, coded, said, strict=True):
            if c is None or is_empty(c):
                if one != "unknown":
                    writing.lose(axis, Fidelity.NARROWED, "says_more", word)
            elif one != c.value or (c.value in VAGUE and c.native != word):
                writing.lose(axis, Fidelity.DROPPED, "one_word_for_two_axes")
            elif c.native != word:
                self._compare(axis, c, word, writing)
        return {self.key: word}

    def _compare(self, axis: str, coded: Any, word: str, writing: Writing) -> None:
        """Name what becomes of a value that was read from another word than this one."""
        if word in self.narrower and not _is_named(axis, coded.value, word, writing.terms):
            writing.lose(axis, Fidelity.NARROWED, "says_more", word)
        elif coded.native is not None:
            writing.lose(axis, Fidelity.NORMALIZED, "other_word")

    def _fall_back(self, coded: list[Any], writing: Writing) -> dict[str, str]:
        """Return the connection's fallback, if it names one, and say whose place it takes."""
        word = writing.terms.fallback_source
        if word is None:
            for axis, c in zip(_BOTH, coded, strict=True):
                if not is_empty(c) and writing.says(axis):
                    writing.lose(axis, Fidelity.DROPPED, "no_such_word", "name a fallback_source")
            return {}
        shown = _said(word, *self.meaning(word, writing.terms))
        for axis, c in zip(_BOTH, coded, strict=True):
            if not is_empty(c):
                writing.lose(axis, Fidelity.NARROWED, "fallback", word)
            elif not is_empty(shown[axis]):
                writing.lose(axis, Fidelity.NORMALIZED, "fallback", word)
        return {self.key: word}

    def _best(self, wanted: tuple[str, ...], natives: list[str], terms: Terms) -> str | None:
        """Return the word that says most of `wanted` and nothing against it."""
        outs: tuple[Mapping[Any, str], ...] = (terms.source_out, terms.capture_out)
        for value, out in zip(wanted, outs, strict=True):
            if value in out:
                return out[value]
        ranked = []
        for order, word in enumerate(self.words):
            if word in self.verbatim and word not in natives:
                continue
            agreeing = claimed = 0
            for one, other in zip(self.meaning(word, terms), wanted, strict=True):
                if one == "unknown":
                    continue
                if other == "unknown":
                    claimed += 1
                elif one == other:
                    agreeing += 1
                else:
                    break
            else:
                if agreeing:
                    ranked.append((-agreeing, claimed, word not in natives, order, word))
        return min(ranked)[-1] if ranked else None

    def readable(self, path: str, terms: Terms) -> frozenset[str]:
        axis = _BOTH.index(path)
        return frozenset(
            self.meaning(word, terms)[axis]
            for word in (*self.words, *terms.source_map, *terms.capture_map)
        )

    def writable(self, path: str, terms: Terms) -> frozenset[str]:
        axis, outs = _BOTH.index(path), (terms.source_out, terms.capture_out)
        words = self.words.keys() - self.verbatim
        return frozenset((*(self.meaning(word, terms)[axis] for word in words), *outs[axis]))
