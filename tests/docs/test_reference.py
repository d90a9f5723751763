"""The reference says what the code says: nothing is missing, nothing is left over."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

from igc_core import IgcError, PluginManager, Settings, hookspecs
from igc_core.errors import LoadingError
from igc_core.loading import load
from igc_redfish.family import GoalFamily
from igc_redfish.generate import MANNERS

ROOT = Path(__file__).parents[2]
SOURCES = sorted(ROOT.glob("packages/*/src/*"))
HOOKS = [hook for name, hook in vars(hookspecs).items() if name.startswith("igc_")]


def modules(pattern: str) -> list[str]:
    """Names of the modules of all packages whose file matches."""
    found = ((source.parent, path) for source in SOURCES for path in source.rglob(pattern))
    return [".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__") for base, path in found]


def headings(page: Path, level: int) -> list[str]:
    """Texts of a page's headings."""
    return re.findall(rf"^{'#' * level} (.+)$", page.read_text(), re.MULTILINE)


def families() -> dict[str, GoalFamily]:
    """The goal families that come with igc-redfish."""
    manager = PluginManager([import_module("igc_redfish.plugin")])
    return {name: manager.build("goal-handler", name) for name in manager.specs("goal-handler")}


def errors(base: type[IgcError] = IgcError) -> Iterator[type[IgcError]]:
    """Every error class of the packages."""
    for name in modules("errors.py"):
        import_module(name)
    for kind in (base, *base.__subclasses__()):
        if kind is not base:
            yield from errors(kind)
        elif kind.__module__.startswith("igc_"):
            yield kind


def public_names() -> list[str]:
    """What packages export, as ``module:name``."""
    exported: list[str] = []
    for module in modules("__init__.py"):
        members = vars(import_module(module))
        exported += [f"{module}:{name}" for name in members.get("__all__", ()) or members.get("_MODULES", ())]
    return exported


def documented_names() -> list[str]:
    """What the API pages describe, dotted."""
    pages = sorted((ROOT / "docs").rglob("*.md"))
    return [name for page in pages for name in re.findall(r"^::: (\S+)$", page.read_text(), re.MULTILINE)]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.__name__)
def test_hook_is_documented_with_its_arguments(hook: Callable[..., object], reference: Path) -> None:
    arguments = ", ".join(inspect.signature(hook).parameters)
    assert f"{hook.__name__}({arguments})" in headings(reference / "hooks.md", 2)


def test_documented_hooks_exist(reference: Path) -> None:
    assert {text.partition("(")[0] for text in headings(reference / "hooks.md", 2)} == {h.__name__ for h in HOOKS}


def test_every_error_class_and_code_is_documented_and_no_other(reference: Path) -> None:
    page = reference / "errors.md"
    assert set(headings(page, 2)) == {kind.__name__ for kind in errors()}
    assert sorted(headings(page, 3)) == sorted({code for kind in errors() for code in kind.codes})


@pytest.mark.parametrize("kind", list(errors()), ids=lambda kind: kind.__name__)
def test_codes_stand_below_their_class(kind: type[IgcError], reference: Path) -> None:
    text = (reference / "errors.md").read_text()
    section = text.partition(f"\n## {kind.__name__}\n")[2].partition("\n## ")[0]
    assert set(kind.codes) <= set(re.findall(r"^### (\S+)$", section, re.MULTILINE))


def test_tree_of_errors_is_drawn_whole(reference: Path) -> None:
    text = (reference / "errors.md").read_text()
    drawn = re.findall(
        r"^[ │├└─]*(\w+Error)\b", text.partition("```text\nIgcError")[2].partition("```")[0], re.MULTILINE
    )
    assert sorted(["IgcError", *drawn]) == sorted(kind.__name__ for kind in errors())


@pytest.mark.parametrize("name", sorted(families()))
def test_goal_family_is_documented_with_verbs_and_arguments(name: str, reference: Path) -> None:
    page = reference / "goals.md"
    assert name in headings(page, 3)
    rows, family = {}, ""
    for first, verbs, arguments in re.findall(r"^\|([^|]*)\|([^|]*)\|([^|]*)\|$", page.read_text(), re.MULTILINE):
        family = (re.findall(r"\[([\w-]+)\]", first) or [family])[0]
        required = tuple(re.findall(r"`([^`]+)`", arguments.partition("optional")[0]))
        rows |= {(family, verb): required for verb in re.findall(r"`([^`]+)`", verbs)}
    written = {verb: arguments for (owner, verb), arguments in rows.items() if owner == name}
    assert written == dict(families()[name].verbs)


def test_command_line_reference_is_up_to_date(root: Path) -> None:
    program = [sys.executable, str(root / "scripts" / "cli_reference.py"), "--check"]
    answer = subprocess.run(program, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr


def test_every_setting_is_documented(reference: Path) -> None:
    text = (reference / "settings.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| `?([^`|]+?)`? \|", text, re.MULTILINE))
    names = {field.name for field in fields(Settings)}
    assert rows == {name: f"IGC_{name.upper()}" if name != "options" else "file only" for name in names}


@pytest.mark.parametrize("name", public_names())
def test_public_name_is_in_the_api_reference(name: str) -> None:
    assert name.replace(":", ".") in documented_names()


@pytest.mark.parametrize("name", documented_names())
def test_documented_name_exists(name: str) -> None:
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            load(f"{'.'.join(parts[:cut])}:{'.'.join(parts[cut:])}")
        except LoadingError:
            continue
        return
    import_module(name)


def test_every_finding_about_captures_is_documented(reference: Path) -> None:
    sources = (ROOT / "packages/igc-redfish/src/igc_redfish/capture").glob("*.py")
    calls = (node for path in sources for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    makers = ((ast.unparse(call.func), call.args[0]) for call in calls if call.args)
    raised = {
        argument.value
        for maker, argument in makers
        if (maker == "Finding" or maker.endswith(".note")) and isinstance(argument, ast.Constant)
    }
    section = (reference / "formats.md").read_text().partition("### Findings")[2].partition("\n## ")[0]
    assert raised == set(re.findall(r"`([a-z-]+)`", section.replace("`igc capture validate`", ""))) - {"none"}


def test_every_manner_of_machines_is_documented(reference: Path) -> None:
    row = next(line for line in (reference / "formats.md").read_text().splitlines() if "?manner=blade" in line)
    assert re.findall(r"`(\w+)`", row) == list(MANNERS)
