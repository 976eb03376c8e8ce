"""How single values become native ones and back: text, numbers, money, time, stages."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from leadgateway.errors import NormalizationError
from leadgateway.mapping.rules import MISSING, Codec, Limit, Reading, Writing
from leadgateway.normalize import instant
from leadgateway.taxonomy import Fidelity
from leadgateway.values import Money

_MOST_DIGITS = 30  # before or after the point: no sum of money needs more


def expect(native: Any, kind: type | tuple[type, ...], path: str, reading: Reading) -> bool:
    """Whether `native` is of `kind` (a bool is no number); if not, that is reported."""
    if type(native) is kind:
        return True
    kinds = kind if isinstance(kind, tuple) else (kind,)
    fits = isinstance(native, kinds) and (not isinstance(native, bool) or bool in kinds)
    if not fits:
        reading.report(path, "wrong_type", type(native).__name__)
    return fits


class Text(Codec):
    """Text as it is; the empty text is text."""

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        return native if expect(native, str, path, reading) else MISSING

    def write(self, value: Any, path: str, limit: Limit | None, writing: Writing) -> Any:
        return writing.fit(path, value, limit)


class Flag(Codec):
    """True or false."""

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        return native if expect(native, bool, path, reading) else MISSING

    def write(self, value: bool, path: str, limit: Limit | None, writing: Writing) -> Any:
        return value


@dataclass(frozen=True)
class Integer(Codec):
    """A whole number, within bounds where the canonical field has them."""

    least: int | None = None
    most: int | None = None

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        if not expect(native, int, path, reading):
            return MISSING
        if (self.least is not None and native < self.least) or (
            self.most is not None and native > self.most
        ):
            reading.report(path, "out_of_range")
            return MISSING
        return native

    def write(self, value: int, path: str, limit: Limit | None, writing: Writing) -> Any:
        return value


class Timestamp(Codec):
    """An instant in ISO 8601 with a zone, or in the connection's declared zone."""

    fidelity = Fidelity.NORMALIZED

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        if not expect(native, str, path, reading):
            return MISSING
        try:
            return instant(native, reading.terms.zone)
        except NormalizationError as error:
            reading.report(path, error.code)
            return MISSING

    def write(self, value: Any, path: str, limit: Limit | None, writing: Writing) -> Any:
        return value.isoformat().replace("+00:00", "Z")


class Tags(Codec):
    """A list of text."""

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        if not expect(native, (list, tuple), path, reading):
            return MISSING
        kept = tuple(tag for tag in native if isinstance(tag, str))
        if len(kept) != len(native):
            reading.report(path, "partly_read", "an item is no text")
        return kept

    def write(
        self, value: tuple[str, ...], path: str, limit: Limit | None, writing: Writing
    ) -> Any:
        fitting = (writing.fit(path, tag, limit) for tag in value)
        return tuple(tag for tag in fitting if tag is not MISSING) or MISSING


class Cents(Codec):
    """Money as a whole number of hundredths, in a currency that only the connection knows."""

    conditions = ("the currency is the connection's", "fractions of a cent are cut")

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        if not expect(native, int, path, reading):
            return MISSING
        sign, digits, _ = Decimal(native).as_tuple()
        return Money(amount=Decimal((sign, digits, -2)), currency=reading.terms.currency)

    def write(self, value: Money, path: str, limit: Limit | None, writing: Writing) -> Any:
        ours = writing.terms.currency
        if value.currency and ours and value.currency != ours:
            writing.lose(path, Fidelity.DROPPED, "other_currency", f"the target counts in {ours}")
            return MISSING
        if value.amount and abs(value.amount.adjusted()) > _MOST_DIGITS:
            writing.lose(path, Fidelity.DROPPED, "out_of_range")
            return MISSING
        if value.currency and not ours:
            writing.lose(path, Fidelity.NARROWED, "currency_not_carried")
        if ours and not value.currency:
            writing.lose(path, Fidelity.NORMALIZED, "currency_assumed", ours)
        # Exact whatever the digits: decimal arithmetic would round to its context.
        numerator, denominator = value.amount.as_integer_ratio()
        cents, rest = divmod(abs(numerator) * 100, denominator)
        if rest:
            writing.lose(path, Fidelity.NARROWED, "fraction_of_a_cent")
        return -cents if numerator < 0 else cents


@dataclass(frozen=True)
class StageWord(Codec):
    """The vendor's own stage slug; a stage from elsewhere needs the connection's stage map."""

    fidelity = Fidelity.NORMALIZED
    conditions = ("needs stage_map for stages from elsewhere",)

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        return native if expect(native, str, path, reading) else MISSING

    def write(self, value: str, path: str, limit: Limit | None, writing: Writing) -> Any:
        mapped = writing.terms.stage_map.get(value)
        if mapped is not None:
            if mapped != value:
                writing.lose(path, Fidelity.NORMALIZED, "stage_map")
            return mapped
        if writing.from_elsewhere:
            writing.lose(path, Fidelity.DROPPED, "stage_unmapped", "name it in stage_map")
            return MISSING
        return writing.fit(path, value, limit)


@dataclass(frozen=True)
class FromSetting(Codec):
    """A value that a connection's setting dictates, whatever the lead says."""

    setting: str
    conditions = ("always the connection's setting",)

    def read(self, native: Any, path: str, reading: Reading) -> Any:
        return native if expect(native, str, path, reading) else MISSING

    def write(self, value: str | None, path: str, limit: Limit | None, writing: Writing) -> Any:
        chosen = writing.terms.setting(self.setting)
        if chosen is None and value is not None and writing.from_elsewhere:
            writing.lose(path, Fidelity.DROPPED, "of_another_system", f"name it as {self.setting}")
            return MISSING
        if chosen is None:
            return MISSING if value is None else writing.fit(path, value, limit)
        if value is not None and chosen != value:
            if _are_one_uuid(chosen, value):
                writing.lose(path, Fidelity.NORMALIZED, "respelled")
            else:
                writing.lose(path, Fidelity.DROPPED, "replaced_by_setting", self.setting)
        return chosen


def _are_one_uuid(left: str, right: str) -> bool:
    try:
        return UUID(left) == UUID(right)
    except ValueError:
        return False
