"""The keyword arguments that the sync and the async face share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from leadgateway.adapter import LeadQuery
from leadgateway.errors import ConfigError
from leadgateway.mapping import Policy
from leadgateway.session import WriteOptions


class Filters(TypedDict, total=False):
    """The filters of a listing; what the vendor does not document is `Unsupported`."""

    status: str
    stage: str
    source: str
    owner: str
    pipeline: str
    line: str
    search: str
    created_since: datetime
    created_until: datetime
    updated_since: datetime
    sort_by: str
    descending: bool
    page_size: int


class WriteTerms(TypedDict, total=False):
    """How a call writes: region for national numbers, and which losses it accepts."""

    region: str | None
    accept: Iterable[str]
    lenient: bool


def query(filters: Filters) -> LeadQuery:
    """Return the query for `filters`; an unknown name or a naive time is a `ConfigError`."""
    unknown = filters.keys() - Filters.__annotations__.keys()
    if unknown:
        raise ConfigError(f"no such filter: {', '.join(sorted(unknown))}.")
    for name, value in filters.items():
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ConfigError(f"{name}: give a time with its zone.")
    return LeadQuery(**filters)


def options(terms: WriteTerms) -> WriteOptions:
    """Return the options for `terms`; an unknown name is a `ConfigError`."""
    unknown = terms.keys() - WriteTerms.__annotations__.keys()
    if unknown:
        raise ConfigError(f"no such option: {', '.join(sorted(unknown))}.")
    policy = Policy(tuple(terms.get("accept", ())), lenient=terms.get("lenient", False))
    return WriteOptions(terms.get("region"), policy)
