"""Text as such: matching keys, control characters, limits in a declared unit, safe display."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum

# Tab, line feed and carriage return are the white space of ordinary text.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Besides every control character: line separators, and the marks that reorder what follows them.
_UNSAFE_TO_SHOW = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_LEFTWARDS = frozenset({"R", "AL", "AN"})
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"

_ASTRAL = 0x10000
_JOINER = "\u200d"
# UAX 29: characters of class Prepend that belong to what follows them.
_PREPENDED = re.compile(
    "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd\U000111c2\U000111c3"
    "\U000113d1\U0001193f\U00011941\U00011a3a\U00011a84-\U00011a89\U00011d46\U00011f02]"
)
# UAX 29: what extends a cluster without being a mark: non-joiner, emoji modifiers, tags,
# the half-width voicing marks, Thai and Lao sara am.
_EXTENDING = re.compile(
    "[\u200c\u200d\uff9e\uff9f\u0e33\u0eb3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
_FLAG_LETTERS = re.compile("[\U0001f1e6-\U0001f1ff]+$")
_LEADING = "\u1100-\u115f\ua960-\ua97c"
_VOWEL = "\u1160-\u11a7\ud7b0-\ud7c6"
_TRAILING = "\u11a8-\u11ff\ud7cb-\ud7fb"
_SYLLABLE = "\uac00-\ud7a3"
_INSIDE_HANGUL = re.compile(
    f"[{_LEADING}][{_LEADING}{_VOWEL}{_SYLLABLE}]"
    f"|[{_VOWEL}{_SYLLABLE}][{_VOWEL}{_TRAILING}]"
    f"|[{_TRAILING}][{_TRAILING}]"
)
_VIRAMA = 9


class Unit(StrEnum):
    """What a vendor counts when it limits a text's length."""

    CHARACTERS = "characters"
    BYTES = "bytes"
    UTF16 = "utf16"


def nfc_key(text: str) -> str:
    """Return the form under which texts that differ in case or composition compare equal."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFD", text).casefold()
    return unicodedata.normalize("NFC", folded)


def has_control_characters(text: str) -> bool:
    """Whether `text` holds a control character but tab, line feed and carriage return."""
    return _CONTROL.search(text) is not None


def has_surrogates(text: str) -> bool:
    """Whether `text` holds half a character, which no encoding can carry."""
    return not text.isascii() and _SURROGATE.search(text) is not None


def is_storable(text: str) -> bool:
    """Whether any store can hold `text`: it has no NUL and no half a character."""
    return "\x00" not in text and not has_surrogates(text)


def measure(text: str, unit: Unit) -> int:
    """Return the length of `text` in `unit`; bytes are those of UTF-8."""
    if unit is Unit.CHARACTERS or text.isascii():
        return len(text)
    return sum(map(_WIDTHS[unit], text))


def cut(text: str, limit: int, unit: Unit) -> str:
    """Return the longest beginning of `text` within `limit` units that splits no grapheme."""
    if not text or measure(text, unit) <= limit:
        return text
    width, used, end = _WIDTHS[unit], 0, 0
    while (used := used + width(text[end])) <= limit:
        end += 1
    while end and not _is_border(text, end):
        end -= 1
    return text[:end]


def display(text: str) -> str:
    """Return `text` safe to print: controls as `\\x1b`, text that runs leftwards isolated."""
    shown = _UNSAFE_TO_SHOW.sub(lambda found: ascii(found[0])[1:-1], text)
    if not shown.isascii() and not _LEFTWARDS.isdisjoint(map(unicodedata.bidirectional, shown)):
        return f"{_ISOLATE}{shown}{_END_ISOLATE}"
    return shown


def _utf8_width(character: str) -> int:
    code = ord(character)
    return 1 + (code >= 0x80) + (code >= 0x800) + (code >= _ASTRAL)


def _utf16_width(character: str) -> int:
    return 1 + (ord(character) >= _ASTRAL)


_WIDTHS: dict[Unit, Callable[[str], int]] = {
    Unit.CHARACTERS: lambda _character: 1,
    Unit.BYTES: _utf8_width,
    Unit.UTF16: _utf16_width,
}


def _is_border(text: str, position: int) -> bool:
    """Whether a grapheme ends before `position`; a few borders of UAX 29 are passed over.

    Without tables of emoji and of Indic consonants, nothing is split after a joiner or a virama.
    """
    before, after = text[position - 1], text[position]
    if before in "\r\n" or after in "\r\n":
        return before + after != "\r\n"
    if _extends(after) or before == _JOINER or _PREPENDED.match(before):
        return False
    if _follows_virama(text, position):
        return False
    if _INSIDE_HANGUL.match(before + after):
        return False
    flags = _FLAG_LETTERS.search(text, 0, position) if _FLAG_LETTERS.match(after) else None
    return flags is None or len(flags[0]) % 2 == 0


def _extends(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or _EXTENDING.match(character) is not None


def _follows_virama(text: str, position: int) -> bool:
    while position and _extends(text[position - 1]):
        position -= 1
        if unicodedata.combining(text[position]) == _VIRAMA:
            return True
    return False
