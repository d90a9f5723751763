from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest

from igc_core import hookspecs
from igc_core.specs import SPECS

HOOKS: list[Callable[..., object]] = [hook for name, hook in vars(hookspecs).items() if name.startswith("igc_")]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.__name__)
def test_every_argument_is_documented(hook: Callable[..., object]) -> None:
    for argument in inspect.signature(hook).parameters:
        assert f"\n        {argument}: " in (hook.__doc__ or "")


@pytest.mark.parametrize("kind", SPECS)
def test_every_kind_has_a_hook_that_offers_it(kind: str) -> None:
    assert f"igc_{kind.replace('-', '_')}s" in {hook.__name__ for hook in HOOKS}
