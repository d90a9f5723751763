"""Lets the API reference show ``:class:`name``` in docstrings as code, as the site is written in Markdown."""

from __future__ import annotations

import re
from typing import Any

import griffe

_ROLE = re.compile(r":(?:attr|class|data|exc|func|meth|mod):`(~?)([^`]+)`")


class DocstringRoles(griffe.Extension):
    """Replaces roles; a tilde leaves the last name only."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:  # noqa: ARG002 - griffe passes more
        """Rewrite one docstring."""
        if obj.docstring:
            obj.docstring.value = _ROLE.sub(_as_code, obj.docstring.value)


def _as_code(found: re.Match[str]) -> str:
    return f"`{found[2].rpartition('.')[2] if found[1] else found[2]}`"
