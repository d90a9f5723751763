"""How functions are compiled by numba (extra ``numba``)."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

_Function = TypeVar("_Function", bound="Callable[..., Any]")
_NUMBA: Any = importlib.import_module("numba")


def compiled(function: _Function) -> _Function:
    """Compile at the first call; what was compiled is kept on disk for later processes."""
    return cast("_Function", _NUMBA.njit(cache=True, error_model="numpy")(function))


def inlined(function: _Function) -> _Function:
    """Compile what is called for each process: passing a state on costs more than most of these do."""
    return cast("_Function", _NUMBA.njit(cache=True, error_model="numpy", forceinline=True)(function))
