from __future__ import annotations

import subprocess
import sys

import pytest

import igc_core
from igc_core import cli


@pytest.mark.parametrize("package", [igc_core, cli], ids=lambda package: package.__name__)
def test_every_public_name_resolves(package: object) -> None:
    for name in package._MODULES:  # type: ignore[attr-defined]
        assert getattr(package, name) is vars(package)[name], "the name is not kept after its first use"
        assert name in dir(package)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'igc_core' has no attribute 'Goall'"):
        igc_core.Goall  # noqa: B018


def test_importing_the_package_imports_nothing_else() -> None:
    probe = "import sys, igc_core; print([m for m in ('numpy', 'pydantic', 'pluggy', 'typer') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", probe], text=True).strip() == "[]"
