"""What the core's tests share."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Install = Callable[..., None]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the machine's settings, and its installed plugins, out of the tests."""
    for name in ("SETTINGS", "PLUGINS_EXACT", "PLUGINS_BLOCKED", "PLUGINS_STRICT", "CAPTURES", "RUNS"):
        monkeypatch.delenv(f"IGC_{name}", raising=False)
    monkeypatch.setenv("IGC_PLUGINS_ALLOWED", "toy,other")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install packages with one module and one plugin each, as pip would: ``install("toy", source)``."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    before = set(sys.modules)

    def install(name: str, source: str, *, module: str = "", distribution: str = "") -> None:
        module = module or f"{name}_plugin"
        distribution = distribution or f"igc_{name}"
        (site / f"{module}.py").write_text(textwrap.dedent(source))
        info = site / f"{distribution}-0.3.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 0.3\n")
        (info / "entry_points.txt").write_text(f"[igc]\n{name} = {module}\n")

    yield install
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", None)).startswith(str(site)):
            del sys.modules[name]
