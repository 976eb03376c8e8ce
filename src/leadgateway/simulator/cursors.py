"""Opaque cursors: a JSON object in base64."""

from __future__ import annotations

from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Mapping

import orjson

from leadgateway.simulator.messages import Refusal


def pack(payload: Mapping[str, str], *, padded: bool = True, urlsafe: bool = False) -> str:
    """The cursor for a payload, in the base64 spelling that the vendor uses."""
    encode = urlsafe_b64encode if urlsafe else b64encode
    text = encode(orjson.dumps(dict(payload))).decode("ascii")
    return text if padded else text.rstrip("=")


def unpack(cursor: str, *names: str) -> dict[str, str]:
    """The payload of a cursor that holds exactly these texts; 400 for anything else."""
    try:
        standard = cursor.translate(str.maketrans("-_", "+/")).rstrip("=").encode("ascii")
        payload = orjson.loads(b64decode(standard + b"=" * (-len(standard) % 4), validate=True))
    except ValueError:
        raise Refusal(400, "the cursor is not valid") from None
    if not isinstance(payload, dict) or set(payload) != set(names):
        raise Refusal(400, "the cursor is not valid")
    if not all(isinstance(value, str) for value in payload.values()):
        raise Refusal(400, "the cursor is not valid")
    return payload
