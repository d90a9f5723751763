from __future__ import annotations

import os.path
from collections.abc import Callable

import pytest

from igc_core.errors import LoadingError
from igc_core.loading import load


def test_attribute_is_loaded() -> None:
    assert load("os.path:join") is os.path.join


def test_dotted_attribute_is_loaded() -> None:
    assert load("pathlib:Path.home").__name__ == "home"


@pytest.mark.parametrize("path", ["", "os", "os:", ":join", "os.path.join"])
def test_other_forms_are_refused(path: str) -> None:
    with pytest.raises(LoadingError, match=r"is not of the form 'package.module:attribute'"):
        load(path)


def test_missing_module_is_told_with_a_hint() -> None:
    with pytest.raises(
        LoadingError, match=r"cannot import 'no_such'.*; install the package that provides it"
    ) as caught:
        load("no_such:thing")
    assert caught.value.code == "loading-failed"


def test_missing_attribute_is_told() -> None:
    with pytest.raises(LoadingError, match=r"module 'os' has no 'path.nothing'"):
        load("os:path.nothing")


def test_module_that_fails_is_told(install: Callable[..., None]) -> None:
    install("toy", "raise RuntimeError('out of order')")
    with pytest.raises(LoadingError, match="RuntimeError: out of order") as caught:
        load("toy_plugin:thing")
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_attribute_that_fails_on_first_use_is_told(install: Callable[..., None]) -> None:
    install("toy", "def __getattr__(name):\n    raise ImportError('no torch')", module="lazy_plugin")
    with pytest.raises(LoadingError, match="no torch"):
        load("lazy_plugin:Agent")
