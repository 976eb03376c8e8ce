"""The configuration that a job began with, as the text that its journal keeps."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from leadgateway.aio import AsyncConnection
from leadgateway.mapping import Policy

_SECRETS = frozenset({"token"})
_NO_MATTER = frozenset(
    {"deadline", "proxy", "client", "rate_limits", "settle_seconds", "page_size"}
)


def config_of(
    source: AsyncConnection, target: AsyncConnection, policy: Policy, *, allow_merge: bool = False
) -> str:
    """Return what decides what is written of a lead, as text; without secrets and tuning."""
    allowed = {"accept": sorted(policy.accept), "lenient": policy.lenient}
    held = {
        "source": _settings(source),
        "target": _settings(target),
        "policy": {**allowed, **({"allow_merge": True} if allow_merge else {})},
    }
    return json.dumps(held, sort_keys=True, default=str)


def config_hash(config: str) -> str:
    """Return the short name of a configuration."""
    return hashlib.sha256(config.encode()).hexdigest()[:16]


def differences(began: str, today: str) -> list[str]:
    """Return the names of the settings that differ between two configurations; no values."""
    was, now = json.loads(began), json.loads(today)
    return sorted(
        f"{part}.{name}"
        for part in was.keys() | now.keys()
        for name in was.get(part, {}).keys() | now.get(part, {}).keys()
        if was.get(part, {}).get(name) != now.get(part, {}).get(name)
    )


def accounts(source: AsyncConnection, target: AsyncConnection) -> frozenset[str]:
    """Return the names of the settings that say whose accounts these are, as `differences` does."""
    return frozenset(
        f"{part}.{name}"
        for part, connection in (("source", source), ("target", target))
        for name in ("vendor", "base_url", *_demanded(connection))
    )


def _demanded(connection: AsyncConnection) -> list[str]:
    """Return the settings without which there is no connection: they name its tenant."""
    fields = type(connection.opened.adapter.settings).model_fields
    return [name for name, field in fields.items() if field.is_required() and name not in _SECRETS]


def _settings(connection: AsyncConnection) -> dict[str, Any]:
    dumped = connection.opened.adapter.settings.model_dump(
        mode="json", exclude=_SECRETS | _NO_MATTER, exclude_defaults=True
    )
    return {"vendor": connection.vendor, **dumped}
