"""Names: kept whole, split by inference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgateway.errors import NormalizationError
from leadgateway.normalize import name
from leadgateway.normalize.name import join, split
from leadgateway.normalize.text import has_control_characters, has_surrogates
from leadgateway.values import PersonName

WORDS = st.sampled_from(
    ["Ana", "van", "der", "de", "y", "Jr.", "III", "O'Neil", "al-Assad", "Souza,", "毛", " ", ""]
)
NAMES = st.lists(WORDS, max_size=6).map(" ".join)


@pytest.mark.parametrize(
    ("full", "given_name", "family"),
    [
        ("Ana Souza", "Ana", "Souza"),
        ("Madonna", None, "Madonna"),
        ("Mary Ann van der Berg", "Mary Ann", "van der Berg"),
        ("Vincent Van Gogh", "Vincent", "Van Gogh"),
        ("Van Morrison", "Van", "Morrison"),
        ("van der Berg", None, "van der Berg"),
        ("Leonardo di ser Piero", "Leonardo", "di ser Piero"),
        ("Ludwig von Mises", "Ludwig", "von Mises"),
        ("Maria do Carmo Silva", "Maria", "do Carmo Silva"),
        ("Mary D'Angelo Smith", "Mary", "D'Angelo Smith"),
        ("Bashar al-Assad", "Bashar", "al-Assad"),
        ("Muammar al-Gaddafi Senussi", "Muammar", "al-Gaddafi Senussi"),
        ("Osman bin Laden", "Osman", "bin Laden"),
        ("محمد بن سلمان", "محمد", "بن سلمان"),
        ("José Ortega y Gasset", "José", "Ortega y Gasset"),
        ("John E Smith", "John E", "Smith"),
        ("Ana Souza y", "Ana Souza", "y"),
        ("Martin Luther King, Jr.", "Martin Luther", "King, Jr."),
        ("Ana Souza III Ph.D.", "Ana", "Souza III Ph.D."),
        ("Madonna Jr.", None, "Madonna Jr."),
        ("Souza, Ana", None, "Souza, Ana"),
        ("毛泽东", None, "毛泽东"),
        ("毛 泽东", None, "毛 泽东"),
        ("김철수", None, "김철수"),
        ("やまだ たろう", None, "やまだ たろう"),
        ("Ana  Souza", None, "Ana  Souza"),
        (" Ana Souza", None, " Ana Souza"),
        ("Ana\u00a0Souza Lima", None, "Ana\u00a0Souza Lima"),
        (
            "Juan Pablo Fernández de Calderón García-Iglesias",
            "Juan Pablo Fernández",
            "de Calderón García-Iglesias",
        ),
    ],
)
def test_parts_are_inferred_and_the_whole_is_kept(
    full: str, given_name: str | None, family: str
) -> None:
    person = name(full)
    assert (person.full, person.given, person.family) == (full, given_name, family)
    assert person.inferred


@given(st.text(st.characters(codec=None), max_size=60) | NAMES)
def test_joining_undoes_splitting_for_any_text(full: str) -> None:
    assert join(*split(full)) == full


@given(NAMES)
def test_a_given_name_is_inferred_only_beside_a_family_name(full: str) -> None:
    given_name, family = split(full)
    assert given_name is None or (given_name.strip() == given_name != "" and family)


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\u200b", "\u00a0\u200d "])
def test_nothing_visible_is_no_name(text: str) -> None:
    assert code_of(text) == "empty"


@pytest.mark.parametrize("text", ["Ana\0Souza", "Ana \x1b[31mSouza", "Ana\x85"])
def test_a_control_character_is_refused_and_not_quoted(text: str) -> None:
    assert code_of(text) == "control_character"


def test_half_a_character_is_refused() -> None:
    assert code_of("Ana \ud83d") == "surrogate"


@pytest.mark.parametrize(
    "text",
    [
        "e\u0301",
        "é",
        "شهرزاد\u200cپور",
        "👩\u200d👩\u200d👧",
        "x\u202ey",
        "null",
        "N/A",
        "-",
        "Ana\tS",
    ],
)
def test_bytes_are_unchanged_on_the_way_through(text: str) -> None:
    assert name(text).full.encode() == text.encode()


@given(st.text(st.characters(codec=None), max_size=60))
def test_any_text_has_an_answer_or_a_code(text: str) -> None:
    found = answer_or_code(text)
    if isinstance(found, str):
        assert found == "empty" or has_control_characters(text) or has_surrogates(text)
    else:
        assert found.full == text
        assert name(found.full) == found


def test_a_huge_name_is_a_name() -> None:
    full = "Ana " * 100_000 + "Souza"
    assert name(full).family == "Souza"


def answer_or_code(text: str) -> PersonName | str:
    try:
        return name(text)
    except NormalizationError as error:
        return error.code


def code_of(text: str) -> str:
    with pytest.raises(NormalizationError) as caught:
        name(text)
    assert not text.strip() or text not in str(caught.value)
    return caught.value.code
