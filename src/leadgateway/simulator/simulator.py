"""The simulator that every vendor's is built on: the order of checks, the tenants, the seeding."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from leadgateway.simulator.checks import Check, problems
from leadgateway.simulator.identity import uuid_from
from leadgateway.simulator.instants import utc_now
from leadgateway.simulator.messages import Answer, Call, Refusal, Row
from leadgateway.simulator.people import Person, people
from leadgateway.simulator.rates import Allowance, RateMeter, Reading
from leadgateway.simulator.routing import Match, Route, Router
from leadgateway.simulator.store import LookupKey, SortKey, Store
from leadgateway.simulator.tenants import Access, Tenant

NEIGHBOURS = 5
"""How many leads the second tenant holds."""

_LOADED_SINCE = datetime(2026, 1, 1, tzinfo=UTC)


class Simulator(ABC):
    """One vendor's API over its own store, as strict as the vendor's documents.

    A subclass states the facts below, builds its keys in `grant`, its leads in `lead`, and
    answers each route. A call goes: route (404, 405), key (401, 403), scope (403), rate (429),
    handler. Anything raised as `Refusal` on the way is put in the vendor's envelope by `refuse`.
    """

    vendor: ClassVar[str]
    base_path: ClassVar[str]
    """What follows `http://127.0.0.1:PORT` in base_url."""
    orders: ClassVar[Mapping[str, SortKey]]
    """The sorts of the lead list."""
    lookups: ClassVar[Mapping[str, LookupKey]] = {}
    """The keys by which a write finds a lead again."""
    quotas: ClassVar[Mapping[str, Sequence[Allowance]]] = {}
    """The allowances of each rate-limit bucket."""
    shape: ClassVar[Mapping[str, Check]]
    """Every field of a stored lead, for what `POST /_simulator/leads` loads."""
    demo_terms: ClassVar[Mapping[str, Any]] = {}
    """Settings with which leads of any other vendor can be written here, for the demo."""

    def __init__(
        self,
        *,
        leads: int = 0,
        seed: int = 0,
        rate_limits: bool = True,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.seed = seed
        self.clock = clock
        self.rate_limits = rate_limits
        self._loaded = 0
        self.meter = RateMeter(self.quotas if rate_limits else {})
        self.tenant = self._tenant("own", seed, leads)
        self.neighbour = self._tenant("neighbour", seed + 1, NEIGHBOURS)
        self.keys = {access.token: access for access in self.grant()}
        self.router = Router(self.routes())

    @property
    @abstractmethod
    def settings(self) -> Mapping[str, str]:
        """What a caller connects with, besides base_url; `vendor` is among it."""

    @abstractmethod
    def grant(self) -> Iterable[Access]:
        """Every valid key: the one in `settings`, narrower ones, one of the neighbour's."""

    @abstractmethod
    def routes(self) -> Iterable[Route]:
        """The operations that the vendor documents."""

    @abstractmethod
    def lead(self, person: Person, tenant: Tenant) -> Row:
        """A seeded lead in the vendor's shape, the same for the same person and seed."""

    @abstractmethod
    def blank(self, tenant: Tenant, lead_id: str, at: datetime) -> Row:
        """A whole lead with nothing known: what a loaded line leaves out is taken from it."""

    @abstractmethod
    def refuse(self, refusal: Refusal) -> Answer:
        """The vendor's error envelope."""

    def authenticate(self, call: Call, route: Route) -> Access:
        """The access that the call's key gives; 401 where there is none."""
        access = self.keys.get(call.bearer or "")
        if access is None:
            raise Refusal(401, "the key is missing or not valid")
        return access

    def rate_headers(self, reading: Reading) -> tuple[tuple[str, str], ...]:
        """The headers that tell a caller about its rate limit, on every metered answer."""
        return ()

    def rate_key(self, access: Access) -> str:
        """Whom a call is charged to: the key, unless the vendor counts otherwise."""
        return access.token

    def match(self, call: Call) -> Match | Refusal:
        """The route of a call, or why there is none."""
        try:
            return self.router.find(call.method, call.path)
        except Refusal as refusal:
            return refusal

    def answer(self, call: Call, match: Match | Refusal) -> Answer:
        """The vendor's answer to one call."""
        if isinstance(match, Refusal):
            return self._refused(match)
        route = match.route
        try:
            access = self.authenticate(call, route)
            if route.scope is not None and route.scope not in access.scopes:
                raise Refusal(403, f"the key lacks the scope {route.scope}")  # noqa: TRY301 - one exit for all refusals
        except Refusal as refusal:
            return self._refused(refusal)
        reading = self.meter.charge(route.bucket, self.rate_key(access), call.at.timestamp())
        if reading is None:
            return self._handled(call, match, access)
        told = self.rate_headers(reading)
        if not reading.allowed:
            return self._refused(Refusal(429, "too many requests")).adding(told)
        return self._handled(call, match, access).adding(told)

    def load(self, rows: Iterable[Row]) -> int:
        """Put rows into the connected tenant's store, filled up from `blank`; all or nothing.

        ValueError names the line (from 1) and what is wrong with it.
        """
        adopted = []
        for line, row in enumerate(rows, 1):
            at = _LOADED_SINCE + timedelta(seconds=self._loaded + line)
            lead_id = uuid_from(self.tenant.id, "loaded", self._loaded + line)
            whole = {**self.blank(self.tenant, lead_id, at), **row}
            wrong = problems(whole, self.shape)
            if wrong:
                raise ValueError(f"line {line}: {'; '.join(wrong)}")
            adopted.append(whole)
        for row in adopted:
            self.tenant.leads.put(row)
        self._loaded += len(adopted)
        return len(adopted)

    def empty(self) -> None:
        """Forget the connected tenant's leads and all that came of them."""
        self.tenant.leads.clear()
        self.tenant.replays.clear()

    def _tenant(self, name: str, seed: int, count: int) -> Tenant:
        store = Store(self.orders, self.lookups)
        tenant = Tenant(name, uuid_from(seed, self.vendor, "tenant"), store, seed)
        for person in people(seed, count):
            store.put(self.lead(person, tenant))
        return tenant

    def _handled(self, call: Call, match: Match, access: Access) -> Answer:
        placed = replace(call, places=match.places) if match.places else call
        try:
            return match.route.handler(placed, access)
        except Refusal as refusal:
            return self._refused(refusal)

    def _refused(self, refusal: Refusal) -> Answer:
        return self.refuse(refusal).adding(refusal.headers)
