"""Records of what is odd about a capture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One oddity of one resource.

    Attributes:
        code: Kind of oddity, lower case with dashes.
        uri: The resource it is about, or ``""`` for the capture as a whole.
        message: What is odd, as a clause without a full stop.
        level: ``"error"`` where the capture cannot serve as a machine, else ``"warning"``.
    """

    code: str
    uri: str
    message: str
    level: Level = "warning"
