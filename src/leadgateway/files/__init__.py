"""Files in place of vendors: tables of text to read from, lines of JSON to read and write."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from leadgateway.adapter import Adapter
from leadgateway.files.csv_file import CsvFile
from leadgateway.files.headers import NO_FIELD, Proposal, propose_columns
from leadgateway.files.jsonl_file import JsonlFile
from leadgateway.files.settings import CsvSettings, FileSettings

__all__ = [
    "FILES",
    "NO_FIELD",
    "SUFFIXES",
    "CsvFile",
    "CsvSettings",
    "FileSettings",
    "JsonlFile",
    "Proposal",
    "kind_of",
    "propose_columns",
]

FILES: Mapping[str, type[Adapter[Any]]] = MappingProxyType({"csv": CsvFile, "jsonl": JsonlFile})
"""The kinds of file, by the name that stands where a connection names its vendor."""

SUFFIXES = MappingProxyType({".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"})


def kind_of(name: str) -> str | None:
    """Return the kind of file that a connection's name is the path of, if its ending says so."""
    if name.startswith("@"):
        return None
    folded = name.lower()
    return next((kind for suffix, kind in SUFFIXES.items() if folded.endswith(suffix)), None)
