"""Names: the whole is the truth, given and family parts are an inference."""

from __future__ import annotations

import re
import unicodedata

from leadgateway.errors import NormalizationError
from leadgateway.normalize.assembly import assembled
from leadgateway.normalize.text import has_control_characters, has_surrogates
from leadgateway.values import PersonName

# Words that begin a family name wherever they follow a given one.
_PARTICLES = frozenset(
    (  # noqa: SIM905  # a table of words reads best as words
        "van von vom zu zum zur der den ter ten te tot 't de da do das dos du des del della dello "
        "delle dei degli di la le las los lo af av bin ibn bint binte abu al el ap ben bar san "
        "santa st st. بن ابن بنت آل אבו בן"
    ).split()
)
_PREFIXES = ("al-", "el-", "ad-", "an-", "ar-", "as-", "ash-", "at-", "az-", "ibn-", "d'", "d’")
# Words that bind the word before them into the family name: Ortega y Gasset.
_CONNECTORS = frozenset({"y", "e", "i"})
_SUFFIXES = frozenset(
    {"jr", "sr", "jnr", "snr", "junior", "senior", "filho", "neto", "ii", "iii", "iv", "v"}
    | {"phd", "md", "dds", "esq", "esquire", "mba", "cpa"}
)
# Scripts in which the family name comes first, be there a space or not.
_FAMILY_FIRST = re.compile(
    "[\u1100-\u11ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)


def name(text: str) -> PersonName:
    """Return the name exactly as written, with its parts inferred."""
    if has_surrogates(text):
        raise NormalizationError("name", "surrogate", "half a character")
    if _is_blank(text):
        raise NormalizationError("name", "empty")
    if has_control_characters(text):
        raise NormalizationError("name", "control_character")
    given, family = split(text)
    parts = {"full": text, "given": given, "family": family, "inferred": True}
    return assembled(PersonName, parts)


def split(full: str) -> tuple[str | None, str | None]:
    """Infer the given and the family name, so that `join(*split(full)) == full` for any text.

    One word, a comma, a script that writes the family name first, or any white space but single
    spaces: then everything is the family name.
    """
    words = full.split(" ")
    if len(words) == 1 or words != full.split():
        return None, full or None
    if not full.isascii() and _FAMILY_FIRST.search(full):
        return None, full or None
    start = _family_start(words)
    if start == 0:
        return None, full
    return " ".join(words[:start]), " ".join(words[start:])


def join(given: str | None, family: str | None) -> str:
    """Return the parts as one name; undoes `split`."""
    if given is None or family is None:
        return given or family or ""
    return f"{given} {family}"


def _family_start(words: list[str]) -> int:
    last = len(words) - 1
    while last and _is_suffix(words[last]):
        last -= 1
    if words[0].islower() and _is_particle(words[0]):
        return 0
    if "," in "".join(words[:last]):
        return 0
    for position in range(1, last):
        if _is_particle(words[position]):
            return position
        if words[position + 1] in _CONNECTORS and position + 1 < last:
            return position
    return last


def _is_particle(word: str) -> bool:
    folded = word.casefold()
    return folded in _PARTICLES or folded.startswith(_PREFIXES)


def _is_suffix(word: str) -> bool:
    return word.strip(".,").replace(".", "").casefold() in _SUFFIXES


def _is_blank(text: str) -> bool:
    bare = text.strip()
    return not bare or (
        not bare.isascii()
        and all(unicodedata.category(character) in {"Cf", "Zs"} for character in bare)
    )
