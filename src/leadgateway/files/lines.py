"""One lead a line: what a line is known by, and whether it was written to its end."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import Any

from leadgateway.lead import Lead

_FIELDS = frozenset(Lead.model_fields)
_BEGINNING = re.compile(rb'\{"([a-z_]*)("?)')


def digest_of(line: bytes) -> str:
    """Return the id of a line that gives itself none."""
    return "line-" + sha256(line).hexdigest()[:24]


def id_of(line: bytes) -> str:
    """Return the id of the lead in a line; `ValueError` if the line holds none."""
    try:
        # The numbers do not matter, and some are longer than a number may be.
        found = json.loads(line.decode("utf-8"), parse_int=str, parse_float=str)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict) or not found.keys() <= _FIELDS:
        raise ValueError("no lead")
    return own_id(found.get("ref")) or digest_of(line)


def own_id(ref: Any) -> str | None:
    """Return the id in a lead's reference, if it has one."""
    found = ref.get("id") if isinstance(ref, dict) else None
    return found if isinstance(found, str) else None


def is_torn(line: bytes) -> bool:
    """Whether a last line without an end is the beginning of a lead, or what a power cut leaves."""
    if not line.strip(b"\0"):
        return True
    found = _BEGINNING.match(line.rstrip(b"\0"))
    if found is None:
        return b'{"'.startswith(line.rstrip(b"\0"))
    name, closed = found[1].decode(), bool(found[2])
    if closed:
        return name in _FIELDS
    whole = found.end() == len(line.rstrip(b"\0"))
    return whole and any(field.startswith(name) for field in _FIELDS)
