"""Names: the whole is the truth, given and family parts are an inference."""

from __future__ import annotations

from leadgateway.errors import NormalizationError
from leadgateway.values import PersonName


def name(text: str) -> PersonName:
    """Return the name as written, with its parts inferred."""
    if not text.strip():
        raise NormalizationError("name", "empty")
    given, _, family = text.partition(" ")
    return PersonName(
        full=text, given=given if family else None, family=family or given, inferred=True
    )
