from __future__ import annotations

import sys
import types
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from igc_core.errors import GoalError, IgcError, PluginError
from igc_core.hookspecs import hookimpl
from igc_core.plugins import PluginManager, PluginRecord, PluginWarning, suggestion
from igc_core.settings import Settings
from igc_core.specs import AgentSpec, BackendSpec, CommandSpec, GoalHandlerSpec
from igc_core.testing.fakes import ModeHandler, RandomAgent

Install = Callable[..., None]
STRICT = Settings(plugins_strict=True)

TOY = """
from igc_core.hookspecs import hookimpl
from igc_core.specs import AgentSpec

@hookimpl
def igc_agents():
    yield AgentSpec(name="toy-random", factory="igc_core.testing.fakes:RandomAgent", summary="Acts at random.")
"""


class Seven:
    """A backend that lacks most of what a backend needs."""

    def __init__(self, location: str, *, port: int = 1) -> None:
        self.location, self.port = location, port

    def close(self) -> None: ...


class Thermostat:
    """A plugin."""

    @hookimpl
    def igc_goal_handlers(self) -> Iterable[GoalHandlerSpec]:
        yield GoalHandlerSpec(
            name="thermostat-mode",
            factory="igc_core.testing.fakes:ModeHandler",
            summary="Set a zone's mode.",
            system="thermostat",
        )

    @hookimpl
    def igc_agents(self) -> Iterable[AgentSpec]:
        yield AgentSpec(name="b", factory="igc_core.testing.fakes:RandomAgent", summary="Acts at random.")
        yield AgentSpec(name="a", factory="igc_core.testing.fakes:ScriptedAgent", summary="Follows a script.")

    @hookimpl
    def igc_backends(self) -> Iterable[BackendSpec]:
        yield BackendSpec(name="seven", factory="seven:Seven", summary="Lacks everything.")
        yield BackendSpec(name="fake", factory="igc_core.testing.fakes:FakeBackend", summary="Thermostats.")


@pytest.fixture
def manager() -> PluginManager:
    return PluginManager([Thermostat()], settings=STRICT)


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("seven")
    module.Seven = Seven  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "seven", module)


def offering(*specs: object) -> object:
    """Make a plugin that offers agents."""

    class Plugin:
        @hookimpl
        def igc_agents(self) -> Iterable[object]:
            yield from specs

    return Plugin()


def agent(name: str = "same", **changes: str) -> AgentSpec:
    return AgentSpec(name=name, **{"factory": "a:b", "summary": "s", **changes})


def test_catalogue_is_sorted_by_name(manager: PluginManager) -> None:
    assert list(manager.specs("agent")) == ["a", "b"]
    assert list(manager.specs("command")) == ["plugins"]
    assert manager.specs("goal-handler")["thermostat-mode"].system == "thermostat"
    assert manager.specs("environment") == {}


def test_owner_is_the_plugin(manager: PluginManager) -> None:
    assert manager.owner("agent", "a") == "Thermostat"
    assert manager.owner("command", "plugins") == "core"


def test_component_is_built(manager: PluginManager) -> None:
    assert isinstance(manager.build("agent", "b"), RandomAgent)
    assert manager.build("backend", "fake").perform.__name__ == "perform"


def test_near_miss_is_suggested(manager: PluginManager) -> None:
    with pytest.raises(PluginError, match="no goal handler named 'thermostat-mod'; did you mean 'thermostat-mode'"):
        manager.build("goal-handler", "thermostat-mod")


def test_known_names_are_listed_where_nothing_is_near(manager: PluginManager) -> None:
    with pytest.raises(PluginError, match="no agent named 'zzz'; known are a, b") as caught:
        manager.find("agent", "zzz")
    assert caught.value.code == "plugin-unknown-component"
    assert suggestion("x", []) == "no installed plugin offers any"


def test_wrong_options_are_refused_before_building(manager: PluginManager) -> None:
    with pytest.raises(PluginError, match=r"'seven' cannot be built: .*'prot'; its factory is .*port: .*int") as caught:
        manager.build("backend", "seven", "here", prot=3)
    assert caught.value.code == "plugin-options-refused"


def test_component_that_lacks_its_protocol_is_refused(manager: PluginManager) -> None:
    with pytest.raises(PluginError, match="the backend 'seven' lacks perform, wait of Backend"):
        manager.build("backend", "seven", "here")


def test_command_is_not_checked_against_a_protocol() -> None:
    class Plugin:
        @hookimpl
        def igc_commands(self) -> Iterable[CommandSpec]:
            yield CommandSpec(name="now", factory="datetime:date", summary="Not a Typer app.")

    assert PluginManager([Plugin()], settings=STRICT).build("command", "now", 1970, 1, 2).day == 2


def test_duplicate_name_names_both_owners() -> None:
    manager = PluginManager(settings=STRICT)
    manager.register(offering(agent()), PluginRecord("one", "one_plugin", "igc-one 0.1"))
    manager.register(offering(agent()), PluginRecord("two", "two_plugin", "igc-two 0.2"))
    with pytest.raises(PluginError, match=r"the agent 'same' is offered twice") as caught:
        manager.specs("agent")
    assert caught.value.code == "plugin-duplicate"
    assert "'one' (igc-one 0.1)" in str(caught.value)
    assert "'two' (igc-two 0.2)" in str(caught.value)


def test_core_may_be_one_of_the_owners() -> None:
    class Plugin:
        @hookimpl
        def igc_commands(self) -> Iterable[CommandSpec]:
            yield CommandSpec(name="plugins", factory="a:b", summary="s")

    with pytest.raises(PluginError, match=r"'core' \(igc-core\)"):
        PluginManager([Plugin()], settings=STRICT).specs("command")


def test_two_plugins_of_one_name_are_refused() -> None:
    manager = PluginManager([Thermostat()])
    with pytest.raises(PluginError, match="two plugins are named 'Thermostat'"):
        manager.register(Thermostat(), PluginRecord("Thermostat", "elsewhere"))


@pytest.mark.parametrize(
    ("specs", "problem"),
    [
        ([agent("Bad Name")], "the name 'Bad Name' is not lower case"),
        ([None], "None is not a AgentSpec"),
        ([agent(factory="nowhere")], "is not of the form"),
    ],
)
def test_unusable_spec_breaks_its_plugin_alone(specs: list[object], problem: str) -> None:
    manager = PluginManager([offering(*specs), Thermostat()])
    with pytest.warns(PluginWarning, match=f"the plugin 'Plugin' .* is broken: .*{problem}"):
        assert list(manager.specs("agent")) == ["a", "b"]
    assert [record.state for record in manager.plugins] == ["broken", "active"]
    with pytest.raises(PluginError, match=problem):
        PluginManager([offering(*specs)], settings=STRICT).specs("agent")


def test_misspelt_hook_breaks_its_plugin() -> None:
    class Misspelt:
        @hookimpl
        def igc_agent(self) -> Iterable[AgentSpec]:
            return []

    with pytest.warns(PluginWarning, match="unknown hook 'igc_agent'"):
        manager = PluginManager([Misspelt()])
    manager.register(Thermostat(), PluginRecord("fine", "fine"))
    assert {record.name: record.state for record in manager.plugins} == {"Misspelt": "broken", "fine": "active"}


def test_unknown_argument_breaks_its_plugin() -> None:
    class Wrong:
        @hookimpl
        def igc_veto(self, act: object) -> None: ...

    with pytest.raises(PluginError, match="igc_veto"):
        PluginManager([Wrong()], settings=STRICT)
    with pytest.warns(PluginWarning):
        assert PluginManager([Wrong()]).hook.igc_veto(action=None, view=None) is None


def test_settings_reach_every_plugin_also_late_ones() -> None:
    class Curious:
        seen: Settings | None = None

        @hookimpl
        def igc_configure(self, settings: Settings) -> None:
            self.seen = settings

    early, late = Curious(), Curious()
    manager = PluginManager([early], settings=STRICT)
    manager.register(late, PluginRecord("late", "late"))
    assert early.seen is late.seen is STRICT


def test_goal_handlers_are_built_once_and_by_family(manager: PluginManager) -> None:
    handlers = manager.goal_handlers()
    assert isinstance(handlers["thermostat-mode"], ModeHandler)
    assert manager.goal_handlers("thermostat")["thermostat-mode"] is handlers["thermostat-mode"]
    assert manager.goal_handlers("redfish") == {}


def test_goal_is_parsed_by_whoever_understands_it(manager: PluginManager) -> None:
    assert manager.parse_goal("set mode of hall to heat").arguments == {"mode": "Heat"}  # type: ignore[union-attr]


def test_text_that_nobody_understands_is_told(manager: PluginManager) -> None:
    with pytest.raises(GoalError, match="no goal family understands 'boil'; known families are thermostat-mode"):
        manager.parse_goal("boil")
    with pytest.raises(GoalError, match="no plugin offers any"):
        PluginManager().parse_goal("boil")


def test_text_that_may_hold_a_secret_is_not_repeated(manager: PluginManager) -> None:
    with pytest.raises(GoalError, match="no goal family understands <redacted>") as caught:
        manager.parse_goal("sett password of root to hunter2")
    assert "hunter2" not in str(caught.value)


def test_family_that_cannot_read_its_text_says_why(manager: PluginManager) -> None:
    with pytest.raises(GoalError, match="no mode 'boil'; modes are Off, Heat, Cool"):
        manager.parse_goal("set mode of hall to boil")


def test_freer_parser_is_asked_last(manager: PluginManager) -> None:
    class Poet:
        @hookimpl(trylast=True)
        def igc_parse_goal(self, text: str) -> Any:
            return ModeHandler().parse("set mode of attic to off") if "sleep" in text else None

    manager.register(Poet(), PluginRecord("poet", "poet"))
    assert manager.parse_goal("let the attic sleep").target == "attic"  # type: ignore[union-attr]
    assert manager.parse_goal("set mode of hall to off").target == "hall"  # type: ignore[union-attr]


def test_installed_plugin_is_discovered(install: Install) -> None:
    install("toy", TOY)
    manager = PluginManager.from_environment(strict=True)
    assert "toy-random" in manager.specs("agent")
    record = next(record for record in manager.plugins if record.name == "toy")
    assert (record.module, record.distribution, record.state) == ("toy_plugin", "igc_toy 0.3", "active")


def test_broken_plugin_warns_and_is_listed(install: Install) -> None:
    install("toy", TOY)
    install("other", "import nothing_of_the_kind")
    with pytest.warns(PluginWarning, match=r"the plugin 'other' \(igc_other 0.3\) is broken: ModuleNotFoundError"):
        manager = PluginManager.from_environment()
    assert {record.name: record.state for record in manager.plugins if record.name in ("toy", "other")} == {
        "toy": "active",
        "other": "broken",
    }
    with pytest.raises(PluginError, match="leave it out with IGC_PLUGINS_BLOCKED") as caught:
        PluginManager.from_environment(strict=True)
    assert caught.value.code == "plugin-broken"


def test_problem_of_our_own_errors_is_their_message(install: Install) -> None:
    install("toy", "from igc_core.errors import DataError\nraise DataError('no table')")
    with pytest.warns(PluginWarning, match="is broken: no table"):
        PluginManager.from_environment()


@pytest.mark.parametrize(
    "settings",
    [
        Settings(plugins_blocked=("toy",), plugins_allowed=("toy",)),
        Settings(plugins_allowed=()),
        Settings(plugins_exact=()),
    ],
)
def test_blocked_plugin_is_not_imported(install: Install, settings: Settings) -> None:
    install("toy", "raise RuntimeError('imported')")
    manager = PluginManager.from_environment(settings)
    assert {record.state for record in manager.plugins} == {"blocked"}


def test_caller_may_block_too(install: Install) -> None:
    install("toy", TOY)
    assert PluginManager.from_environment(blocked=["toy"]).specs("agent") == {}


def test_exact_list_loads_what_it_names(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install("toy", TOY)
    install("other", "raise RuntimeError('imported')")
    monkeypatch.setenv("IGC_PLUGINS_EXACT", "toy")
    assert "toy-random" in PluginManager.from_environment().specs("agent")


def test_exact_list_demands_what_it_names(install: Install) -> None:
    install("toy", TOY)
    install("other", "raise RuntimeError('no')")
    with pytest.raises(PluginError, match=r"no plugin named 'toi' is installed.*; did you mean 'toy'"):
        PluginManager.from_environment(Settings(plugins_exact=("toi",)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)
        with pytest.raises(PluginError, match="'other', which is broken: RuntimeError: no"):
            PluginManager.from_environment(Settings(plugins_exact=("other",)))
    with pytest.raises(PluginError, match="'toy', which is blocked: plugins_blocked names it too"):
        PluginManager.from_environment(Settings(plugins_exact=("toy",), plugins_blocked=("toy",)))


def test_entry_name_claimed_by_two_packages_is_refused(install: Install) -> None:
    install("toy", TOY)
    install("toy", TOY, module="toy_again", distribution="igc_toy_again")
    with pytest.raises(IgcError, match=r"two plugins are named 'toy': .*igc_toy 0.3.* and .*igc_toy_again 0.3"):
        PluginManager.from_environment()


def test_plugin_that_takes_the_name_of_the_core_does_not_put_it_out() -> None:
    manager = PluginManager()
    with pytest.warns(PluginWarning, match="'core'"):
        manager.register(Thermostat(), PluginRecord(name="core", module="impostor"))
    assert "plugins" in manager.specs("command")


def test_module_that_is_installed_under_two_names_is_told() -> None:
    plugin = Thermostat()
    manager = PluginManager()
    manager.register(plugin, PluginRecord(name="toy", module="toy"))
    with pytest.warns(PluginWarning, match="'again'"):
        manager.register(plugin, PluginRecord(name="again", module="toy"))
    assert set(manager.specs("agent")) == {"a", "b"}
