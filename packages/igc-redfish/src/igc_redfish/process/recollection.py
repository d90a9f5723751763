"""What is remembered of a machine from one episode to the next: where its resources are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from igc_redfish.process.offering import Offer
    from igc_redfish.process.scenario import Scenario


@dataclass
class Recollection:
    """The resources of one machine that earlier episodes read.

    Only the links that they held are used again: what else they showed may no longer be true, so who wants to change
    something must read it first.

    Attributes:
        documents: Number of each resource as it was read last, by its URI; the order is that of the first reading.
    """

    documents: dict[str, int] = field(default_factory=dict[str, int])

    def keep(self, uri: str, document: int) -> None:
        """Remember a resource."""
        self.documents[uri] = document

    def offers(self, scenario: Scenario) -> Iterator[tuple[int, Offer]]:
        """Yield the reads that remembered resources offer under a goal, with the number of the resource."""
        for document in self.documents.values():
            offer = scenario.offer(document)
            kept = np.flatnonzero(~offer.mutates)
            yield (
                document,
                replace(
                    offer,
                    actions=offer.actions[kept],
                    rows=offer.rows[kept],
                    scores=offer.scores[kept],
                    effects=offer.effects[kept],
                    mutates=offer.mutates[kept],
                    described=tuple(offer.described[place] for place in kept.tolist()),
                ),
            )
