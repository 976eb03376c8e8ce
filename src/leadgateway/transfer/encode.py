"""Between leads and the journal: payloads, digests, drafts, losses and keys as text and back."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from pydantic import TypeAdapter

from leadgateway.exchange import dumps, loads
from leadgateway.journal import IntendedRow, Staged
from leadgateway.lead import Lead
from leadgateway.mapping import Draft, Use
from leadgateway.values import Loss

_LOSSES: TypeAdapter[tuple[Loss, ...]] = TypeAdapter(tuple[Loss, ...])


def staged(lead: Lead) -> Staged:
    """Return `lead` as the journal keeps it; the digest is of the record as the source sent it."""
    payload = lead.model_dump_json()
    record = dumps(lead.raw) if lead.raw else payload.encode()
    digest = hashlib.sha256(record).hexdigest()[:32]
    return Staged(lead.ref.id if lead.ref else digest, digest, payload)


def unstaged(payload: str) -> Lead:
    """Return the lead that the journal kept."""
    return Lead.model_validate_json(payload)


def losses_text(losses: Sequence[Loss]) -> str:
    """Return losses as the journal keeps them."""
    return _LOSSES.dump_json(tuple(losses)).decode() if losses else "[]"


def losses_of(text: str) -> tuple[Loss, ...]:
    """Return the losses that the journal kept."""
    return () if text == "[]" else _LOSSES.validate_json(text)


def intended(seq: int, draft: Draft) -> IntendedRow:
    """Return one lead of a request as the journal keeps it."""
    return IntendedRow(seq, dumps(draft.fields).decode(), losses_text(draft.losses))


def draft_of(row: IntendedRow, use: Use) -> Draft:
    """Return the draft that the journal kept."""
    fields: Any = loads(row.fields.encode())
    return Draft(fields, losses_of(row.losses), use)


def key_for(job: str, seqs: Sequence[int], body: bytes, earlier: Sequence[int | None]) -> str:
    """Return the idempotency key of a request: the same for the same rows, bytes and history."""
    history = ",".join(f"{seq}.{intent or 0}" for seq, intent in zip(seqs, earlier, strict=True))
    name = f"leadgateway:{job}:{history}:{hashlib.sha256(body).hexdigest()}"
    return str(uuid5(NAMESPACE_URL, name))
