"""What one connection can do, as flows: the common ground of the sync and the async face."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from leadgateway.adapter import Adapter, ChangePage, LeadQuery, Outcome, Page, Receipt
from leadgateway.capabilities import Operation
from leadgateway.errors import (
    ConfigError,
    MappingError,
    OutcomeUnknown,
    PluginError,
    Rejected,
    Unsupported,
)
from leadgateway.exchange import Effect, Flow, Request, Response, dumps, loads
from leadgateway.hookspecs import Normalizer
from leadgateway.lead import Lead
from leadgateway.mapping import STRICT, Draft, Policy, Use
from leadgateway.mapping.terms import check_region
from leadgateway.records import Records
from leadgateway.safety import split_url
from leadgateway.values import ExternalRef, Loss
from leadgateway.work import Brake, Job, Work, failed


@dataclass(frozen=True)
class Preview:
    """The exact request that a create would send, without the credential, and its losses.

    `refused` are the losses that nobody accepted: while there are any, a create sends nothing.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any] = field(repr=False)
    losses: tuple[Loss, ...]
    refused: tuple[Loss, ...] = ()


@dataclass(frozen=True)
class WriteOptions:
    """How one call writes: the region for national numbers, and which losses may happen.

    `region` is an ISO 3166 country and wins over the connection's.
    """

    region: str | None = None
    policy: Policy = STRICT

    def __post_init__(self) -> None:
        if self.region is not None:
            check_region(self.region)


ANYTHING: Final = WriteOptions()
"""For a draft of which others judge what it loses."""


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
        draft = self.encoded(lead, use, options, base)
        options.policy.check(draft.losses)
        return draft

    def encoded(
        self, lead: Lead, use: Use, options: WriteOptions, base: Mapping[str, Any] | None = None
    ) -> Draft:
        """Return the draft for `lead` whatever is lost, or raise `MappingError`."""
        terms = self.adapter.settings
        if options.region is not None:
            terms = terms.model_copy(update={"region": options.region})
        return self.adapter.table.write(lead, use, terms, base)

    def list_page(self, query: LeadQuery, cursor: str | None) -> Flow[Page]:
        """Fetch one page; what the vendor does not document is refused before any request."""
        if query.page_size is None:
            query = replace(query, page_size=self.adapter.settings.page_size)
        self.check_query(query)
        page = self._page((yield from self.adapter.list_page(query, cursor)))
        if not self._normalizers:
            return page
        if isinstance(page.leads, Records):
            return replace(page, leads=page.leads.then(self._clean))
        return replace(page, leads=tuple(map(self._clean, page.leads)))

    def _page(self, page: Any) -> Page:
        """Return what the adapter answered if it is a page that can be followed."""
        if not isinstance(page, Page):
            raise self._fault("list_page", page)
        if not isinstance(page.leads, Sequence):
            raise self._fault("list_page", page.leads, "leads")
        if not isinstance(page.next_cursor, str | None):
            raise self._fault("list_page", page.next_cursor, "next_cursor")
        return page

    def _receipt(self, power: str, receipt: Any) -> Receipt:
        """Return what the adapter answered for a write if it says what became of it."""
        if not isinstance(receipt, Receipt):
            raise OutcomeUnknown(str(self._fault(power, receipt)), vendor=self.vendor)
        return receipt

    def _fault(self, power: str, answer: Any, what: str = "") -> PluginError:
        said = f"{type(answer).__name__} as {what}" if what else type(answer).__name__
        return PluginError(f"the adapter of {self.vendor} is broken: {power} answered {said}")

    def get(self, lead_id: str) -> Flow[Lead]:
        """Fetch one lead by its id."""
        self.check_power(Operation.GET)
        found = yield from self.adapter.get(lead_id)
        if not isinstance(found, Lead):
            raise self._fault("get", found)
        return self._clean(found)

    def create(self, lead: Lead, options: WriteOptions, key: str | None) -> Flow[Receipt]:
        """Create one lead; a key is made up where the vendor takes keys and none is given."""
        self.adapter.check_write()
        draft = self.draft(lead, Use.CREATE, options)
        return self._receipt("create", (yield from self.adapter.create(draft, self._key(key))))

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
        brake = Brake(self.vendor)
        return Work(
            receipts,
            tuple(
                Job(tuple(i for i, _ in batch), partial(write, [d for _, d in batch], brake))
                for batch in batches
            ),
        )

    def _batch(self, drafts: Sequence[Draft], brake: Brake) -> Flow[Sequence[Receipt]]:
        """Create a batch; one that is refused whole is halved until the guilty lead is alone."""
        create = partial(self.adapter.create_many, drafts, self._key(None))
        try:
            return (yield from brake.guard(create, drafts))
        except Rejected:
            middle = len(drafts) // 2
        first = yield from self._batch(drafts[:middle], brake)
        second = yield from self._batch(drafts[middle:], brake)
        return [*first, *second]

    def _single(self, drafts: Sequence[Draft], brake: Brake) -> Flow[Sequence[Receipt]]:
        return (yield from brake.guard(partial(self._only, drafts[0]), drafts))

    def _only(self, draft: Draft) -> Flow[Sequence[Receipt]]:
        return [(yield from self.adapter.create(draft, self._key(None)))]

    def update(
        self,
        lead_id: str,
        lead: Lead,
        options: WriteOptions,
        base: Lead | None,
    ) -> Flow[Receipt]:
        """Write what differs from `base`, or from what `lead` was when it was read here."""
        self.check_power(Operation.UPDATE)
        self.adapter.check_write()
        here = ExternalRef(vendor=self.vendor, connection=self.adapter.connection, id=lead_id)
        if base is None and lead.ref == here:
            base = lead
        before = None if base is None else self._payload(base)
        change = self.draft(lead, Use.UPDATE, options, before)
        if not change.fields:
            return Receipt(Outcome.SKIPPED, lead_id, lead, change.losses)
        return self._receipt("update", (yield from self.adapter.update(lead_id, change)))

    def _payload(self, base: Lead) -> Mapping[str, Any]:
        """Return the vendor's record that `base` was read from, or the one it would make."""
        if base.raw and base.ref is not None and base.ref.vendor == self.vendor:
            record: Mapping[str, Any] = base.raw
            return record
        table = self.adapter.table
        return table.echo(table.write(base, Use.UPDATE, self.adapter.settings).fields)

    def changes_page(self, since: datetime | None, cursor: str | None) -> Flow[ChangePage]:
        """Fetch one page of the vendor's record of changes."""
        self.check_changes(since)
        page = yield from self.adapter.changes_page(since, cursor)
        if not isinstance(page, ChangePage):
            raise self._fault("changes_page", page)
        return page

    def request(
        self, method: str, path: str, params: Mapping[str, Any] | None, json: Any
    ) -> Flow[Response]:
        """Send a request of your own below the connection's host, with its auth and guards."""
        verb = method.upper()
        root = urlsplit(self.adapter.settings.base_url)
        url = f"{root.scheme}://{root.netloc}{path}"
        if not path.startswith("/") or path.startswith("//") or split_url(url) is None:
            raise ConfigError(
                "path: begin with one slash, and encode what an address cannot hold; "
                "the host is the connection's."
            )
        if "?" in path or "#" in path:
            raise ConfigError("path: give the query as params; a fragment is never sent.")
        pairs = tuple((name, _text(value)) for name, value in (params or {}).items())
        kept = tuple((name, text) for name, text in pairs if text is not None)
        headers: tuple[tuple[str, str], ...] = (("accept", "application/json"),)
        body = None if json is None else dumps(json)
        if body is not None:
            headers = (*headers, ("content-type", "application/json"))
        effect = Effect.READ if verb in {"GET", "HEAD"} else Effect.ONCE
        return (yield Request(verb, url, kept, headers, body, effect))

    def check(self) -> Flow[Mapping[str, Any]]:
        """Find out whether the connection works, without writing."""
        return (yield from self.adapter.check())

    def preview(self, lead: Lead, options: WriteOptions) -> Preview:
        """Return the request that a create would send; no network."""
        draft = self.encoded(lead, Use.CREATE, options)
        flow = self.adapter.create(draft, self._key(None))
        request = next(flow)
        flow.close()
        return Preview(
            request.method, request.url, dict(request.headers), loads(request.body or b"{}"),
            draft.losses, options.policy.refused(draft.losses),
        )  # fmt: skip

    def _key(self, key: str | None) -> str | None:
        if self.adapter.capabilities.idempotency is None:
            if key is not None:
                raise Unsupported(self.vendor, "idempotency_key")
            return None
        return key or self.new_key()

    def _clean(self, lead: Lead) -> Lead:
        for step in self._normalizers:
            try:
                lead = step.clean(lead)
            except Exception as error:
                raise PluginError(
                    f"normalizer {step.name!r} failed: {type(error).__name__}"
                ) from error
            if not isinstance(lead, Lead):
                raise PluginError(f"normalizer {step.name!r} returned no lead")
        return lead

    def check_power(self, power: Operation) -> None:
        """Raise `Unsupported` if the vendor does not document `power`."""
        if power not in self.adapter.capabilities.operations:
            raise Unsupported(self.vendor, str(power))

    def check_changes(self, since: datetime | None) -> None:
        """Raise `Unsupported` without a record of changes, `ConfigError` for a naive time."""
        self.check_power(Operation.CHANGES)
        if since is not None and since.tzinfo is None:
            raise ConfigError("since: give a time with its zone.")

    def check_query(self, query: LeadQuery) -> None:
        """Raise `Unsupported` for a filter, a sort or a page size that is not documented."""
        able = self.adapter.capabilities
        for name in sorted(query.filters - able.filters):
            raise Unsupported(self.vendor, f"filter {name}", f"filters: {_list(able.filters)}")
        if query.sort_by is not None and query.sort_by not in able.sorts:
            raise Unsupported(self.vendor, f"sort {query.sort_by}", f"sorts: {_list(able.sorts)}")
        if query.descending and not able.sorts:
            raise Unsupported(self.vendor, "sort descending")
        most = able.paging.max_limit
        if query.page_size is not None and not 1 <= query.page_size <= (most or query.page_size):
            raise ConfigError(f"page_size: {self.vendor} takes 1 to {most or 'any number'}.")


def _text(value: Any) -> str | None:
    """Return a parameter as a query holds it; `None` is left out."""
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
