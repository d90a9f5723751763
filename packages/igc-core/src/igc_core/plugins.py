"""Discovery of plugins, and the catalogue of what they offer."""

from __future__ import annotations

import difflib
import warnings
from dataclasses import dataclass, replace
from importlib import metadata
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, cast, overload

import pluggy

from igc_core import hookspecs
from igc_core.assembly import assemble
from igc_core.builtin import Builtin
from igc_core.errors import GoalError, IgcError, PluginError
from igc_core.hookspecs import PROJECT
from igc_core.redaction import MASK, mentions_secret
from igc_core.settings import Settings
from igc_core.specs import SPECS, problem_of, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_core.models import AnyGoal
    from igc_core.protocols import GoalHandler
    from igc_core.specs import ComponentSpec, EnvironmentSpec, GoalHandlerSpec, Kind


class PluginWarning(UserWarning):
    """An installed plugin cannot be used."""


@dataclass(frozen=True, slots=True)
class PluginRecord:
    """What is known of one plugin.

    Attributes:
        name: Name of its entry point.
        module: The module that the entry point names.
        distribution: Name and version of the package that installed it, or ``""``.
        state: ``"active"``, ``"blocked"`` or ``"broken"``.
        problem: Why it is broken, or ``""``.
    """

    name: str
    module: str
    distribution: str = ""
    state: Literal["active", "blocked", "broken"] = "active"
    problem: str = ""


class PluginManager:
    """The plugins of one program, and a catalogue of their components by kind and name.

    Attributes:
        settings: The settings that every plugin receives.
        hook: Callers of all hooks, by hook name.
    """

    def __init__(self, plugins: Iterable[object] = (), *, settings: Settings | None = None) -> None:
        """Register given plugins, and no installed ones.

        Args:
            plugins: Modules or objects with hook implementations.
            settings: What the plugins are configured with; the defaults if None.

        Raises:
            PluginError: A plugin is broken, and the settings are strict.
        """
        self.settings = settings or Settings()
        self._records: dict[str, PluginRecord] = {}
        self._catalogues: dict[str, Mapping[str, ComponentSpec]] = {}
        self._owners: dict[tuple[str, str], str] = {}
        self._handlers: dict[str, GoalHandler] = {}
        self._pluggy = pluggy.PluginManager(PROJECT)
        self._pluggy.add_hookspecs(hookspecs)
        self.hook = self._pluggy.hook
        self.hook.igc_configure.call_historic(kwargs={"settings": self.settings})
        self._pluggy.register(Builtin(self), "core")
        for plugin in plugins:
            module = getattr(plugin, "__name__", type(plugin).__name__)
            self.register(plugin, PluginRecord(name=module.removesuffix(".plugin"), module=module))

    @classmethod
    def from_environment(
        cls, settings: Settings | None = None, *, blocked: Sequence[str] = (), strict: bool = False
    ) -> PluginManager:
        """Register the installed plugins that the settings let in.

        Args:
            settings: Read from the settings file and the environment if None.
            blocked: Plugins to leave out, besides those that the settings block.
            strict: Raise for a broken plugin even if the settings do not ask for it.

        Raises:
            PluginError: A plugin is broken and strictness was asked for, or one that must be loaded is not there.
        """
        settings = settings or Settings.read()
        settings = replace(
            settings,
            plugins_blocked=(*settings.plugins_blocked, *blocked),
            plugins_strict=settings.plugins_strict or strict,
        )
        manager = cls(settings=settings)
        for entry_point in sorted(metadata.entry_points(group=PROJECT), key=lambda found: found.name):
            manager._discover(entry_point)
        manager._check_exact()
        return manager

    @property
    def plugins(self) -> Sequence[PluginRecord]:
        """Every plugin known, whatever its state, by name."""
        return sorted(self._records.values(), key=lambda record: record.name)

    def register(self, plugin: object, record: PluginRecord) -> None:
        """Add one plugin; a broken one is recorded as such.

        Raises:
            PluginError: The plugin is broken, and the settings are strict.
        """
        if record.name in self._records:
            both = f"{_origin(self._records[record.name])} and {_origin(record)}"
            raise PluginError(f"two plugins are named {record.name!r}: {both}", code="plugin-duplicate")
        self._records[record.name] = record
        try:
            self._pluggy.register(plugin, record.name)
            self._pluggy.check_pending()
        except Exception as error:  # noqa: BLE001 - whatever a plugin does wrong is reported under its name
            if self._pluggy.get_plugin(record.name) is plugin:  # the name may be another's
                self._pluggy.unregister(plugin)
            self._break(record.name, error)

    @overload
    def specs(self, kind: Literal["goal-handler"]) -> Mapping[str, GoalHandlerSpec]: ...
    @overload
    def specs(self, kind: Literal["environment"]) -> Mapping[str, EnvironmentSpec]: ...
    @overload
    def specs(self, kind: Kind) -> Mapping[str, ComponentSpec]: ...
    def specs(self, kind: Kind) -> Mapping[str, Any]:
        """Every component of a kind, sorted by name.

        Raises:
            PluginError: Two plugins offer the same name, or one is broken and the settings are strict.
        """
        if kind not in self._catalogues:
            self._catalogues[kind] = MappingProxyType(dict(sorted(self._collect(kind).items())))
        return self._catalogues[kind]

    def owner(self, kind: Kind, name: str) -> str:
        """Name the plugin that offers a component."""
        self.find(kind, name)
        return self._owners[kind, name]

    def find(self, kind: Kind, name: str) -> ComponentSpec:
        """Look a component up.

        Raises:
            PluginError: Nothing of that kind has the name; near misses are suggested.
        """
        known = self.specs(kind)
        if name not in known:
            raise PluginError(
                f"no {words(kind)} named {name!r}", code="plugin-unknown-component", hint=suggestion(name, known)
            )
        return known[name]

    def build(self, kind: Kind, name: str, *arguments: Any, **options: Any) -> Any:
        """Import a component's factory and call it.

        Args:
            kind: What it is.
            name: Its name in the catalogue.
            arguments: What the kind's factory takes, e.g. a backend's location.
            options: Options of the factory.

        Returns:
            The component; it implements the protocol of its kind.

        Raises:
            PluginError: The component is unknown, does not take these options, or lacks a part of its protocol.
            LoadingError: The factory cannot be imported.
        """
        return assemble(kind, self.find(kind, name), arguments, options)

    def goal_handlers(self, system: str | None = None) -> Mapping[str, GoalHandler]:
        """Build every goal handler, once, by family.

        Args:
            system: Only those for this kind of service, e.g. ``"redfish"``.
        """
        wanted = [spec.name for spec in self.specs("goal-handler").values() if system in (None, spec.system)]
        for name in wanted:
            if name not in self._handlers:
                self._handlers[name] = self.build("goal-handler", name)
        return {self._handlers[name].family: self._handlers[name] for name in wanted}

    def parse_goal(self, text: str) -> AnyGoal:
        """Read a goal with the help of all plugins.

        Raises:
            GoalError: Nobody understands the text.
        """
        goal: AnyGoal | None = self.hook.igc_parse_goal(text=text)
        if goal is None:
            shown = MASK if mentions_secret(text) else repr(text)
            families = ", ".join(self.specs("goal-handler")) or "none: no plugin offers any"
            raise GoalError(
                f"no goal family understands {shown}", code="goal-unreadable", hint=f"known families are {families}"
            )
        return goal

    def _discover(self, entry_point: metadata.EntryPoint) -> None:
        name, settings = entry_point.name, self.settings
        distribution = f"{entry_point.dist.name} {entry_point.dist.version}" if entry_point.dist else ""
        record = PluginRecord(name=name, module=entry_point.value, distribution=distribution)
        chosen = settings.plugins_exact if settings.plugins_exact is not None else settings.plugins_allowed
        if name in settings.plugins_blocked or (chosen is not None and name not in chosen):
            self._records.setdefault(name, replace(record, state="blocked"))
            return
        try:
            plugin = entry_point.load()
        except Exception as error:  # noqa: BLE001 - a plugin's import may fail in any way
            self._records[name] = record
            self._break(name, error)
        else:
            self.register(plugin, record)

    def _check_exact(self) -> None:
        for name in self.settings.plugins_exact or ():
            record = self._records.get(name)
            if record is None:
                raise PluginError(
                    f"no plugin named {name!r} is installed, and plugins_exact asks for it",
                    code="plugin-unknown-component",
                    hint=suggestion(name, self._records),
                )
            if record.state != "active":
                why = record.problem or "plugins_blocked names it too"
                raise PluginError(f"plugins_exact asks for the plugin {name!r}, which is {record.state}: {why}")

    def _break(self, name: str, error: Exception) -> None:
        """Record a plugin as broken, and warn or raise."""
        problem = str(error) if isinstance(error, IgcError) else f"{type(error).__name__}: {error}"
        record = self._records[name] = replace(self._records[name], state="broken", problem=problem)
        message = f"the plugin {_origin(record)} is broken: {problem}"
        if self.settings.plugins_strict:
            raise PluginError(message, hint="leave it out with IGC_PLUGINS_BLOCKED") from error
        warnings.warn(message, PluginWarning, stacklevel=4)

    def _collect(self, kind: Kind) -> dict[str, ComponentSpec]:
        offers: dict[str, ComponentSpec] = {}
        hook: pluggy.HookCaller = getattr(self.hook, f"igc_{kind.replace('-', '_')}s")
        for implementation in hook.get_hookimpls():
            for spec in self._offered(implementation, kind):
                rival = self._owners.setdefault((kind, spec.name), implementation.plugin_name)
                if spec.name in offers:
                    raise PluginError(
                        f"the {words(kind)} {spec.name!r} is offered twice: by plugin {self._describe(rival)} "
                        f"and by plugin {self._describe(implementation.plugin_name)}",
                        code="plugin-duplicate",
                        hint="leave one out with IGC_PLUGINS_BLOCKED",
                    )
                offers[spec.name] = spec
        return offers

    def _offered(self, implementation: pluggy.HookImpl, kind: Kind) -> Sequence[ComponentSpec]:
        """The specs of one plugin, or none where it fails to offer them."""
        try:
            specs = list(cast("Iterable[object]", implementation.function()))
            for spec in specs:
                if problem := problem_of(spec, SPECS[kind]):
                    raise PluginError(f"it offers a {words(kind)} that is not usable: {problem}")  # noqa: TRY301
        except Exception as error:  # noqa: BLE001 - whatever a plugin does wrong is reported under its name
            self._break(implementation.plugin_name, error)
            return []
        return cast("list[ComponentSpec]", specs)

    def _describe(self, name: str) -> str:
        return _origin(self._records[name]) if name in self._records else "'core' (igc-core)"


def suggestion(name: str, known: Iterable[str]) -> str:
    """Word a hint for a misspelt name."""
    known = sorted(known)
    if near := difflib.get_close_matches(name, known, n=1):
        return f"did you mean {near[0]!r}?"
    return f"known are {', '.join(known)}" if known else "no installed plugin offers any"


def _origin(record: PluginRecord) -> str:
    return f"{record.name!r} ({record.distribution or record.module})"
