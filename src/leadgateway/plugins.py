"""The typed face of the plugins: the only module that calls pluggy."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

import pluggy

from leadgateway import hookspecs
from leadgateway.adapter import Adapter
from leadgateway.errors import PluginError
from leadgateway.events import JobStarted
from leadgateway.hookspecs import GROUP, Normalizer
from leadgateway.lead import Lead
from leadgateway.mapping import RuleSet
from leadgateway.settings import Settings

if TYPE_CHECKING:
    import click

logger = logging.getLogger(__name__)


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
        """Add a plugin; a misspelt hook or a name that is taken is a `PluginError`."""
        if self._manager.has_plugin(name):
            raise PluginError(f"plugin {name!r} of {distribution}: the name is taken already")
        try:
            self._manager.register(plugin, name)
            self._check_spelling(name)
        except (pluggy.PluginValidationError, ValueError) as error:
            if self._manager.has_plugin(name):
                self._manager.unregister(name=name)
            raise PluginError(f"plugin {name!r} of {distribution}: {error}") from None
        self._distributions[name] = distribution

    def _check_spelling(self, name: str) -> None:
        plugin = self._manager.get_plugin(name)
        known = {hook for hook in vars(hookspecs) if hook.startswith("leadgateway_")}
        for attribute in dir(plugin):
            marked = self._manager.parse_hookimpl_opts(plugin, attribute)
            if marked is not None and (marked.get("specname") or attribute) not in known:
                raise ValueError(
                    f"there is no hook {attribute!r}; hooks: {', '.join(sorted(known))}"
                )

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
        return tuple(sorted({vendor for _, vendor, _ in self._offers("leadgateway_adapters")}))

    def adapter(self, vendor: str) -> type[Adapter[Any]]:
        """Return the adapter class of `vendor`; imported only now."""
        found: type[Adapter[Any]] = self._one("leadgateway_adapters", vendor)
        return found

    def simulators(self) -> dict[str, type[Any]]:
        """Return the simulator class of every vendor that some plugin brings one for."""
        vendors = sorted({vendor for _, vendor, _ in self._offers("leadgateway_simulators")})
        return {vendor: self._one("leadgateway_simulators", vendor) for vendor in vendors}

    def _offers(self, hook: str) -> Iterator[tuple[str, str, Any]]:
        for impl in getattr(self._manager.hook, hook).get_hookimpls():
            for vendor, offer in impl.function().items():
                yield impl.plugin_name, vendor, offer

    def _one(self, hook: str, vendor: str) -> Any:
        offers = [(name, offer) for name, offered, offer in self._offers(hook) if offered == vendor]
        if len(offers) > 1:
            names = " and ".join(f"{name!r} of {self._distributions[name]}" for name, _ in offers)
            raise PluginError(f"{vendor!r} is offered twice, by {names}: block one of them.")
        if not offers:
            broken = "".join(f" Left out: {problem}." for problem in self.problems)
            raise PluginError(
                f"no plugin brings {vendor!r}; installed: {', '.join(self.vendors())}.{broken}"
            )
        name, offer = offers[0]
        return _resolve(offer, name, self._distributions[name]) if isinstance(offer, str) else offer

    def rules(self, adapter: type[Adapter[Any]]) -> RuleSet:
        """Return the adapter's table with the rules of other plugins in it."""
        extra = [
            rule
            for rules in self._manager.hook.leadgateway_rules(vendor=adapter.vendor)
            for rule in rules
        ]
        try:
            return adapter.rules.overridden(extra) if extra else adapter.rules
        except ValueError as error:
            raise PluginError(f"rules for {adapter.vendor!r} clash: {error}") from None

    def normalizers(self) -> tuple[Normalizer, ...]:
        """Return the cleaning steps in the order in which they run."""
        steps = [step for steps in self._manager.hook.leadgateway_normalizers() for step in steps]
        return tuple(sorted(steps, key=lambda step: (step.order, step.name)))

    def add_commands(self, app: click.Group) -> None:
        """Let every plugin add its commands to `app`."""
        self._manager.hook.leadgateway_commands(app=app)

    def consulted(self, settings: Settings, vendor: str) -> Settings:
        """Return `settings` whose source and status words also come from the deciding hooks."""
        words = {}
        for axis in ("source", "status"):
            hook = getattr(self._manager.hook, f"leadgateway_{axis}")
            if hook.get_hookimpls():
                words[f"{axis}_map"] = ConsultedWords(
                    getattr(settings, f"{axis}_map"), hook, vendor
                )
        return settings.model_copy(update=words) if words else settings

    def skip(self, lead: Lead, job: JobStarted) -> str | None:
        """Return why a migration leaves `lead` out, or `None`."""
        reason: str | None = self._manager.hook.leadgateway_skip(lead=lead, job=job)
        return reason

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


class ConsultedWords(Mapping[str, Any]):
    """A connection's own words first, then whatever the deciding hook says; each asked once."""

    def __init__(self, own: Mapping[str, Any], hook: Callable[..., Any], vendor: str) -> None:
        self._own = own
        self._hook = hook
        self._vendor = vendor
        self._asked: dict[str, Any] = {}

    def __getitem__(self, word: str) -> Any:
        if word in self._own:
            return self._own[word]
        if word not in self._asked:
            self._asked[word] = self._hook(vendor=self._vendor, native=word)
        if self._asked[word] is None:
            raise KeyError(word)
        return self._asked[word]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._own, **{w: v for w, v in self._asked.items() if v is not None}})

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _names(text: str) -> Iterable[str]:
    return (name.strip() for name in text.split(",") if name.strip())


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist is not None else "an unknown distribution"


def _resolve(path: str, plugin: str, distribution: str) -> Any:
    module, _, name = path.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except Exception as error:
        raise PluginError(
            f"plugin {plugin!r} of {distribution}: {path!r} does not import: {error}"
        ) from error
