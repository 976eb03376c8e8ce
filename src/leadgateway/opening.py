"""From a connection's name to everything that both faces need to run its flows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from leadgateway.adapter import Adapter, Receipt
from leadgateway.capabilities import Capabilities, Operation, RatePlan
from leadgateway.conduct import Clock, RateMeter, RetryPolicy, Steps, conduct
from leadgateway.config import Configuration, one_name
from leadgateway.drivers.observed import Observer
from leadgateway.errors import ConfigError, LeadGatewayError
from leadgateway.events import LeadSettled, LeadsSettled
from leadgateway.exchange import Flow
from leadgateway.files import KINDS, SUFFIXES, file_adapter, kind_of
from leadgateway.files.settings import CsvSettings, FileSettings
from leadgateway.lead import Lead
from leadgateway.mapping import FidelityReport, RuleSet, Terms, Use, compare_tables
from leadgateway.plugins import Plugins
from leadgateway.session import Session
from leadgateway.settings import checked
from leadgateway.work import failed

T = TypeVar("T")


@dataclass(frozen=True)
class Opened:
    """A connection that is configured and has sent nothing yet."""

    name: str
    session: Session
    plugins: Plugins
    clock: Clock
    meter: RateMeter
    retry: RetryPolicy
    chance: Callable[[], float]

    @property
    def adapter(self) -> Adapter[Any]:
        """The adapter, with its settings."""
        return self.session.adapter

    @property
    def capabilities(self) -> Capabilities:
        """What the vendor documents that it can do."""
        return self.adapter.capabilities

    def steps(self, flow: Flow[T]) -> Steps[T]:
        """Return `flow` with token, quota and retry around each of its requests."""
        return conduct(
            flow,
            authorize=self.adapter.authorize,
            meter=self.meter,
            retry=self.retry,
            clock=self.clock,
            chance=self.chance,
            vendor=self.adapter.vendor,
        )

    def observer(self) -> Observer | None:
        """Return who wants to hear of every exchange; nobody does most of the time."""
        hook = "leadgateway_exchange_finished"
        if not self.plugins.listened_to(hook):
            return None
        return Observer(
            self.adapter.vendor,
            self.name,
            self.clock,
            lambda event: self.plugins.announce(hook, event),
        )

    @contextmanager
    def settling(self, lead: Lead) -> Iterator[Callable[[Receipt], Receipt]]:
        """Announce how the one write in the block ends: by its receipt, or by its error."""
        ends: list[Receipt] = []

        def settled(receipt: Receipt) -> Receipt:
            ends.append(receipt)
            return receipt

        try:
            yield settled
        except LeadGatewayError as error:
            ends.append(failed(error, getattr(error, "losses", ())))
            raise
        finally:
            self.settle([lead] * len(ends), ends)

    @contextmanager
    def settling_each(
        self, leads: Sequence[Lead], settled: Mapping[int, Receipt]
    ) -> Iterator[dict[int, Receipt]]:
        """Announce how the many writes in the block ended, by place; also of those it cut short."""
        receipts = dict(settled)
        try:
            yield receipts
        finally:
            places = sorted(receipts)
            self.settle([leads[place] for place in places], [receipts[place] for place in places])

    def settle(self, leads: Sequence[Lead], receipts: Sequence[Receipt]) -> None:
        """Announce how the writes of `leads` ended."""
        hook = "leadgateway_leads_settled"
        if not leads or not self.plugins.listened_to(hook):
            return
        settled = [
            LeadSettled(
                self.name, lead.ref.id if lead.ref else None, receipt.external_id,
                receipt.outcome, receipt.losses,
            )
            for lead, receipt in zip(leads, receipts, strict=True)
        ]  # fmt: skip
        self.plugins.announce(hook, LeadsSettled(tuple(settled)))


@dataclass(frozen=True)
class Opener:
    """Opens connections by name, from the plugins and the configuration it was given."""

    plugins: Plugins
    configuration: Configuration
    clock: Clock
    chance: Callable[[], float]
    new_key: Callable[[], str]

    def open(self, name: str, arguments: Mapping[str, Any]) -> Opened:
        """Return the connection `name`, ready to be driven; `arguments` win over everything."""
        name, given = _one_name(name), dict(arguments)
        vendor = given.pop("vendor", None) or self._vendor(name)
        adapter = self._adapter(name, vendor)
        values = {**self._configured(name, adapter), **given}
        settings = self.plugins.consulted(adapter.settings_type.of(values), vendor)
        rules = self.plugins.rules(adapter)
        session = Session(
            adapter(settings, connection=name, rules=rules),
            new_key=self.new_key,
            normalizers=self.plugins.normalizers(),
        )
        keys = adapter.capabilities.idempotency
        retry = RetryPolicy(stores_errors=bool(keys and keys.stores_errors))
        plan = adapter.capabilities.rate_plan if settings.rate_limits else RatePlan()
        meter = RateMeter(plan)
        return Opened(name, session, self.plugins, self.clock, meter, retry, self.chance)

    def fidelity(self, source: str, target: str) -> FidelityReport:
        """Return what a move would keep, change, relocate or drop; no network, no credentials."""
        ours, _, _ = self._table(_one_name(source))
        theirs, terms, powers = self._table(_one_name(target))
        use = Use.BULK if Operation.CREATE_MANY in powers else Use.CREATE
        return compare_tables(ours, theirs, use=use, terms=terms)

    def _table(self, name: str) -> tuple[RuleSet, Terms, frozenset[Operation]]:
        adapter = self._adapter(name, self._vendor(name))
        found = self._configured(name, adapter)
        said = {key: found[key] for key in found.keys() & Terms.model_fields.keys()}
        terms = checked(Terms, said)
        table = self.plugins.rules(adapter).for_terms(terms)
        return table, terms, adapter.capabilities.operations

    def _vendor(self, name: str) -> str:
        """Return the vendor of a connection, or the kind of file that its name is the path of."""
        vendor = self.configuration.vendor(name)
        return kind_of(name) or vendor if vendor == name else vendor

    def _configured(self, name: str, adapter: type[Adapter[Any]]) -> Mapping[str, Any]:
        found = self.configuration.settings(name, adapter.settings_type.model_fields)
        if not issubclass(adapter.settings_type, FileSettings):
            return found
        path = {"file": name} if kind_of(name) is not None else {}
        is_table = issubclass(adapter.settings_type, CsvSettings)
        return {**path, **(self.configuration.file(name) if is_table else {}), **found}

    def _adapter(self, name: str, vendor: str) -> type[Adapter[Any]]:
        if vendor not in {*self.plugins.vendors(), *KINDS} and vendor == name:
            known = self.configuration.names(self.plugins.vendors())
            raise ConfigError(
                f"there is no connection and no vendor named {name!r}. "
                f"Connections: {', '.join(known) or 'none configured'}; "
                f"vendors: {', '.join(self.plugins.vendors())}; files: {', '.join(SUFFIXES)}."
                + "".join(f" Left out: {problem}." for problem in self.plugins.problems)
            )
        return adapter_named(vendor, self.plugins)


def _one_name(connection: str) -> str:
    """Return the one name of a connection, however the path in it is spelled, if it is one.

    By its name the journal knows what was moved where.
    """
    if connection.startswith("@"):
        return f"@{one_name(connection[1:])}"
    return connection if kind_of(connection) is None else one_name(connection)


def adapter_named(vendor: str, plugins: Plugins) -> type[Adapter[Any]]:
    """Return the adapter class of a vendor, or of a kind of file that no plugin brings."""
    if vendor in KINDS and vendor not in plugins.vendors():
        return file_adapter(vendor)
    return plugins.adapter(vendor)
