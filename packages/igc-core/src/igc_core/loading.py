"""From ``"module:attribute"`` texts to objects."""

from __future__ import annotations

import importlib
from typing import Any

from igc_core.errors import LoadingError


def load(path: str) -> Any:
    """Import the object that a spec names.

    Args:
        path: ``"package.module:attribute"``; the attribute may be dotted.

    Returns:
        The object, as it stands in its module.

    Raises:
        LoadingError: The text has another form, or the module or the attribute cannot be imported.
    """
    module_name, colon, attribute = path.partition(":")
    if not (module_name and colon and attribute):
        raise LoadingError(f"{path!r} is not of the form 'package.module:attribute'")
    try:
        found: Any = importlib.import_module(module_name)
    except Exception as error:
        hint = "install the package that provides it" if isinstance(error, ModuleNotFoundError) else ""
        raise LoadingError(
            f"cannot import {module_name!r} for {path!r}: {type(error).__name__}: {error}", hint=hint
        ) from error
    for name in attribute.split("."):
        try:
            found = getattr(found, name)
        except AttributeError as error:
            raise LoadingError(f"module {module_name!r} has no {attribute!r}") from error
        except Exception as error:  # a package whose names resolve lazily imports only now
            raise LoadingError(f"cannot import {path!r}: {type(error).__name__}: {error}") from error
    return found
