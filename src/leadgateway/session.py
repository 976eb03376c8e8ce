"""What one connection can do, as flows: the common ground of the sync and the async face."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from leadgateway.adapter import Adapter, ChangePage, LeadQuery, Outcome, Page, Receipt
from leadgateway.capabilities import Operation
from leadgateway.errors import (
    ConfigError,
    LeadGatewayError,
    MappingError,
    Recovery,
    Rejected,
    Unsupported,
)
from leadgateway.exchange import Effect, Flow, Request, Response, dumps, loads
from leadgateway.hookspecs import Normalizer
from leadgateway.lead import Lead
from leadgateway.mapping import STRICT, Draft, Policy, Use
from leadgateway.values import Loss


@dataclass(frozen=True)
class Preview:
    """The exact request that a create would send, without the credential, and its losses."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any] = field(repr=False)
    losses: tuple[Loss, ...]


@dataclass(frozen=True)
class WriteOptions:
    """How one call writes: the region for national numbers, and which losses may happen.

    `region` is an ISO 3166 country and wins over the connection's.
    """

    region: str | None = None
    policy: Policy = STRICT


@dataclass(frozen=True)
class Job:
    """One request's worth of writing: which leads it is for, and the flow that does it."""

    indices: tuple[int, ...]
    flow: Callable[[], Flow[Sequence[Receipt]]]


@dataclass(frozen=True)
class Work:
    """What many leads come to: receipts that are settled already, and jobs to be done."""

    settled: Mapping[int, Receipt]
    jobs: tuple[Job, ...]


class Session:
    """One adapter with the rules around it; every method returns a flow and does no I/O."""

    def __init__(
        self,
        adapter: Adapter[Any],
        *,
        new_key: Callable[[], str],
        normalizers: Sequence[Normalizer] = (),
    ) -> None:
        self.adapter = adapter
        self.new_key = new_key
        self._normalizers = normalizers

    @property
    def vendor(self) -> str:
        """The vendor's name."""
        return self.adapter.vendor

    @property
    def write_use(self) -> Use:
        """What many leads are written as: rows of a batch where the vendor has them."""
        bulk = Operation.CREATE_MANY in self.adapter.capabilities.operations
        return Use.BULK if bulk else Use.CREATE

    def draft(
        self,
        lead: Lead,
        use: Use,
        options: WriteOptions,
        base: Mapping[str, Any] | None = None,
    ) -> Draft:
        """Return the draft for `lead`, or raise `MappingError`, also for a loss not accepted."""
        terms = self.adapter.settings
        if options.region is not None:
            terms = type(terms).of({**dict(terms), "region": options.region})
        draft = self.adapter.table.write(lead, use, terms, base)
        options.policy.check(draft.losses)
        return draft

    def list_page(self, query: LeadQuery, cursor: str | None) -> Flow[Page]:
        """Fetch one page; what the vendor does not document is refused before any request."""
        self._check_query(query)
        page = yield from self.adapter.list_page(query, cursor)
        if not self._normalizers:
            return page
        return replace(page, leads=tuple(map(self._clean, page.leads)))

    def get(self, lead_id: str) -> Flow[Lead]:
        """Fetch one lead by its id."""
        self._check_power(Operation.GET)
        return self._clean((yield from self.adapter.get(lead_id)))

    def create(self, lead: Lead, options: WriteOptions, key: str | None) -> Flow[Receipt]:
        """Create one lead; a key is made up where the vendor takes keys and none is given."""
        self.adapter.check_write()
        draft = self.draft(lead, Use.CREATE, options)
        return (yield from self.adapter.create(draft, self._key(key)))

    def jobs(self, leads: Sequence[Lead], options: WriteOptions) -> Work:
        """Return the writes for `leads`: batches where the vendor has them, else one a lead.

        A lead that cannot be drafted has its receipt at once and is in no job. No job raises: an
        error becomes the receipts of its leads, and one that aborts lets no later job send.
        """
        self.adapter.check_write()
        use = self.write_use
        receipts: dict[int, Receipt] = {}
        drafts: list[tuple[int, Draft]] = []
        for index, lead in enumerate(leads):
            try:
                drafts.append((index, self.draft(lead, use, options)))
            except MappingError as error:
                receipts[index] = failed(error, getattr(error, "losses", ()))
        size = (self.adapter.capabilities.batch_size or 1) if use is Use.BULK else 1
        batches = [drafts[start : start + size] for start in range(0, len(drafts), size)]
        write = self._batch if use is Use.BULK else self._single
        brake = _Brake()
        return Work(
            receipts,
            tuple(
                Job(tuple(i for i, _ in batch), partial(brake.guard, write, [d for _, d in batch]))
                for batch in batches
            ),
        )

    def _batch(self, drafts: Sequence[Draft]) -> Flow[Sequence[Receipt]]:
        """Create a batch; one that is refused whole is halved until the guilty lead is alone."""
        try:
            return (yield from self.adapter.create_many(drafts, self._key(None)))
        except Rejected as error:
            if len(drafts) == 1:
                return [failed(error, drafts[0].losses)]
        middle = len(drafts) // 2
        first = yield from self._batch(drafts[:middle])
        second = yield from self._batch(drafts[middle:])
        return [*first, *second]

    def _single(self, drafts: Sequence[Draft]) -> Flow[Sequence[Receipt]]:
        return [(yield from self.adapter.create(drafts[0], self._key(None)))]

    def update(
        self,
        lead_id: str,
        lead: Lead,
        options: WriteOptions,
        base: Lead | None,
    ) -> Flow[Receipt]:
        """Write what differs from `base`, or from what `lead` was when it was read here."""
        self._check_power(Operation.UPDATE)
        self.adapter.check_write()
        ours = lead.ref is not None and lead.ref.vendor == self.vendor
        before = base.raw if base is not None else lead.raw if ours else None
        change = self.draft(lead, Use.UPDATE, options, before or None)
        if not change.fields:
            return Receipt(Outcome.SKIPPED, lead_id, lead, change.losses)
        return (yield from self.adapter.update(lead_id, change))

    def changes_page(self, since: datetime | None, cursor: str | None) -> Flow[ChangePage]:
        """Fetch one page of the vendor's record of changes."""
        self._check_power(Operation.CHANGES)
        return (yield from self.adapter.changes_page(since, cursor))

    def request(
        self, method: str, path: str, params: Mapping[str, Any] | None, json: Any
    ) -> Flow[Response]:
        """Send a request of your own below the connection's host, with its auth and guards."""
        verb = method.upper()
        if not path.startswith("/") or path.startswith("//") or "\\" in path:
            raise ConfigError("path: begin with one slash; the host is the connection's.")
        root = urlsplit(self.adapter.settings.base_url)
        pairs = tuple((name, str(value)) for name, value in (params or {}).items())
        headers: tuple[tuple[str, str], ...] = (("accept", "application/json"),)
        body = None if json is None else dumps(json)
        if body is not None:
            headers = (*headers, ("content-type", "application/json"))
        effect = Effect.READ if verb in {"GET", "HEAD"} else Effect.ONCE
        url = f"{root.scheme}://{root.netloc}{path}"
        return (yield Request(verb, url, pairs, headers, body, effect))

    def check(self) -> Flow[Mapping[str, Any]]:
        """Find out whether the connection works, without writing."""
        return (yield from self.adapter.check())

    def preview(self, lead: Lead, options: WriteOptions) -> Preview:
        """Return the request that a create would send; no network."""
        draft = self.draft(lead, Use.CREATE, options)
        flow = self.adapter.create(draft, self._key(None))
        request = next(flow)
        flow.close()
        return Preview(
            request.method, request.url, dict(request.headers), loads(request.body or b"{}"),
            draft.losses,
        )  # fmt: skip

    def _key(self, key: str | None) -> str | None:
        if self.adapter.capabilities.idempotency is None:
            if key is not None:
                raise Unsupported(self.vendor, "idempotency_key")
            return None
        return key or self.new_key()

    def _clean(self, lead: Lead) -> Lead:
        for step in self._normalizers:
            lead = step.clean(lead)
        return lead

    def _check_power(self, power: Operation) -> None:
        if power not in self.adapter.capabilities.operations:
            raise Unsupported(self.vendor, str(power))

    def _check_query(self, query: LeadQuery) -> None:
        able = self.adapter.capabilities
        for name in sorted(query.filters - able.filters):
            raise Unsupported(self.vendor, f"filter {name}", f"filters: {_list(able.filters)}")
        if query.sort_by is not None and query.sort_by not in able.sorts:
            raise Unsupported(self.vendor, f"sort {query.sort_by}", f"sorts: {_list(able.sorts)}")
        most = able.paging.max_limit
        if query.page_size is not None and not 1 <= query.page_size <= (most or query.page_size):
            raise ConfigError(f"page_size: {self.vendor} takes 1 to {most or 'any number'}.")


def failed(error: LeadGatewayError, losses: tuple[Loss, ...] = ()) -> Receipt:
    """Return the receipt of a lead whose write ended in `error`."""
    in_doubt = error.recovery is Recovery.RECONCILE
    return Receipt(Outcome.UNKNOWN if in_doubt else Outcome.FAILED, losses=losses, error=error)


@dataclass(slots=True)
class _Brake:
    """Turns errors into receipts, and stops what has not been sent once one concerns all."""

    pulled_by: LeadGatewayError | None = None

    def guard(
        self, write: Callable[[Sequence[Draft]], Flow[Sequence[Receipt]]], drafts: Sequence[Draft]
    ) -> Flow[Sequence[Receipt]]:
        if self.pulled_by is not None:
            return [failed(self.pulled_by, draft.losses) for draft in drafts]
        try:
            return (yield from write(drafts))
        except LeadGatewayError as error:
            if error.recovery is Recovery.ABORT:
                self.pulled_by = error
            return [failed(error, draft.losses) for draft in drafts]


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
