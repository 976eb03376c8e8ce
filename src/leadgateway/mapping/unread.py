"""What was never read of a lead: its record said more, and that is lost wherever it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from leadgateway.errors import MappingError
from leadgateway.lead import Lead
from leadgateway.taxonomy import Fidelity
from leadgateway.values import Loss

RECORD: Final = "raw"
"""The path of what belongs to no field: cells beyond the header, a line that is no lead."""

_PARTLY: Final = frozenset({"partly_read", "surrogate"})
"""What is said of a value that was read with something of it missing or spelt otherwise."""


def unread(lead: Lead, leaves: Mapping[str, Any]) -> Iterator[Loss]:
    """Yield a loss for each issue whose value is not, or not all, among the lead's `leaves`.

    Raises `MappingError` if nothing at all could be read.
    """
    for issue in lead.issues:
        if issue.path == "ref":
            continue
        if issue.path == RECORD and not leaves:
            raise MappingError(RECORD, issue.code, issue.detail)
        if not _is_known(issue.path, leaves):
            yield Loss.of(issue.path, Fidelity.DROPPED, "unread", issue.code)
        elif issue.code in _PARTLY:
            yield Loss.of(issue.path, Fidelity.NARROWED, "unread", issue.code)


def _is_known(path: str, leaves: Mapping[str, Any]) -> bool:
    """Whether the lead says something at `path`, or within it."""
    if path in leaves:
        return True
    field, _, slug = path.partition(".")
    if field == "custom":
        return slug in (leaves.get("custom") or ())
    return any(leaf.startswith(f"{path}.") for leaf in leaves)
