"""The audit log's record of a changed lead, read as a Change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from leadgateway.adapter import Change
from leadgateway.errors import NormalizationError
from leadgateway.exchange import Document
from leadgateway.frozen import FrozenDict
from leadgateway.normalize import instant


def read_change(record: Document) -> Change:
    """Return the change that an audit record tells; what does not fit stays in its `raw`.

    `actor` is the record's source, and the key where there is one: `"api:KEY_ID"`.
    """
    payload = _object(record.get("payload"))
    actors = (_text(record.get("source")), _text(payload.get("key_id")))
    return Change(
        id=record.identifier("id"),
        lead_id=_text(payload.get("lead_id")),
        action=record.take("action", str),
        actor=":".join(actor for actor in actors if actor) or None,
        at=_moment(record.get("created_at")),
        diff=FrozenDict(
            {
                name: (step["from"], step["to"])
                for name, step in _object(payload.get("diff")).items()
                if isinstance(step, Mapping) and step.keys() >= {"from", "to"}
            }
        ),
        raw=record.value,
    )


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _moment(value: Any) -> datetime | None:
    try:
        return instant(value) if isinstance(value, str) else None
    except NormalizationError:
        return None
