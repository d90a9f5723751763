"""``igc plugins``: what is installed, and what it offers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from igc_core.cli.output import show, show_json
from igc_core.cli.running import plugin_manager
from igc_core.errors import PluginError
from igc_core.plugins import PluginManager, suggestion
from igc_core.specs import SPECS

app = typer.Typer(help="Show what is installed.", no_args_is_help=True, add_completion=False, rich_markup_mode=None)

#: Columns of the list; ``igc plugins show`` and ``--json`` tell all.
_LISTED = ("kind", "name", "plugin", "summary")

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@app.command("list")
def list_plugins(as_json: Json = False) -> None:
    """List every plugin, and every component by kind and name."""
    manager = plugin_manager()
    components = _components(manager)
    plugins = [asdict(record) for record in manager.plugins]
    if as_json:
        show_json({"plugins": plugins, "components": components})
        return
    show(plugins, title="Plugins")
    show([{name: each[name] for name in _LISTED} for each in components], title="\nComponents")


@app.command("show")
def show_plugin(
    name: Annotated[str, typer.Argument(help="A plugin, or a component of one.")], as_json: Json = False
) -> None:
    """Show one plugin, or the components of a name."""
    manager = plugin_manager()
    components = _components(manager)
    plugins = {record.name: record for record in manager.plugins}
    found: list[dict[str, object]] = [asdict(plugins[name])] if name in plugins else []
    named = [component for component in components if name in (component["name"], component["plugin"])]
    if not found and not named:
        known = {*plugins, *(str(component["name"]) for component in components)}
        raise PluginError(
            f"no plugin or component named {name!r}", code="plugin-unknown-component", hint=suggestion(name, known)
        )
    if as_json:
        show_json({"plugins": found, "components": named})
        return
    if found:
        show(found, title="Plugin")
    if named:
        show(named, title="Components")


def _components(manager: PluginManager) -> list[dict[str, object]]:
    """Every component; commands are among them, as they are offered like all else."""
    return [
        {"kind": kind, "plugin": manager.owner(kind, spec.name), **asdict(spec)}
        for kind in SPECS
        for spec in manager.specs(kind).values()
    ]
