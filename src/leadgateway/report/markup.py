"""HTML as values: whatever is text is escaped, and no control character gets through."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from leadgateway.normalize.text import display


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def escape(content: object) -> str:
    """Return `content` as HTML: markup as it is, everything else as harmless text."""
    return content if isinstance(content, Markup) else html.escape(display(str(content)))


def join(parts: Iterable[object]) -> Markup:
    """Return `parts` one after the other."""
    return Markup("".join(map(escape, parts)))


def tag(name: str, *content: object, **attributes: str) -> Markup:
    """Return an element; a trailing underscore in an attribute's name is left out."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"'
        for key, value in attributes.items()
    )
    return Markup(f"<{name}{said}>{join(content)}</{name}>")


def table(head: Sequence[object], rows: Iterable[Sequence[object]], numbers: int = 0) -> Markup:
    """Return a table whose last `numbers` columns are right-aligned."""
    first = len(head) - numbers

    def line(cells: Sequence[object], kind: str) -> Markup:
        return tag(
            "tr",
            *(
                tag(kind, c, class_="n") if i >= first else tag(kind, c)
                for i, c in enumerate(cells)
            ),
        )

    body = tag("tbody", *(line(row, "td") for row in rows))
    return tag("div", tag("table", tag("thead", line(head, "th")), body), class_="wide")
