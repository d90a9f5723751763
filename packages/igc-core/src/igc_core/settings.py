"""Settings, out of a TOML file and the environment.

Each setting is read from ``IGC_<NAME>``, else from the file, else it has its default. The file is the one that
``IGC_SETTINGS`` names, else ``igc.toml`` in the working directory::

    runs = "/var/lib/igc/runs"
    plugins_blocked = ["toy"]

    [options.redfish]
    anything = "that the plugin documents"

A dataclass rather than a pydantic model: settings decide which plugins the command line starts with, and its help must
not pay for pydantic.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from igc_core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_FILE = "igc.toml"
_TRUTH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _no_options() -> Mapping[str, Mapping[str, Any]]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a user may decide for every command.

    Attributes:
        plugins_allowed: Installed plugins that may be loaded, or None for all.
        plugins_blocked: Plugins that are never loaded.
        plugins_exact: For reproducible runs: load exactly these, and fail where one is missing. None to discover.
        plugins_strict: Whether a broken plugin is an error instead of a warning.
        captures: Folder of captured machines, or None where there is none.
        runs: Folder in which training runs are kept.
        options: Free tables by plugin name, handed over by ``igc_configure``.
    """

    plugins_allowed: tuple[str, ...] | None = None
    plugins_blocked: tuple[str, ...] = ()
    plugins_exact: tuple[str, ...] | None = None
    plugins_strict: bool = False
    captures: Path | None = None
    runs: Path = Path("runs")
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=_no_options, repr=False)

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read the settings file and the environment.

        Args:
            environment: Environment variables; those of the process by default.

        Raises:
            SettingsError: The file cannot be read, or a setting is unknown or has a wrong value.
        """
        environment = os.environ if environment is None else environment
        named = environment.get("IGC_SETTINGS", "")
        path = Path(named or _FILE)
        values = _from_file(path) if named or path.is_file() else {}
        return cls(**(values | _from_environment(environment)))


def _from_file(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read the settings file {path}: {error.strerror}") from error
    except ValueError as error:
        raise SettingsError(f"the settings file {path} is not TOML: {error}") from error
    values: dict[str, Any] = {}
    for name, value in table.items():
        reader = _READERS.get(name)
        if reader is None:
            near = difflib.get_close_matches(name, _READERS, n=1)
            raise SettingsError(
                f"the settings file {path} has an unknown setting {name!r}",
                hint=f"did you mean {near[0]!r}?" if near else f"known settings are {', '.join(sorted(_READERS))}",
            )
        values[name] = _checked(reader, value, f"{name} in {path}")
    return values


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, reader in _READERS.items():
        variable = f"IGC_{name.upper()}"
        if variable in environment and name != "options":
            values[name] = _checked(reader, environment[variable], variable)
    return values


def _checked(reader: Callable[[Any], Any], value: object, where: str) -> Any:
    try:
        return reader(value)
    except ValueError as error:
        raise SettingsError(f"the setting {where} must be {error}, not {value!r}") from error


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(",") if name.strip())
    if isinstance(value, list) and all(isinstance(name, str) for name in cast("list[object]", value)):
        return tuple(cast("list[str]", value))
    raise ValueError("a list of names")


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _TRUTH:
        return _TRUTH[value.strip().lower()]
    raise ValueError("true or false")


def _path(value: object) -> Path:
    if isinstance(value, str) and value:
        try:
            return Path(value).expanduser()
        except RuntimeError as error:  # nobody has that name
            raise ValueError("a path below a home that is known") from error
    raise ValueError("a path")


def _tables(value: object) -> Mapping[str, Mapping[str, Any]]:
    if isinstance(value, dict) and all(isinstance(table, dict) for table in cast("dict[str, object]", value).values()):
        return MappingProxyType(cast("dict[str, dict[str, Any]]", value))
    raise ValueError("a table of tables")


_READERS: dict[str, Callable[[Any], Any]] = {
    "plugins_allowed": _names,
    "plugins_blocked": _names,
    "plugins_exact": _names,
    "plugins_strict": _truth,
    "captures": _path,
    "runs": _path,
    "options": _tables,
}
