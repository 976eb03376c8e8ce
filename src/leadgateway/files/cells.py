"""How cells of text become values of a lead; a blank cell is known to be empty."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from leadgateway.errors import NormalizationError
from leadgateway.files.amounts import money
from leadgateway.mapping import MISSING, Choice, Codec, JointCodec, Limit, Reading, Terms, Writing
from leadgateway.normalize.name import join
from leadgateway.taxonomy import Fidelity
from leadgateway.values import Money, Owner, PersonName


class Cell(Codec):
    """A codec of cells, which are read and never written."""

    def write(self, value: Any, path: str, limit: Limit | None, writing: Writing) -> Any:
        writing.lose(path, Fidelity.DROPPED, "read_only")
        return MISSING


@dataclass(frozen=True)
class Parsed(Cell):
    """A cell whose text is `parse`d before the codec of its kind reads it."""

    inner: Codec
    parse: Callable[[str, Terms], Any]

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        try:
            value = self.parse(native.strip(), reading.terms)
        except NormalizationError as error:
            reading.report(path, error.code)
            return MISSING
        return self.inner.read(value, path, reading)


@dataclass(frozen=True)
class SheetWord(Choice):
    """An open vocabulary as people type it: capitals and spaces do not matter."""

    def decode(self, word: str, terms: Terms) -> StrEnum:
        found = super().decode(word, terms)
        if found is not self.unread:
            return found
        return super().decode(re.sub(r"[\W_]+", "_", word.casefold()).strip("_"), terms)


class Cells(Cell, JointCodec):
    """A codec of one or several cells that make up one leaf."""


@dataclass(frozen=True)
class OneCell(Cells):
    """A leaf in one cell."""

    inner: Codec

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        (text,) = native.values()
        leaf = self.inner.read(text, path, reading) if text.strip() else None
        return {} if leaf is MISSING else {path: leaf}


@dataclass(frozen=True)
class SeveralCells(Cells):
    """A leaf of several values, one cell or more."""

    inner: Codec

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        filled = [text for text in native.values() if text.strip()]
        read = [self.inner.read(text, path, reading) for text in filled]
        values = tuple(dict.fromkeys(value for each in read for value in each))
        return {path: values or None}


@dataclass(frozen=True)
class MapCells(Cells):
    """A map whose keys are `slugs` of the columns."""

    inner: Codec
    slugs: Mapping[str, str]

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        held = {
            self.slugs[column]: text if text.strip() else None for column, text in native.items()
        }
        return {path: self.inner.read(held, path, reading)}


@dataclass(frozen=True)
class NameCells(Cells):
    """A name in one cell, in two, or in both ways; `parts` are what each column holds of it."""

    inner: Codec
    parts: Mapping[str, str]

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        said = {self.parts[column]: text for column, text in native.items() if text.strip()}
        given, family = said.get("given"), said.get("family")
        full = said.get("")
        if given is None and family is None:
            return {path: None if full is None else self.inner.read(full, path, reading)}
        whole = join(given, family) if full is None else full
        return {path: PersonName(full=whole, given=given, family=family)}


@dataclass(frozen=True)
class OwnerCells(Cells):
    """The person in charge; `parts` are what each column holds of them."""

    parts: Mapping[str, str]

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        said = {self.parts[column]: text for column, text in native.items() if text.strip()}
        return {path: Owner(**said) if said else None}


@dataclass(frozen=True)
class MoneyCells(Cells):
    """A sum, whose currency stands beside it, in a column of its own, or is the connection's."""

    parts: Mapping[str, str]

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        said = {self.parts[column]: text.strip() for column, text in native.items()}
        if not said.get(""):
            if said.get("currency"):
                reading.report(path, "currency_without_amount")
            return {path: None} if "" in said else {}
        try:
            amount, named = money(said[""], reading.terms.setting("decimal_mark"))
        except NormalizationError as error:
            reading.report(path, error.code)
            return {}
        currency = said.get("currency") or named or reading.terms.currency
        return {path: Money(amount=amount, currency=currency)}


class TagCell(Cell):
    """Tags in one cell, split at the connection's separator, else at semicolons or commas."""

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        separator = reading.terms.setting("tags_separator") or (";" if ";" in native else ",")
        return tuple(tag for each in native.split(separator) if (tag := each.strip()))


class WholeMap(Cell):
    """A map of texts as it is."""

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        return native
