"""Labels for many episodes: which slots hold what a planner would do, as far as an agent could know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from igc_redfish.process.belief import MUTATES
from igc_redfish.process.fairness import equally_informed, look_alikes
from igc_redfish.process.observing import filled_slots

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_redfish.process.ledger import Ledger
    from igc_redfish.process.lineup import Lineup
    from igc_redfish.process.planner import Planner
    from igc_redfish.process.standings import Standings


def optimal_slots(planner: Planner, lineup: Lineup, standings: Standings, ledger: Ledger) -> NDArray[np.bool_]:
    """Tell which slots hold an action of a shortest solution, or a read that looks just like one.

    Args:
        planner: Knows the shortest solutions.
        lineup: The scenarios.
        standings: Where the episodes stand; their slots are filled.
        ledger: What they know of their actions.

    Returns:
        Shape ``(num_envs, slots)``.
    """
    labels = np.zeros(standings.shown.shape, np.bool_)
    for env in range(len(labels)):
        shown = ledger.actions[env, standings.shown[env, : standings.shown_count[env]]]
        known = ledger.actions[env, : ledger.count[env]]
        scenario = lineup.scenarios[int(standings.scenario[env])]
        best = planner.optimal(scenario, int(standings.world[env]), int(standings.stage[env]), known)
        labels[env, : len(shown)] = np.isin(shown, list(best))
    envs = np.arange(len(labels))[:, None]
    changes = (ledger.effects[envs, standings.shown] & MUTATES) != 0
    reads = filled_slots(standings) & ~changes & (standings.shown > 0)
    classes = look_alikes(standings.seen, ledger.origins[envs, standings.shown])
    return equally_informed(classes, labels, reads, ledger.codes[envs, standings.shown] > 0)
