"""The typed face of the plugins: the only module that calls pluggy."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

import pluggy

from leadgateway import hookspecs
from leadgateway.adapter import Adapter
from leadgateway.consulted import ConsultedWords
from leadgateway.errors import PluginError
from leadgateway.events import JobStarted
from leadgateway.hookspecs import GROUP, Normalizer
from leadgateway.lead import Lead
from leadgateway.mapping import Rule, RuleSet
from leadgateway.offers import Offer, Offered
from leadgateway.settings import Settings
from leadgateway.taxonomy import LeadSource, LeadStatus

if TYPE_CHECKING:
    import click

    from leadgateway.journal import Journal

logger = logging.getLogger(__name__)

_BY_VENDOR = (type, "a vendor's name to a class or its path")
_OFFERS: Mapping[str, tuple[Any, str]] = {
    "leadgateway_adapters": _BY_VENDOR,
    "leadgateway_simulators": _BY_VENDOR,
    "leadgateway_journals": (Callable, "a URL scheme to what opens it or its path"),
}


@dataclass(frozen=True, slots=True)
class PluginProblem:
    """A plugin that was left out, and why; the others work."""

    plugin: str
    distribution: str
    reason: str

    def __str__(self) -> str:
        return f"plugin {self.plugin!r} of {self.distribution}: {self.reason}"


class Plugins:
    """A registry of plugins; an instance, so that nothing is shared behind your back."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)
        self._distributions: dict[str, str] = {}
        self._offers: dict[str, list[Offer]] = {hook: [] for hook in _OFFERS}
        self.problems: tuple[PluginProblem, ...] = ()

    @classmethod
    def installed(cls, environ: Mapping[str, str] | None = None) -> Plugins:
        """Return the plugins of the installed distributions.

        `LEADGATEWAY_PLUGINS` in `environ` names further modules, `LEADGATEWAY_BLOCK` plugins to
        leave out, each separated by commas. A plugin that does not load is in `problems`.
        """
        environ = environ or {}
        blocked = set(_names(environ.get("LEADGATEWAY_BLOCK", "")))
        plugins = cls()
        for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
            if entry.name not in blocked:
                plugins._try(entry.name, _distribution(entry), entry.load)
        for module in _names(environ.get("LEADGATEWAY_PLUGINS", "")):
            if module not in blocked:
                plugins._try(
                    module, "LEADGATEWAY_PLUGINS", partial(importlib.import_module, module)
                )
        return plugins

    def register(self, plugin: object, name: str, distribution: str = "the application") -> None:
        """Add a plugin: a module, an object, or a class, of which an object is made.

        A misspelt hook, an offer that is none or a name that is taken is a `PluginError`.
        """
        if name in self._distributions:
            raise PluginError(f"plugin {name!r} of {distribution}: the name is taken already")
        if self._manager.is_registered(plugin):
            other = self._manager.get_name(plugin)
            raise PluginError(
                f"plugin {name!r} of {distribution}: it is there as {other!r} already"
            )
        self._distributions[name] = distribution
        try:
            self._manager.register(plugin() if isinstance(plugin, type) else plugin, name)
            self._check_hooks(name)
            offers = {hook: self._offered(hook, name) for hook in _OFFERS}
        except Exception as error:
            if self._manager.has_plugin(name):
                self._manager.unregister(name=name)
            del self._distributions[name]
            if isinstance(error, PluginError):
                raise
            known = isinstance(error, pluggy.PluginValidationError | ValueError)
            why = str(error) if known else f"does not load: {type(error).__name__}"
            raise PluginError(f"plugin {name!r} of {distribution}: {why}") from None
        for hook, found in offers.items():
            self._offers[hook] += found

    def _check_hooks(self, name: str) -> None:
        plugin = self._manager.get_plugin(name)
        known = {hook for hook in vars(hookspecs) if hook.startswith("leadgateway_")}
        for attribute in dir(plugin):
            marked = self._manager.parse_hookimpl_opts(plugin, attribute)
            if marked is None:
                continue
            if (marked.get("specname") or attribute) not in known:
                raise ValueError(
                    f"there is no hook {attribute!r}; hooks: {', '.join(sorted(known))}"
                )
            if marked.get("wrapper") or marked.get("hookwrapper"):
                raise ValueError(f"{attribute} is a wrapper: no hook takes one")

    def _offered(self, hook: str, plugin: str) -> list[Offer]:
        found = []
        kind, said = _OFFERS[hook]
        for name, offers in self._ask(hook, of=plugin):
            if not isinstance(offers, Mapping):
                raise self._fault(name, f"{hook} returned {type(offers).__name__}, not a mapping")
            for offered, offer in offers.items():
                if not isinstance(offered, str) or not isinstance(offer, (str, kind)):
                    raise self._fault(name, f"{hook}: {said}")
                found.append(Offer(plugin, offered, offer))
        return found

    def _ask(
        self, hook: str, *, of: str | None = None, **arguments: Any
    ) -> Iterator[tuple[str, Any]]:
        """Yield what each plugin answers, the last registered first; a failure names its plugin."""
        for impl in reversed(getattr(self._manager.hook, hook).get_hookimpls()):
            if of not in {None, impl.plugin_name}:
                continue
            try:
                answer = impl.function(*(arguments[name] for name in impl.argnames))
            except Exception as error:
                raise self._fault(
                    impl.plugin_name, f"{hook} failed: {type(error).__name__}"
                ) from error
            yield impl.plugin_name, answer

    def _fault(self, plugin: str, what: str) -> PluginError:
        return PluginError(f"plugin {plugin!r} of {self._distributions[plugin]}: {what}")

    def _try(self, name: str, distribution: str, load: Callable[[], object]) -> None:
        try:
            self.register(load(), name, distribution)
        except PluginError as error:
            reason = str(error).partition(": ")[2]
        except Exception as error:  # noqa: BLE001  # a stranger's import may raise anything
            reason = f"does not import: {type(error).__name__}"
        else:
            return
        self.problems = (*self.problems, PluginProblem(name, distribution, reason))

    def vendors(self) -> tuple[str, ...]:
        """Return the names of the vendors that some plugin brings, sorted."""
        return tuple(sorted({offer.name for offer in self._offers["leadgateway_adapters"]}))

    def adapter(self, vendor: str) -> type[Adapter[Any]]:
        """Return the adapter class of `vendor`; imported only now."""
        found, offer = self._one("leadgateway_adapters", vendor)
        if not (isinstance(found, type) and issubclass(found, Adapter)):
            raise self._fault(offer.plugin, f"what it offers for {vendor!r} is no adapter class")
        if getattr(found, "vendor", None) != vendor:
            raise self._fault(offer.plugin, f"{found.__name__}.vendor is not {vendor!r}")
        return found

    def simulators(self) -> Mapping[str, type[Any]]:
        """Return the simulator class of every vendor that has one; each imported when looked up."""
        return self._by_name("leadgateway_simulators")

    def journals(self) -> Mapping[str, Callable[[str], Journal]]:
        """Return what opens a journal, by URL scheme; each imported when looked up."""
        return self._by_name("leadgateway_journals")

    def _by_name(self, hook: str) -> Mapping[str, Any]:
        names = sorted({offer.name for offer in self._offers[hook]})
        return Offered(names, lambda name: self._one(hook, name)[0])

    def _one(self, hook: str, name: str) -> tuple[Any, Offer]:
        offers = [offer for offer in self._offers[hook] if offer.name == name]
        if len(offers) > 1:
            names = " and by ".join(
                f"{offer.plugin!r} of {self._distributions[offer.plugin]}" for offer in offers
            )
            raise PluginError(f"{name!r} is offered twice, by {names}: block one of them.")
        if not offers:
            broken = "".join(f" Left out: {problem}." for problem in self.problems)
            raise PluginError(
                f"no plugin brings {name!r}; installed: {', '.join(self.vendors())}.{broken}"
            )
        offer = offers[0]
        return (self._load(offer) if isinstance(offer.what, str) else offer.what), offer

    def _load(self, offer: Offer) -> Any:
        module, _, name = str(offer.what).partition(":")
        try:
            return getattr(importlib.import_module(module), name)
        except Exception as error:
            raise self._fault(
                offer.plugin, f"{offer.what!r} does not import: {type(error).__name__}"
            ) from error

    def rules(self, adapter: type[Adapter[Any]]) -> RuleSet:
        """Return the adapter's table with the rules of other plugins in it."""
        table, extra = adapter.rules, list[Rule]()
        for plugin, rules in self._collected("leadgateway_rules", Rule, vendor=adapter.vendor):
            extra += rules
            try:
                table = adapter.rules.overridden(extra) if extra else table
            except ValueError as error:
                raise self._fault(
                    plugin, f"rules for {adapter.vendor!r} do not fit: {error}"
                ) from None
        return table

    def normalizers(self) -> tuple[Normalizer, ...]:
        """Return the cleaning steps in the order in which they run."""
        found = self._collected("leadgateway_normalizers", Normalizer)
        steps = [step for _, brought in found for step in brought]
        return tuple(sorted(steps, key=lambda step: (step.order, step.name)))

    def _collected(
        self, hook: str, kind: Any, **arguments: Any
    ) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Yield what each plugin brings, all of it of the kind that the hook is for."""
        for plugin, brought in self._ask(hook, **arguments):
            things = tuple(brought) if isinstance(brought, Iterable) else (brought,)
            if not all(isinstance(thing, kind) for thing in things):
                raise self._fault(plugin, f"{hook} wants a list of its own kind of thing")
            yield plugin, things

    def add_commands(self, app: click.Group) -> None:
        """Let every plugin add its commands to `app`."""
        for _ in self._ask("leadgateway_commands", app=app):
            pass

    def consulted(self, settings: Settings, vendor: str) -> Settings:
        """Return `settings` whose source and status words also come from the deciding hooks."""
        words = {}
        for axis, kind in (("source", LeadSource), ("status", LeadStatus)):
            hook = f"leadgateway_{axis}"
            if self.listened_to(hook):
                words[f"{axis}_map"] = ConsultedWords(
                    getattr(settings, f"{axis}_map"),
                    partial(self._decided, hook, kind, vendor=vendor),
                )
        return settings.model_copy(update=words) if words else settings

    def skip(self, leads: Sequence[Lead], job: JobStarted) -> dict[int, str]:
        """Return which of `leads` a migration leaves out, by their places, and why."""
        hook, reasons = "leadgateway_skip", dict[int, str]()
        for plugin, answer in self._ask(hook, leads=leads, job=job):
            if answer is None:
                continue
            if not isinstance(answer, Mapping):
                raise self._fault(plugin, f"{hook} answered what is no mapping of places")
            for place, reason in answer.items():
                if place not in range(len(leads)) or not isinstance(reason, str):
                    raise self._fault(plugin, f"{hook} wants places in the page, and texts for why")
                reasons.setdefault(place, reason)
        return reasons

    def _decided(self, hook: str, kind: type[str], **arguments: Any) -> Any:
        """Return the first answer that is not `None`, as the kind that the question wants."""
        for plugin, answer in self._ask(hook, **arguments):
            if answer is None:
                continue
            try:
                if isinstance(answer, str):
                    return kind(answer)
            except ValueError:
                pass
            raise self._fault(plugin, f"{hook} answered what is no {kind.__name__}")
        return None

    def listened_to(self, hook: str) -> bool:
        """Whether anybody implements `hook`, so that the rest can be saved."""
        return bool(getattr(self._manager.hook, hook).get_hookimpls())

    def announce(self, hook: str, event: object) -> None:
        """Tell every listener of `hook`; one that fails is logged by name and nothing else."""
        for impl in getattr(self._manager.hook, hook).get_hookimpls():
            try:
                impl.function(*(event for name in impl.argnames if name == "event"))
            except Exception as error:  # noqa: BLE001  # a listener may raise anything
                logger.warning("%s in %r failed: %s", hook, impl.plugin_name, type(error).__name__)


def _names(text: str) -> Iterable[str]:
    return (name.strip() for name in text.split(",") if name.strip())


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else "an unknown distribution"
