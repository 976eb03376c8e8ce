"""What of a vendor's words may be repeated: nothing that somebody sent, nothing unprintable."""

from __future__ import annotations

from typing import Any

import pytest

from leadgateway.redaction import redact


@pytest.mark.parametrize(
    ("text", "sent", "shown"),
    [
        ("name is required", None, "name is required"),
        ("ana@example.com is taken", None, "[email] is taken"),
        ("<josé@bücher.example>", None, "<[email]>"),
        ("phone +55 (11) 96123-4567 exists", None, "phone [number] exists"),
        ("phone 5511961234567", None, "phone [number]"),
        ("at most 200 of 12345", None, "at most 200 of 12345"),
        ("Ana Souza exists", {"contact_name": "Ana Souza"}, "[value] exists"),
        ("ANA SOUZA exists", {"contact_name": "ana souza"}, "[value] exists"),
        ("ana is no surname", {"contact_name": "ana"}, "[value] is no surname"),
        ("management knows ana_1", {"contact_name": "ana"}, "management knows ana_1"),
        ("山田太郎は無効です", {"name": "山田太郎"}, "[value]は無効です"),
        ("Acme (EU) taken", [{"org": {"name": ["Acme (EU)"]}}], "[value] taken"),
        ("Ana Souza Lima", ["Ana", "Ana Souza"], "[value] Lima"),
        ("limit is 7, not 200", ["200"], "limit is 7, not 200"),
        ("a value", {"x": "a", "y": 5, "z": None}, "a value"),
        ("form or chat", {"source_type": "form", "notes": "chat"}, "form or [value]"),
    ],
)
def test_what_was_sent_is_masked(text: str, sent: Any, shown: str) -> None:
    assert redact(text, sent, frozenset({"form", "phone_call"})) == shown


def test_what_cannot_be_printed_is_spelled_out_and_long_texts_end() -> None:
    assert redact("\x1b[31mred\n") == "\\x1b[31mred\\x0a"
    assert redact("x" * 200) == "x" * 200
    assert redact("x" * 201) == "x" * 200 + "..."
