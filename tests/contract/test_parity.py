"""The sync and the async face have the same names, parameters and promises."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable

import pytest

from leadgateway import Lead, Receipt, aio, gateway

PAIRS = [
    (gateway.Gateway, aio.AsyncGateway),
    (gateway.Connection, aio.AsyncConnection),
    (gateway.LeadListing, aio.AsyncLeadListing),
]
FUNCTIONS = [(gateway.connect, aio.aconnect)]
TWINS = {"__enter__": "__aenter__", "__exit__": "__aexit__", "__iter__": "__aiter__"}
IMMEDIATE = {"connect", "fidelity", "list_changes", "list_leads", "preview"}
"""What sends nothing when it is called, and so is awaited by nobody."""


def names(kind: type) -> set[str]:
    special = set(TWINS) | set(TWINS.values()) | {"__init__"}
    return {name for name in vars(kind) if not name.startswith("_") or name in special}


def sync_name(name: str) -> str:
    return {there: here for here, there in TWINS.items()}.get(name, name)


def as_sync(annotation: object) -> str:
    """Return an annotation as the sync face spells it."""
    text = str(annotation)
    while (shorter := re.sub(r"\bAwaitable\[((?:[^\[\]]|\[[^\]]*\])*)\]", r"\1", text)) != text:
        text = shorter
    return re.sub(r"\bAsync(?=[A-Z])", "", text)


def shape(function: object) -> list[tuple[str, object, str, str]]:
    """Return name, kind, default and type of each parameter, and the type that comes back."""
    signature = inspect.signature(function)
    rows = [
        (name, each.kind, default(each.default), as_sync(each.annotation))
        for name, each in signature.parameters.items()
    ]
    return [*rows, ("return", None, "", as_sync(signature.return_annotation))]


def default(value: object) -> str:
    """Return a default; the two faces sleep in their own ways."""
    return "sleep" if getattr(value, "__name__", "") == "sleep" else repr(value)


METHODS = [
    pytest.param(here, there, name, id=f"{here.__name__}.{name}")
    for here, there in PAIRS
    for name in sorted(names(here))
]


@pytest.mark.parametrize(("here", "there"), PAIRS)
def test_both_faces_have_the_same_names(here, there):
    assert names(here) == {sync_name(name) for name in names(there)}


@pytest.mark.parametrize(("here", "there", "name"), METHODS)
def test_a_name_means_the_same_on_both_faces(here, there, name):
    one, other = vars(here)[name], vars(there)[TWINS.get(name, name)]
    assert inspect.getdoc(one) == inspect.getdoc(other)
    if isinstance(one, property):
        assert isinstance(other, property)
        one, other = one.fget, other.fget
    assert shape(one) == shape(other)
    assert not inspect.iscoroutinefunction(one)


@pytest.mark.parametrize(("here", "there", "name"), METHODS)
def test_whatever_may_send_is_awaited_or_iterated(here, there, name):
    one, other = vars(here)[name], vars(there)[TWINS.get(name, name)]
    if isinstance(one, property) or name in IMMEDIATE | {"__init__"}:
        assert not inspect.iscoroutinefunction(other)
        assert not inspect.isasyncgenfunction(other)
    elif inspect.isgeneratorfunction(one):
        assert inspect.isasyncgenfunction(other)
    else:
        assert inspect.iscoroutinefunction(other)


@pytest.mark.parametrize(("here", "there"), FUNCTIONS)
def test_the_functions_mean_the_same(here, there):
    assert shape(here) == shape(there)
    assert inspect.getdoc(here) == inspect.getdoc(there)


def test_every_public_name_is_a_promise():
    for here, there in PAIRS:
        for kind in (here, there):
            for name in names(kind):
                assert name.startswith("__") or inspect.getdoc(vars(kind)[name]), name


def test_the_comparison_sees_a_difference():
    """What parity must reject: a renamed, reordered, retyped or re-defaulted parameter."""

    def ours(self, lead: Lead, *, key: str | None = None) -> Receipt: ...

    async def twin(self, lead: Lead, *, key: str | None = None) -> Awaitable[Receipt]: ...

    def renamed(self, one: Lead, *, key: str | None = None) -> Receipt: ...

    def positional(self, lead: Lead, key: str | None = None) -> Receipt: ...

    def retyped(self, lead: Lead, *, key: str | bytes | None = None) -> Receipt: ...

    def defaulted(self, lead: Lead, *, key: str | None = "k") -> Receipt: ...

    def returning(self, lead: Lead, *, key: str | None = None) -> None: ...

    assert shape(ours) == shape(twin)
    for other in (renamed, positional, retyped, defaulted, returning):
        assert shape(ours) != shape(other)
    assert as_sync("Callable[[float], Awaitable[None]]") == "Callable[[float], None]"
    assert as_sync("AsyncIterator[Lead]") == "Iterator[Lead]"
