"""Arbitrary JSON values as the strict reader yields them."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

TEXTS = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "Feira de outono",
            "O'Brien & Söhne",
            "line one\nline two\r\nline three",
            "nul\x00inside",
            "bell\x07",
            "\u202eright to left",
            "👩‍👩‍👧‍👦 family",
            "e\u0301" * 130,
            "x" * 201,
            "x" * 256,
            "ü" * 5001,
            "null",
            "undefined",
            "-",
            "a\\nb",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)

NUMBERS = st.one_of(
    st.integers(-(10**6), 10**6),
    st.sampled_from([0, 2**53 + 1, 2**64 + 1, -(2**63) - 1, 10**400]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([Decimal("1.10"), Decimal("0.1000000000000000055511151231257827")]),
)

SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)

KEYS = st.one_of(st.sampled_from(["$number", "$$number", "id", "name", "a.b", ""]), TEXTS)

JSON_VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)
