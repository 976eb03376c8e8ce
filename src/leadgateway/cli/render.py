"""The only printer: JSON or text on stdout, everything else on stderr, no control characters."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import click

_EVERY = 1000
"""Leads between two lines of progress, where there is no terminal."""

Advance = Callable[[int], None]


def shown(value: object) -> str:
    """Return `value` as text that is safe to print; nothing for `None`."""
    from leadgateway.normalize.text import display

    return "" if value is None else display(str(value))


def warn(text: str) -> None:
    """Say something on stderr that needs attention but ends nothing."""
    click.echo(f"Warning: {shown(text)}", err=True)


def failure(message: str, remedy: str) -> None:
    """Say on stderr what went wrong, and what to do next."""
    click.echo(f"Error: {shown(message)}", err=True)
    if remedy:
        click.echo(shown(remedy), err=True)


class Screen:
    """What a command shows: tables and lines, or under `--json` its result and nothing else."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json

    def line(self, text: str = "") -> None:
        """Print one line of text."""
        if not self.as_json:
            click.echo(shown(text))

    def heading(self, text: str) -> None:
        """Print one line of text below an empty one."""
        self.line()
        self.line(text)

    def result(self, value: object) -> None:
        """Print the result as one line of JSON."""
        if self.as_json:
            click.echo(json.dumps(value, ensure_ascii=True, default=str))

    def raw(self, line: str) -> None:
        """Print a line that is JSON already."""
        if self.as_json:
            click.echo(line)

    def document(self, value: object) -> None:
        """Print JSON for a reader."""
        if not self.as_json:
            click.echo(json.dumps(value, ensure_ascii=True, indent=2, default=str))

    def note(self, text: str) -> None:
        """Say on stderr what is going on."""
        click.echo(shown(text), err=True)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print a table, drawn on a terminal and in plain aligned lines elsewhere."""
        if self.as_json:
            return
        cells = [[shown(cell) for cell in row] for row in rows]
        if sys.stdout.isatty():
            _draw(columns, cells)
        else:
            _align(columns, cells)

    def facts(self, facts: Mapping[str, object]) -> None:
        """Print names with their values, one a line; what is empty is left out."""
        width = max(map(len, facts), default=0)
        for name, value in facts.items():
            if value not in (None, "", ()):
                self.line(f"{name:<{width}}  {value}")

    @contextmanager
    def progress(self, label: str, total: int | None = None) -> Iterator[Advance]:
        """Show on stderr how far something is: a bar on a terminal, a line now and then."""
        if sys.stderr.isatty():
            with _bar(label, total) as bar:
                yield bar
            return
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            if count // _EVERY > done // _EVERY:
                self.note(f"{label}: {count}" + (f" of {total}" if total else ""))
            done = count

        yield advance
        self.note(f"{label}: {done}")


def _align(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    for row in (columns, *cells):
        text = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        click.echo(text.rstrip())


def _draw(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    Console(file=sys.stdout, highlight=False).print(table)


@contextmanager
def _bar(label: str, total: int | None) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr)) as progress:
        task = progress.add_task(shown(label), total=total)
        yield lambda count: progress.update(task, completed=count)
