# ruff: noqa: INP001  # a script's neighbour, no package
"""What the installed adapters declare: powers, fields, fidelity, settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from markdown_tables import code, table

from leadgateway.adapter import Adapter
from leadgateway.capabilities import Capabilities, Operation, Window
from leadgateway.gateway import Gateway
from leadgateway.mapping import Rule, Use
from leadgateway.mapping.leaves import PATHS
from leadgateway.plugins import Plugins
from leadgateway.settings import Settings
from leadgateway.taxonomy import Fidelity
from leadgateway.terms_of_call import Filters

_PLUGINS = Plugins.installed()
ADAPTERS: dict[str, type[Adapter[Any]]] = {
    vendor: _PLUGINS.adapter(vendor) for vendor in _PLUGINS.vendors()
}
ABLE: dict[str, Capabilities] = {
    vendor: adapter.capabilities for vendor, adapter in ADAPTERS.items()
}

_SPOKEN = {
    Operation.LIST: "list leads",
    Operation.CREATE: "create a lead",
    Operation.GET: "get one lead",
    Operation.UPDATE: "update a lead",
    Operation.DELETE: "delete a lead",
    Operation.CREATE_MANY: "create in batches",
    Operation.CHANGES: "read the record of changes",
}


def capabilities() -> str:
    """Return what each vendor documents that it can do."""
    facts: list[tuple[str, Callable[[Capabilities], str]]] = [
        ("rows in a batch", lambda c: str(c.batch_size or "")),
        ("dry run by the vendor", lambda c: _tick(c.dry_run)),
        ("a create may merge", lambda c: _tick(c.create_merges)),
        ("idempotency keys", lambda c: _tick(c.idempotency is not None)),
        ("custom fields", lambda c: _tick(c.custom_fields)),
        ("leads in a page", _page_size),
        ("a cursor may be kept", lambda c: _tick(c.paging.durable_cursor)),
        ("quota", _quota),
        ("state of the API", lambda c: c.stability),
    ]
    rows = [[_SPOKEN[o], *(_tick(o in c.operations) for c in ABLE.values())] for o in Operation]
    rows += [[title, *map(fact, ABLE.values())] for title, fact in facts]
    return table(["", *_titles()], rows)


def _tick(is_so: bool) -> str:  # one flag, one mark
    return "✓" if is_so else ""


def _page_size(able: Capabilities) -> str:
    paging = able.paging
    return str(paging.max_limit or f"{paging.default_limit} by default, no largest stated")


def _quota(able: Capabilities) -> str:
    return "; ".join(
        ("" if bucket == "default" else f"{bucket} ") + " and ".join(map(_window, windows))
        for bucket, windows in able.rate_plan.buckets.items()
    )


def _window(window: Window) -> str:
    span = {60: "min", 3600: "h"}.get(int(window.seconds), f"{window.seconds:g} s")
    return f"{window.limit}/{span}" + (f", burst {window.burst}" if window.burst else "")


def _titles() -> list[str]:
    return [able.title for able in ABLE.values()]


def filters() -> str:
    """Return which filters each vendor documents."""
    plain = {"sort_by", "descending", "page_size"}
    names = [name for name in Filters.__annotations__ if name not in plain]
    rows = [[f"`{name}`", *(_tick(name in c.filters) for c in ABLE.values())] for name in names]
    rows.append(["`sort_by`", *(code(c.sorts) for c in ABLE.values())])
    return table(["filter", *_titles()], rows)


def lead_paths() -> str:
    """Return where each vendor reads and writes each part of a Lead."""
    rows = (
        [f"`{path}`", *(_letters(adapter.rules.by_path.get(path)) for adapter in ADAPTERS.values())]
        for path in PATHS
    )
    return table(["path", *_titles()], rows)


def _letters(rule: Rule | None) -> str:
    if rule is None:
        return ""
    batch_only = Use.BULK in rule.on and Use.CREATE not in rule.on
    marks = [
        ("r", rule.reads),
        ("c", Use.CREATE in rule.on),
        ("b", batch_only),
        ("u", Use.UPDATE in rule.on),
    ]
    return " ".join(letter for letter, is_so in marks if is_so)


def fidelity_overview() -> str:
    """Return how many fields of each vendor arrive at each other one."""
    gateway = Gateway(environ={})
    rows = []
    for source, able in ABLE.items():
        row = [f"**{able.title}**"]
        for target in ABLE:
            report = gateway.fidelity(source, target)
            lossy = [kind for kind in Fidelity if kind.is_lossy]
            lost = [f"{len(report.of(kind))} {kind}" for kind in lossy if report.of(kind)]
            kept = len(report.fields) - sum(len(report.of(kind)) for kind in lossy)
            row.append(", ".join([f"{kept} of {len(report.fields)} arrive", *lost]))
        rows.append(row)
    return table(["from ↓ to →", *_titles()], rows)


def fidelity_tables() -> str:
    """Return the fidelity of every pair, field by field."""
    gateway, parts = Gateway(environ={}), []
    for source in ADAPTERS:
        for target in ADAPTERS:
            if source != target:
                rows = (
                    [
                        f"`{row.path}`",
                        f"**{row.fidelity}**" if row.fidelity.is_lossy else str(row.fidelity),
                        code(row.source_keys),
                        code(row.target_keys),
                        "; ".join(row.notes),
                    ]
                    for row in gateway.fidelity(source, target).fields
                )
                head = ["field", "fidelity", f"in {source}", f"in {target}", "notes"]
                parts += [f"### {source} to {target}\n", table(head, rows), ""]
    return "\n".join(parts).rstrip()


def vendor_tables() -> str:
    """Return each vendor's fields, quotas, rules and silences."""
    parts: list[str] = []
    for vendor, adapter in ADAPTERS.items():
        able = adapter.capabilities
        head = ["path", "their key", "read, written", "limit", "origin"]
        parts += [
            f"### {able.title}: `{vendor}`\n",
            *(f"- {fact}" for fact in _facts(adapter)),
            "",
            table(head, (_row(path, rule) for path, rule in _in_order(adapter))),
            "\nThe documents are silent on:\n",
            *(f"- {silence}" for silence in able.silent_on),
            *(["\nDocumented, but not offered:\n"] if able.not_offered else []),
            *(f"- {left_aside}" for left_aside in able.not_offered),
            "",
        ]
    return "\n".join(parts).rstrip()


def _facts(adapter: type[Adapter[Any]]) -> Iterator[str]:
    able = adapter.capabilities
    yield f"documents: {able.documents}"
    yield f"quota: {_quota(able) or 'no figures; what the answers say is followed'}" + (
        f" ({able.rate_plan.origin})" if able.rate_plan.origin else ""
    )
    for needs in adapter.rules.needs:
        yield f"a create needs {needs} ({needs.origin})"
    if able.merge_rule:
        yield f"a create merges into a lead with {able.merge_rule}"
    if able.batch_rule:
        yield f"a row of a batch, as `create_many` and `migrate` write them, {able.batch_rule}"
    if able.idempotency is not None:
        yield f"writes carry `{able.idempotency.header}` ({able.idempotency.origin})"
    if able.paging.cursor_bound_to:
        yield f"a cursor holds under the same {code(able.paging.cursor_bound_to)}"


def _in_order(adapter: type[Adapter[Any]]) -> Iterator[tuple[str, Rule]]:
    for path in PATHS:
        if path in adapter.rules.by_path:
            yield path, adapter.rules.by_path[path]


def _row(path: str, rule: Rule) -> list[str]:
    limit = f"{rule.limit.size} {rule.limit.unit}" if rule.limit else ""
    return [f"`{path}`", code(rule.keys), _letters(rule), limit, rule.origin]


def settings() -> str:
    """Return the settings that only one vendor's connections take."""
    rows = []
    for vendor, adapter in ADAPTERS.items():
        kind = adapter.settings_type
        own = [name for name in kind.model_fields if name not in Settings.model_fields]
        rows += [[f"`{vendor}`", f"`{name}`", *_declared(kind, name)] for name in own]
        rows.append([f"`{vendor}`", "`base_url`", *_declared(kind, "base_url")])
    return table(["vendor", "setting", "type", "default"], rows)


def _declared(kind: type[Settings], name: str) -> list[str]:
    field = kind.model_fields[name]
    default = "required" if field.is_required() else f"`{field.default!r}`".replace("'", '"')
    if field.default == "":
        default = "made from `tenant`"
    return [f"`{kind.__annotations__[name]}`", default]
