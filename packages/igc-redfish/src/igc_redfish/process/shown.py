"""What a view of an episode holds that is looked up only when somebody asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from igc_core.protocols import Action

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_core.tables import Layout


class Seen(dict[str, "NDArray[Any]"]):
    """An observation that knows the tables it refers to.

    Attributes:
        layout: The tables.
    """

    def __init__(self, arrays: dict[str, NDArray[Any]], layout: Layout) -> None:
        super().__init__(arrays)
        self.layout = layout


class ShownActions(Sequence[Action]):
    """The actions in the slots, looked up when somebody asks."""

    __slots__ = ("_known", "_numbers")

    def __init__(self, known: Sequence[Action], numbers: list[int]) -> None:
        self._known = known
        self._numbers = numbers

    def __len__(self) -> int:
        """Number of filled slots."""
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Action: ...
    @overload
    def __getitem__(self, index: slice) -> list[Action]: ...
    def __getitem__(self, index: int | slice) -> Action | list[Action]:
        """Return the action of a slot."""
        if isinstance(index, slice):
            return [self._known[number] for number in self._numbers[index]]
        return self._known[self._numbers[index]]
