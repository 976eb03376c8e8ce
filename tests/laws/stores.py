"""What a vendor shows after an update: the keys that were sent, in place of what stood there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadgateway.mapping import MISSING, CustomFields, Draft, Field, RuleSet
from leadgateway.mapping.rules import fetch, place


def updated(table: RuleSet, stored: Mapping[str, Any], draft: Draft) -> Mapping[str, Any]:
    """Return the payload after an update by a vendor that replaces whole values."""
    payload = dict(stored)
    for rule in table.rules:
        if isinstance(rule, Field) and isinstance(rule.codec, CustomFields):
            held = fetch(payload, rule.key)
            if isinstance(held, Mapping) and fetch(draft.fields, rule.keys[0]) is not MISSING:
                own = {slug: held[slug] for slug in held if slug in rule.codec.without}
                place(payload, rule.key, own)
        rule.echo(draft.fields, payload)
    return payload
