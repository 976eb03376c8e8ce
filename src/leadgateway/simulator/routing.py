"""Which handler answers which method and path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from leadgateway.simulator.messages import Answer, Call, Refusal

if TYPE_CHECKING:
    from leadgateway.simulator.tenants import Access


@dataclass(frozen=True, slots=True)
class Route:
    """One operation: `template` is the whole path, with `{name}` for a placeholder segment."""

    method: str
    template: str
    handler: Callable[[Call, Access], Answer]
    scope: str | None = None
    """What the key must be allowed to do; None asks for a valid key only."""
    bucket: str = "default"
    """The rate-limit bucket that a call is charged to."""


@dataclass(frozen=True, slots=True)
class Match:
    """The route that a request asks for, with the decoded placeholder values."""

    route: Route
    places: dict[str, str]


class Router:
    """Finds a route in constant time for fixed paths, by trial for paths with placeholders."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._fixed: dict[str, dict[str, Match]] = {}
        self._open: dict[str, tuple[list[str], dict[str, Route]]] = {}
        for route in routes:
            if "{" in route.template:
                segments = route.template.split("/")
                self._open.setdefault(route.template, (segments, {}))[1][route.method] = route
            else:
                self._fixed.setdefault(route.template, {})[route.method] = Match(route, {})

    def find(self, method: str, path: str) -> Match:
        """The match for a still encoded path; 404 for an unknown path, 405 for a wrong method."""
        fixed = self._fixed.get(path)
        if fixed is not None:
            match = fixed.get(method)
            if match is None:
                raise _wrong_method(fixed)
            return match
        asked = path.split("/")
        for segments, routes in self._open.values():
            places = _fill(segments, asked)
            if places is not None:
                if method not in routes:
                    raise _wrong_method(routes)
                return Match(routes[method], places)
        raise Refusal(404, "there is nothing at this path")


def _fill(segments: list[str], asked: list[str]) -> dict[str, str] | None:
    if len(segments) != len(asked):
        return None
    places = {}
    for expected, given in zip(segments, asked, strict=True):
        if expected.startswith("{") and given:
            places[expected[1:-1]] = unquote(given)
        elif expected != given:
            return None
    return places


def _wrong_method(routes: Iterable[str]) -> Refusal:
    allowed = ", ".join(sorted(routes))
    return Refusal(405, "this path does not take this method", headers=(("Allow", allowed),))
