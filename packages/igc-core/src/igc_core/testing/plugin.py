"""The contract of a plugin module."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING, ClassVar

from igc_core.loading import load
from igc_core.plugins import PluginManager
from igc_core.settings import Settings
from igc_core.specs import SPECS
from igc_core.testing.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pluggy

    from igc_core.specs import ComponentSpec, Kind

_PROBE = """
import json, sys
before = set(sys.modules)
import {module}
print(json.dumps(sorted({{name.partition(".")[0] for name in set(sys.modules) - before}})))
"""


class PluginContract(Contract):
    """A plugin module offers usable specs, and costs next to nothing to import.

    Attributes:
        module: The module that the entry point names.
        heavy: Packages that importing it must not pull in.
    """

    module: ClassVar[str]
    heavy: ClassVar[tuple[str, ...]] = (
        "gymnasium",
        "numpy",
        "pandas",
        "pydantic",
        "requests",
        "httpx",
        "stable_baselines3",
        "sb3_contrib",
        "torch",
        "transformers",
        "typer",
    )

    def test_module_imports_light(self) -> None:
        probe = [sys.executable, "-c", _PROBE.format(module=self.module)]
        answer = subprocess.run(probe, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
        assert answer.returncode == 0, f"importing {self.module} fails: {answer.stderr}"
        loaded = set(json.loads(answer.stdout)).intersection(self.heavy)
        assert not loaded, f"importing {self.module} also imports {', '.join(sorted(loaded))}; name factories as text"

    def test_hooks_exist(self) -> None:
        implementing = [module for caller in self._hooks().values() for module in _modules(caller)]
        assert self.module in implementing, (
            f"{self.module} implements no hook; are its functions marked with @hookimpl?"
        )

    def test_specs_are_valid_and_names_unique(self) -> None:
        assert list(self._offers()) or self._only_acts(), f"{self.module} offers nothing"

    def test_factories_resolve(self) -> None:
        for kind, spec in self._offers():
            assert callable(load(spec.factory)), f"the factory of the {kind} {spec.name!r} cannot be called"
            if batched := getattr(spec, "batched", ""):
                assert callable(load(batched)), f"the batched factory of the {kind} {spec.name!r} cannot be called"
            if machines := getattr(spec, "machines", ""):
                assert callable(load(machines)), f"what tells the machines of the {kind} {spec.name!r} cannot be called"

    def _manager(self) -> PluginManager:
        """Register the plugin alone; whatever is wrong with it raises here."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return PluginManager([importlib.import_module(self.module)], settings=Settings(plugins_strict=True))

    def _offers(self) -> Iterator[tuple[Kind, ComponentSpec]]:
        manager = self._manager()
        for kind in SPECS:
            for spec in manager.specs(kind).values():
                if manager.owner(kind, spec.name) != "core":
                    yield kind, spec

    def _only_acts(self) -> bool:
        """Whether the plugin offers no component but implements other hooks."""
        offers = {f"igc_{kind.replace('-', '_')}s" for kind in SPECS}
        return any(name not in offers and self.module in _modules(caller) for name, caller in self._hooks().items())

    def _hooks(self) -> dict[str, pluggy.HookCaller]:
        hooks = vars(self._manager().hook)
        return {name: caller for name, caller in hooks.items() if name.startswith("igc_")}


def _modules(caller: pluggy.HookCaller) -> list[str]:
    """Modules of the implementations of one hook."""
    return [getattr(implementation.plugin, "__name__", "") for implementation in caller.get_hookimpls()]
