"""Between leads and the journal: payloads, digests, drafts, losses and keys as text and back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson
from pydantic import TypeAdapter

from leadgateway.journal import IntendedRow
from leadgateway.json_text import ObjectText
from leadgateway.lead import Lead
from leadgateway.mapping import Draft, Use
from leadgateway.values import Loss, Money, Parts

_FIELDS = tuple(Lead.model_fields)
_PARTS = {kind: tuple(kind.model_fields) for kind in Parts.__subclasses__()}
_LOSSES: TypeAdapter[tuple[Loss, ...]] = TypeAdapter(tuple[Loss, ...])


def digest_of(record: bytes) -> str:
    """Return what tells a record from what it was before."""
    return hashlib.sha256(record).hexdigest()[:32]


def payload_of(lead: Lead) -> bytes:
    """Return the JSON by which the journal keeps a lead: `Lead.model_validate_json` reads it.

    The same lead has the same text in every process, as far as its own maps have one order.
    """
    values, is_known = lead.__dict__, lead.model_fields_set
    known = {field: values[field] for field in _FIELDS if field in is_known}
    try:
        text = orjson.dumps(known, default=_members)
    except orjson.JSONEncodeError:
        return lead.model_dump_json().encode()
    # What looks like a tagged number is written with more care; one byte is looked for faster.
    tagged = b"$" in text and b'"$' in text
    return lead.model_dump_json().encode() if tagged else text


def _members(value: Any) -> Mapping[str, Any]:
    kind = type(value)
    if kind is Money:
        return {"amount": str(value.amount), "currency": value.currency}
    if kind in _PARTS:
        is_known = value.model_fields_set
        return {part: getattr(value, part) for part in _PARTS[kind] if part in is_known}
    if kind is Decimal:
        raise TypeError
    members: Mapping[str, Any] = value.__dict__
    return members


def unstaged(payload: str) -> Lead:
    """Return the lead that the journal kept."""
    return Lead.model_validate_json(payload)


def losses_text(losses: Sequence[Loss]) -> str:
    """Return losses as the journal keeps them."""
    return orjson.dumps([loss.__dict__ for loss in losses]).decode()


@lru_cache(maxsize=4096)
def losses_of(text: str) -> tuple[Loss, ...]:
    """Return the losses that the journal kept; few texts stand for the losses of many leads."""
    return () if text == "[]" else _LOSSES.validate_json(text)


def intended(seq: int, draft: Draft) -> IntendedRow:
    """Return one lead of a request as the journal keeps it."""
    return IntendedRow(seq, draft.body.decode(), losses_text(draft.losses))


def draft_of(row: IntendedRow, use: Use) -> Draft:
    """Return the draft that the journal kept."""
    return Draft(ObjectText(row.fields.encode()), losses_of(row.losses), use)


def key_for(job: str, seqs: Sequence[int], body: bytes, earlier: Sequence[int | None]) -> str:
    """Return the idempotency key of a request: the same for the same rows, bytes and history."""
    history = ",".join(f"{seq}.{intent or 0}" for seq, intent in zip(seqs, earlier, strict=True))
    name = f"leadgateway:{job}:{history}:{hashlib.sha256(body).hexdigest()}"
    return str(uuid5(NAMESPACE_URL, name))
