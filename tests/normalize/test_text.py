"""Keys, control characters, limits and display of text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgateway.normalize.text import (
    Unit,
    cut,
    display,
    has_control_characters,
    has_surrogates,
    measure,
    nfc_key,
)

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)
CLUSTERS = [
    "\r\n",
    "e\u0301\u0323",  # a letter and two marks
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",  # a family joined
    "\u2764\ufe0f",  # a heart in its emoji form
    "\U0001f44d\U0001f3fd",  # a thumb with a skin tone
    "\U0001f1e7\U0001f1f7",  # a flag
    "\U0001f3f4\U000e0067\U000e0062\U000e007f",  # a flag made of tags
    "\u1112\u1161\u11ab",  # a Hangul syllable in its parts
    "\ud55c\u11ab",
    "\u0915\u094d\u0937\u093f",  # Devanagari kshi
    "\u0e01\u0e33",  # Thai with sara am
    "\u0600\u0661",  # an Arabic number sign and its digit
]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("JOSÉ", "jose\u0301"),
        ("Straße", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Ana", "ANA"),
        ("\u1e9b\u0323", "\u1e69"),
        ("\u03b1\u0345\u0301", "\u1fb4"),
    ],
)
def test_texts_that_differ_in_case_or_composition_share_a_key(one: str, other: str) -> None:
    assert nfc_key(one) == nfc_key(other)


def test_homoglyphs_do_not_share_a_key() -> None:
    assert nfc_key("ex\u0430mple") != nfc_key("example")


@given(ANY_TEXT)
def test_a_key_is_its_own_key_and_composed(text: str) -> None:
    key = nfc_key(text)
    assert nfc_key(key) == key == unicodedata.normalize("NFC", key)


def test_the_key_of_every_letter_with_a_case_is_its_own_key() -> None:
    every = map(chr, range(0x20000))
    assert [one for one in every if nfc_key(nfc_key(one)) != nfc_key(one)] == []


@pytest.mark.parametrize("text", ["a\x00", "\x1bb", "c\x85d"])
def test_a_control_character_is_found(text: str) -> None:
    assert has_control_characters(text)


def test_the_white_space_of_ordinary_text_is_no_control_character() -> None:
    assert not has_control_characters("two\tlines\r\nof ordinary \u202e text")


def test_half_a_character_is_found() -> None:
    assert has_surrogates("a\ud800")
    assert not has_surrogates("\U0001f44d")
    assert not has_surrogates("plain")


@pytest.mark.parametrize(
    ("text", "characters", "size", "utf16"),
    [("abc", 3, 3, 3), ("é", 1, 2, 1), ("例", 1, 3, 1), ("👍", 1, 4, 2), ("", 0, 0, 0)],
)
def test_a_length_depends_on_the_unit(text: str, characters: int, size: int, utf16: int) -> None:
    assert measure(text, Unit.CHARACTERS) == characters
    assert measure(text, Unit.BYTES) == size
    assert measure(text, Unit.UTF16) == utf16


@given(st.text(max_size=40))
def test_lengths_are_those_of_the_encodings(text: str) -> None:
    assert measure(text, Unit.BYTES) == len(text.encode())
    assert measure(text, Unit.UTF16) == len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("unit", Unit)
def test_a_text_within_the_limit_is_not_cut(unit: Unit) -> None:
    assert cut("x" * 255, 255, unit) == "x" * 255
    assert cut("x" * 256, 255, unit) == "x" * 255
    assert cut("", 0, unit) == ""


def test_a_cut_counts_in_its_unit() -> None:
    assert cut("👍" * 200, 255, Unit.CHARACTERS) == "👍" * 200
    assert cut("👍" * 200, 255, Unit.UTF16) == "👍" * 127
    assert cut("👍" * 200, 255, Unit.BYTES) == "👍" * 63


@pytest.mark.parametrize("cluster", CLUSTERS, ids=ascii)
def test_a_cut_never_splits_what_is_read_as_one_character(cluster: str) -> None:
    text = f"a{cluster}"
    for limit in range(1, len(text)):
        assert cut(text + "b", limit, Unit.CHARACTERS) == "a"
    assert cut(text + "b", len(text), Unit.CHARACTERS) == text


def test_flags_are_cut_in_pairs() -> None:
    flags = "\U0001f1e7\U0001f1f7" * 3
    assert cut("x" + flags, 6, Unit.CHARACTERS) == "x" + flags[:4]


def test_a_cluster_longer_than_the_limit_leaves_nothing() -> None:
    assert cut("e" + "\u0301" * 100_000, 255, Unit.CHARACTERS) == ""


@given(ANY_TEXT, st.integers(-1, 70), st.sampled_from(Unit))
def test_a_cut_is_a_beginning_within_the_limit_and_final(text: str, limit: int, unit: Unit) -> None:
    short = cut(text, limit, unit)
    assert text.startswith(short)
    assert measure(short, unit) <= max(limit, 0)
    assert cut(short, limit, unit) == short


def test_a_terminal_sees_no_control_character() -> None:
    assert display("Ana\x1b[31m\x00\n\u202e\u2069\ud800") == (
        r"Ana\x1b[31m\x00\n\u202e\u2069\ud800"
    )


def test_text_that_runs_leftwards_is_isolated_on_a_terminal() -> None:
    assert display("محمد") == "\u2068محمد\u2069"
    assert display("José 毛泽东 👩\u200d💻") == "José 毛泽东 👩\u200d💻"


@given(ANY_TEXT)
def test_what_is_displayed_can_always_be_printed_on_one_line(text: str) -> None:
    shown = display(text)
    assert shown.encode().decode() == shown
    assert len(shown.splitlines()) <= 1
    assert "\x1b" not in shown
    assert shown.count("\u2068") == shown.count("\u2069") <= 1
