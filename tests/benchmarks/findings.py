"""What a work found: figures for the goals, tables for the reader, and what is missing and why."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Table:
    """Rows of text under a title."""

    title: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]

    def plain(self) -> str:
        """The table in columns, for a terminal."""
        lines = [self.header, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.header))]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )

    def markdown(self) -> str:
        """The table as GitHub prints it."""
        lines = [self.header, ("---",) * len(self.header), *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@dataclass
class Findings:
    """`figures` by the names that the goals know, `missing` by the same names."""

    figures: dict[str, float] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def lacks(self, names: Sequence[str], reason: str) -> None:
        """Say of these figures why there are none."""
        self.missing |= dict.fromkeys(names, reason)

    def as_json(self) -> dict[str, Any]:
        """All of it as JSON holds it."""
        return asdict(self)

    @classmethod
    def read(cls, plain: dict[str, Any]) -> "Findings":
        """What `as_json` gave."""
        tables = [
            Table(each["title"], tuple(each["header"]), [tuple(row) for row in each["rows"]])
            for each in plain["tables"]
        ]
        return cls(plain["figures"], plain["missing"], tables, plain["notes"])
