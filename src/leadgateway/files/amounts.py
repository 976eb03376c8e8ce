"""Numbers, sums and flags as people write them into cells: read where there is one reading."""

from __future__ import annotations

import re
from decimal import Decimal

from leadgateway.errors import NormalizationError

_LONGEST = 60
_MARKS = (".", ",")
_NUMBER = {
    mark: re.compile(
        rf"[+-]?(?:[0-9]+|[0-9]{{1,3}}(?:([{re.escape(group)} '’\u00a0\u202f])[0-9]{{3}})"
        rf"(?:\1[0-9]{{3}})*)(?:{re.escape(mark)}[0-9]+)?"
    )
    for mark, group in zip(_MARKS, reversed(_MARKS), strict=True)
}
_SUM = re.compile(r"([+-]?)\s*([^0-9.,+\s-]*)\s*([+-]?[0-9](?:.*[0-9])?)\s*([^0-9.,+\s-]*)")
_CODE = re.compile(r"[A-Z]{3}", re.ASCII)
# A bare dollar or yen sign is the money of many countries.
_SYMBOLS = {"R$": "BRL", "US$": "USD", "€": "EUR", "£": "GBP", "$": None, "¥": None, "": None}
_YES = frozenset({"true", "yes", "y", "1", "sim", "s"})
_NO = frozenset({"false", "no", "n", "0", "não", "nao"})


def number(text: str, mark: str | None) -> Decimal:
    """Return the number that `text` is; `mark` is its decimal mark, where one is declared.

    Without it, a text that is one number with a point and another with a comma is refused.
    """
    marks = _MARKS if mark is None else (mark,)
    fitting = [each for each in marks if len(text) <= _LONGEST and _NUMBER[each].fullmatch(text)]
    readings = {Decimal(_plain(text, each)) for each in fitting}
    if not readings:
        raise NormalizationError("number", "not_a_number")
    if len(readings) > 1:
        raise NormalizationError("number", "ambiguous_number", "declare a decimal_mark")
    return readings.pop()


def _plain(text: str, mark: str) -> str:
    kept = re.sub(rf"[^0-9+\-{re.escape(mark)}]", "", text)
    return kept.replace(mark, ".")


def whole_number(text: str, mark: str | None) -> int:
    """Return the whole number that `text` is."""
    found = number(text, mark)
    if found != found.to_integral_value():
        raise NormalizationError("number", "not_a_whole_number")
    return int(found)


def flag(text: str) -> bool:
    """Return what a word for yes or no says."""
    folded = text.casefold()
    if folded not in _YES | _NO:
        raise NormalizationError("flag", "neither_yes_nor_no")
    return folded in _YES


def money(text: str, mark: str | None) -> tuple[Decimal, str | None]:
    """Return an amount and its currency, where `text` names one by its code or a clear sign."""
    found = _SUM.fullmatch(text)
    if found is None or (found[2] and found[4]):
        raise NormalizationError("money", "not_a_number")
    name = found[2] or found[4]
    if name not in _SYMBOLS and not _CODE.fullmatch(name):
        raise NormalizationError("money", "unknown_currency")
    return number(found[1] + found[3], mark), _SYMBOLS.get(name, name)
