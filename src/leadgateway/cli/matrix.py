"""What vendors declare, as tables and as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadgateway.adapter import Adapter
    from leadgateway.capabilities import Capabilities, Window
    from leadgateway.mapping import Rule, RuleSet
    from leadgateway.settings import Settings

Row = Sequence[object]


def matrix(able: Mapping[str, Capabilities]) -> tuple[Sequence[str], list[Row]]:
    """Return the capability matrix: columns and rows, one column a vendor."""
    from leadgateway.capabilities import Operation

    found = able.values()

    def mark(yes: bool) -> str:
        return "yes" if yes else "-"

    rows: list[Row] = [("name", *(c.title for c in found))]
    rows += [
        (str(power).replace("_", " "), *(mark(power in c.operations) for c in found))
        for power in Operation
    ]
    rows += [
        ("leads a batch", *(c.batch_size or "-" for c in found)),
        ("dry run at the vendor", *(mark(c.dry_run) for c in found)),
        ("a create may merge", *(mark(c.create_merges) for c in found)),
        ("keyed writes", *(mark(c.idempotency is not None) for c in found)),
        ("custom fields", *(mark(c.custom_fields) for c in found)),
        ("leads a page", *(c.paging.max_limit or "?" for c in found)),
        ("a cursor may be kept", *(mark(c.paging.durable_cursor) for c in found)),
        ("quota", *(quota(c) or "?" for c in found)),
        ("filters", *(", ".join(sorted(c.filters)) or "-" for c in found)),
        ("sorts", *(", ".join(c.sorts) or "-" for c in found)),
        ("documents", *(c.stability for c in found)),
    ]
    return ("", *able), rows


def quota(able: Capabilities) -> str:
    """Return the documented quota in words; nothing where it is not documented."""
    buckets = able.rate_plan.buckets
    return "; ".join(
        (f"{name}: " if len(buckets) > 1 else "") + ", ".join(map(_window, windows))
        for name, windows in buckets.items()
    )


def _window(window: Window) -> str:
    units = {1: "s", 60: "min", 3600: "h", 86400: "d"}
    unit = units.get(int(window.seconds), f"{window.seconds:g} s")
    return f"{window.limit}/{unit}" + (f" (burst {window.burst})" if window.burst else "")


def described(vendor: str, able: Capabilities) -> dict[str, Any]:
    """Return everything that is declared of a vendor's powers, as JSON."""
    keys = able.idempotency
    return {
        "vendor": vendor,
        "title": able.title,
        "documents": able.documents,
        "stability": able.stability,
        "operations": sorted(able.operations),
        "update_methods": list(able.update_methods),
        "batch_size": able.batch_size,
        "dry_run": able.dry_run,
        "create_merges": able.create_merges,
        "merge_rule": able.merge_rule,
        "batch_rule": able.batch_rule,
        "custom_fields": able.custom_fields,
        "filters": sorted(able.filters),
        "sorts": list(able.sorts),
        "paging": {
            "default_limit": able.paging.default_limit,
            "max_limit": able.paging.max_limit,
            "durable_cursor": able.paging.durable_cursor,
            "cursor_bound_to": list(able.paging.cursor_bound_to),
        },
        "idempotency": keys
        and {
            "header": keys.header,
            "ttl": keys.ttl,
            "stores_errors": keys.stores_errors,
            "conflict_status": keys.conflict_status,
        },
        "quota": {
            name: [{"limit": w.limit, "seconds": w.seconds, "burst": w.burst} for w in windows]
            for name, windows in able.rate_plan.buckets.items()
        },
        "silent_on": list(able.silent_on),
        "not_offered": list(able.not_offered),
    }


def field_rows(table: RuleSet, adapter: type[Adapter[Any]]) -> list[dict[str, Any]]:
    """Return the vendor's field table: for each row fields, keys, letters, limit and origin."""
    return [
        {
            "fields": list(rule.paths),
            "keys": _keys(rule),
            "use": _letters(rule, adapter.capabilities),
            "limit": f"{rule.limit.size} {rule.limit.unit}" if rule.limit else None,
            "conditions": list(rule.codec.conditions),
            "origin": rule.origin,
        }
        for rule in table.rules
    ]


def _keys(rule: Rule) -> list[str]:
    from leadgateway.mapping import Field

    if isinstance(rule, Field) and rule.write_key:
        return [rule.key, f"{rule.write_key} (written)"]
    return list(rule.keys)


def _letters(rule: Rule, able: Capabilities) -> str:
    """Return how a row is used: read, written on create, on update, in a batch."""
    from leadgateway.capabilities import Operation
    from leadgateway.mapping import Use

    in_batches = Operation.CREATE_MANY in able.operations and Use.BULK in rule.on
    said = {
        "r": rule.reads,
        "c": Use.CREATE in rule.on,
        "u": Use.UPDATE in rule.on and Operation.UPDATE in able.operations,
        "b": in_batches,
    }
    return "".join(letter for letter, yes in said.items() if yes)


def setting_rows(settings: type[Settings]) -> list[dict[str, Any]]:
    """Return the settings that a connection takes: name, type, default, and whether it must be."""
    return [
        {
            "name": name,
            "type": _type(field.annotation),
            "required": field.is_required(),
            "default": _plain(
                None if field.is_required() else field.get_default(call_default_factory=True)
            ),
        }
        for name, field in settings.model_fields.items()
    ]


def _type(annotation: Any) -> str:
    name = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return re.sub(r"\b(?:\w+\.)+(?=\w)", "", name)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else list(value)
