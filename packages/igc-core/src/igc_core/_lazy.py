"""Public names that import their module on first use (PEP 562)."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def exports(package: str, modules: Mapping[str, str]) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Make the ``__getattr__`` and ``__dir__`` of a package whose names resolve lazily.

    Args:
        package: ``__name__`` of the package.
        modules: The module that holds each public name, relative to the package.

    Returns:
        Functions to bind as ``__getattr__`` and ``__dir__``.
    """

    def get(name: str) -> object:
        if name not in modules:
            problem = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(problem)
        value = getattr(importlib.import_module(f"{package}.{modules[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *modules})

    return get, names
