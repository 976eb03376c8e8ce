"""What the columns of a table of text are taken for, shown before its leads are moved."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leadgateway.aio import AsyncConnection
from leadgateway.cli.render import Screen
from leadgateway.files import kind_of
from leadgateway.files.csv_file import CsvFile
from leadgateway.files.headers import NO_FIELD, Proposal

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


async def columns_of(source: AsyncConnection) -> Mapping[str, Proposal]:
    """Return what each column of a table is taken for; nothing of any other source."""
    adapter = source.opened.adapter
    return await source.run(adapter.columns()) if isinstance(adapter, CsvFile) else {}


def show_columns(screen: Screen, source: str, columns: Mapping[str, Proposal]) -> None:
    """Show the field of each column, those without one by name, and where to say otherwise."""
    if not columns:
        return
    screen.line(f"The columns of {source}:")
    rows = [(name, found.path or "none", found.reason) for name, found in columns.items()]
    screen.table(("column", "field", "why"), rows)
    if unmatched := [name for name, found in columns.items() if found.reason == NO_FIELD]:
        screen.line(f"Like no field of a lead: {', '.join(unmatched)}.")
    example = next(iter(unmatched or columns))
    screen.line(
        f'To say otherwise, {_place(source)}, such as {_key(example)} = "company.name", '
        'or "" to leave a column out.'
    )
    screen.line()


def columns_json(columns: Mapping[str, Proposal]) -> list[dict[str, Any]]:
    """Return the proposal as JSON."""
    return [
        {"column": name, "field": found.path or None, "reason": found.reason}
        for name, found in columns.items()
    ]


def _place(source: str) -> str:
    """Return where the columns of `source` are configured."""
    if source.startswith("@"):
        return f'set "columns" in {source[1:]}'
    table = f"connections.{_key(source)}"
    if kind_of(source) is not None:
        table = f"files.{_key(Path(source).stem)}"
    return f"write lines under [{table}.columns] in leadgateway.toml"


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else json.dumps(name, ensure_ascii=False)
