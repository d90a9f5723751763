"""What a language model is asked to learn from a chunk: which tokens count, and which it does not get to see.

A causal model predicts each token from those before it. An objective with a focus lets the tokens of some kinds weigh
more in the loss, and hides a share of all *other* tokens from the input (they are replaced by the mask token), so that
attention finds what it needs among those of the focus. What is hidden is still to be predicted.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from igc_encoders.errors import EncoderError
from igc_encoders.rendering import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


class Sample(NamedTuple):
    """A chunk as a model learns it. All arrays have the shape ``(n - 1,)`` for a chunk of ``n`` tokens.

    Attributes:
        inputs: What the model sees, int64.
        targets: What it is to say next, int64.
        weights: How much each of these counts, float32, from 0.
    """

    inputs: NDArray[np.int64]
    targets: NDArray[np.int64]
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Objective:
    """What counts in a chunk.

    Attributes:
        focus: Kinds of token to dwell on.
        emphasis: Weight of a target of such a kind; all others weigh 1.
        hidden: Share of the other tokens that the input hides, from 0 to 1.
    """

    focus: frozenset[Kind] = frozenset()
    emphasis: float = 1.0
    hidden: float = 0.0

    def sample(
        self, ids: NDArray[np.int64], kinds: NDArray[np.uint8], mask: int, generator: np.random.Generator | None
    ) -> Sample:
        """Make a sample of a chunk.

        Args:
            ids: The chunk, of shape ``(n,)``; its first token is only ever seen, never asked for.
            kinds: Kind of each token, likewise.
            mask: The token that hides others.
            generator: Decides what is hidden; nothing is without one.
        """
        focused = np.isin(kinds, list(self.focus))
        inputs = ids[:-1].astype(np.int64)
        if self.hidden and generator is not None:
            hide = ~focused[:-1] & (generator.random(len(inputs)) < self.hidden)
            hide[:1] = False  # the first token of a chunk says where it begins
            inputs[hide] = mask
        weights = np.where(focused[1:], np.float32(self.emphasis), np.float32(1))
        return Sample(inputs, ids[1:].astype(np.int64), weights)


#: Every objective by name.
OBJECTIVES: Mapping[str, Objective] = MappingProxyType(
    {
        "plain": Objective(),
        "paths": Objective(frozenset({Kind.PATH}), emphasis=4.0, hidden=0.15),
        "actions": Objective(frozenset({Kind.ACTION, Kind.PARAMETER}), emphasis=4.0, hidden=0.15),
        "values": Objective(frozenset({Kind.VALUE, Kind.ENUM}), emphasis=4.0, hidden=0.15),
        "methods": Objective(frozenset({Kind.METHOD}), emphasis=4.0, hidden=0.15),
    }
)
#: How often each is drawn by default.
DEFAULT_MIX: Mapping[str, float] = MappingProxyType(
    {"plain": 0.8, "paths": 0.05, "actions": 0.05, "values": 0.05, "methods": 0.05}
)


class Mix:
    """Several objectives, one of which is drawn for each chunk."""

    def __init__(self, shares: Mapping[str, float]) -> None:
        """Choose objectives.

        Args:
            shares: How often each is drawn, by name; they need not add up to 1.

        Raises:
            EncoderError: An objective is unknown, or the shares give nothing to draw from.
        """
        if unknown := sorted(shares.keys() - OBJECTIVES.keys()):
            raise EncoderError(
                f"there is no objective {', '.join(unknown)}; known are {', '.join(OBJECTIVES)}",
                code="encoder-options",
            )
        total = sum(shares.values())
        if not 0 < total < float("inf") or min(shares.values()) < 0:
            raise EncoderError(f"the shares {dict(shares)} give no objective to draw", code="encoder-options")
        self._objectives = [OBJECTIVES[name] for name in shares]
        self._bounds = np.cumsum([share / total for share in shares.values()])

    def draw(self, generator: np.random.Generator) -> Objective:
        """Draw an objective."""
        place = int(np.searchsorted(self._bounds, generator.random(), side="right"))
        return self._objectives[min(place, len(self._objectives) - 1)]
