"""How to build an environment, in a form that other processes can be told."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from igc_core.errors import PluginError
from igc_core.loading import load

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from igc_core.protocols import BatchedEnvironment

#: Parameter of a factory that can build a part of an environment.
_SHARD = "shard"


@dataclass(frozen=True, slots=True)
class EnvironmentSource:
    """Builds an environment wherever it is needed.

    A factory with a parameter ``shard`` is told ``(rank, processes)`` where several processes train together, and
    brings that part of its machines: every ``processes``-th from the ``rank``-th on. Without it all of them get the
    same machines, and differ by the seeds of their episodes.

    Attributes:
        factory: ``"module:attribute"`` of what builds the batched environment.
        options: Its keyword arguments; None and empty ones are left to the factory.
        name: What messages call the environment.
    """

    factory: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    name: str = ""

    @property
    def _loaded(self) -> Callable[..., BatchedEnvironment]:
        return cast("Callable[..., BatchedEnvironment]", load(self.factory))

    def takes(self, option: str) -> bool:
        """Tell whether the factory has a parameter of that name.

        Raises:
            LoadingError: The factory cannot be imported.
        """
        return option in inspect.signature(self._loaded).parameters

    def build(self, rank: int = 0, processes: int = 1) -> BatchedEnvironment:
        """Build the environment of one of the processes that train together.

        Raises:
            LoadingError: The factory cannot be imported.
            PluginError: It does not take the options.
        """
        factory = self._loaded
        signature = inspect.signature(factory)
        given = {key: value for key, value in self.options.items() if value not in (None, "", (), [])}
        if processes > 1 and _SHARD in signature.parameters:
            given[_SHARD] = (rank, processes)
        try:
            signature.bind(**given)
        except TypeError as error:
            raise PluginError(
                f"the environment {self.name or self.factory!r} cannot be built: {error}",
                code="plugin-options-refused",
                hint=f"its batched factory is {self.factory}{signature}",
            ) from error
        return factory(**given)
