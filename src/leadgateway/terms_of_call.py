"""The keyword arguments that the sync and the async face share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypedDict, get_type_hints

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
    """Return the query for `filters`; a wrong name, type or a naive time is a `ConfigError`."""
    unknown = filters.keys() - Filters.__annotations__.keys()
    if unknown:
        raise ConfigError(f"no such filter: {', '.join(sorted(unknown))}.")
    kinds = get_type_hints(Filters)
    for name, value in filters.items():
        if value is not None and not _is(value, kinds[name]):
            raise ConfigError(f"{name}: a {kinds[name].__name__} is wanted.")
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ConfigError(f"{name}: give a time with its zone.")
    return LeadQuery(**filters)


def options(terms: WriteTerms) -> WriteOptions:
    """Return the options for `terms`; an unknown name is a `ConfigError`."""
    unknown = terms.keys() - WriteTerms.__annotations__.keys()
    if unknown:
        raise ConfigError(f"no such option: {', '.join(sorted(unknown))}.")
    accept = terms.get("accept", ())
    if isinstance(accept, str):
        raise ConfigError("accept: give a list of fields, even of one.")
    policy = Policy(tuple(accept), lenient=terms.get("lenient", False))
    return WriteOptions(terms.get("region"), policy)


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
