"""Files in place of vendors: tables of text to read from, lines of JSON to read and write."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

from leadgateway.adapter import Adapter

KINDS: Final = ("csv", "jsonl")
"""The kinds of file, as they stand where a connection names its vendor."""

SUFFIXES = MappingProxyType({".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"})


def kind_of(name: str) -> str | None:
    """Return the kind of file that a connection's name is the path of, if its ending says so."""
    if name.startswith("@"):
        return None
    folded = name.lower()
    return next((kind for suffix, kind in SUFFIXES.items() if folded.endswith(suffix)), None)


def file_adapter(kind: str) -> type[Adapter[Any]]:
    """Return what reads and writes a kind of file; most moves are between vendors and need none."""
    if kind == "csv":
        from leadgateway.files.csv_file import CsvFile

        return CsvFile
    from leadgateway.files.jsonl_file import JsonlFile

    return JsonlFile
