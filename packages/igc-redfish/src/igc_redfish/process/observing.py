"""What many episodes show: which actions get a slot, and the arrays of the candidate codec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from igc_redfish.process.belief import HOST_OFF, HOST_ON, bit, bit_count
from igc_redfish.process.semantics import (
    ACCEPTED,
    FARED,
    HISTORY,
    MOST_PARTS,
    MOST_WAITS,
    REFUSED,
    SLOT_VALUES,
    SLOTS,
    STEP_VALUES,
    UNDER_WAY,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_redfish.process.ledger import Ledger
    from igc_redfish.process.lineup import Lineup
    from igc_redfish.process.standings import Standings


def fill_slots(standings: Standings, ledger: Ledger) -> int:
    """Pick the actions shown: legal ones in order of discovery, the best-scored ones where there are too many.

    Returns:
        Number of legal actions that found no slot, summed over the episodes.
    """
    slots = standings.shown.shape[1]
    legal = ledger.untried(standings.epoch)
    legal[:, 0] = (standings.pending & (standings.waits < MOST_WAITS)) | ~legal[:, 1:].any(axis=1)
    standings.legal_count = legal.sum(axis=1)
    crowded = np.flatnonzero(standings.legal_count > slots)
    hidden = 0
    if crowded.size:
        scores = np.where(pursued(standings)[crowded, None], ledger.scores[crowded, : legal.shape[1]], -np.inf).max(2)
        ranks = np.where(legal[crowded], -scores, np.inf)
        worst = np.argsort(ranks, axis=1, kind="stable")[:, slots:]
        legal[crowded[:, None], worst] = False
        hidden = int((standings.legal_count[crowded] - slots).sum())
    standings.shown_count = np.minimum(standings.legal_count, slots)
    envs, places = np.nonzero(legal)
    first = np.cumsum(standings.shown_count) - standings.shown_count
    standings.shown[:] = 0
    standings.shown[envs, np.arange(len(envs)) - first[envs]] = places
    return hidden


def pursued(standings: Standings) -> NDArray[np.bool_]:
    """Tell which sub-goals are pursued, shape ``(n, sub-goals)``."""
    bits = np.asarray([bit(part) for part in range(standings.document.shape[1])], np.int32)
    chosen: NDArray[np.bool_] = (standings.open[:, None] & bits) != 0
    return chosen


def _best(scores: NDArray[np.float32], open_parts: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Pick the open sub-goal that fits best, over the last axis."""
    best: NDArray[np.intp] = np.where(open_parts, scores, -np.inf).argmax(axis=-1)
    return best


def filled_slots(standings: Standings) -> NDArray[np.bool_]:
    """Tell which slots hold a legal action, shape ``(n, slots)``."""
    return np.arange(standings.shown.shape[1]) < standings.shown_count[:, None]


def observe(standings: Standings, ledger: Ledger, lineup: Lineup) -> dict[str, NDArray[Any]]:
    """Build the observations; see :func:`igc_redfish.process.spaces.observation_space`."""
    shown, filled = standings.shown, filled_slots(standings)
    horizons = lineup.horizons[standings.scenario]
    envs = np.arange(len(shown))
    places = shown + (envs * ledger.capacity)[:, None]
    codes = ledger.codes.ravel()[places] * filled
    values = np.empty((*shown.shape, len(SLOT_VALUES)), np.float32)
    np.take(FARED, codes, axis=0, out=values, mode="clip")
    values[..., 5] = (ledger.offered.ravel()[places] == ledger.studied[:, None]) & filled
    age = (standings.steps[:, None] - ledger.born.ravel()[places]) * filled
    values[..., 6] = age * (1.0 / horizons).astype(np.float32)[:, None]
    values[..., 7] = (shown == 0) & filled
    parts = standings.document.shape[1]
    rows = ledger.rows.reshape(-1, parts)[places]
    if parts > 1:
        chosen = pursued(standings)
        best = _best(ledger.scores.reshape(-1, parts)[places], chosen[:, None])
        rows = np.take_along_axis(rows, best[..., None], axis=-1)
        document = standings.document[envs, _best(standings.fits, chosen)]
    else:
        best, document = np.zeros(shown.shape, np.intp), standings.document[:, 0]
    values[..., 8] = ((standings.asked[:, None] >> best) & 1) * filled
    standings.seen = rows[..., 0] * filled
    return {
        "candidates": standings.seen,
        "slot_values": values,
        "document": document[:, None].copy(),
        "goal": lineup.goal_rows(standings.scenario, standings.open)[:, None],
        "history": standings.history.copy(),
        "achieved_goal": standings.achieved.copy(),
        "desired_goal": lineup.desired[standings.scenario],
        "values": _step_values(standings, ledger, lineup, horizons),
    }


def _step_values(
    standings: Standings, ledger: Ledger, lineup: Lineup, horizons: NDArray[np.int32]
) -> NDArray[np.float32]:
    n = len(standings.shown)
    step = np.zeros((n, len(STEP_VALUES) + 2 * HISTORY), np.float32)
    step[:, 0] = standings.steps / horizons
    step[:, 1] = standings.pending
    step[np.arange(n), 2 + standings.status] = 1.0
    step[:, 9] = ledger.count / 128
    step[:, 10] = np.minimum(standings.shown_count / SLOTS, 1.0)
    step[:, 11] = np.minimum((standings.legal_count - standings.shown_count) / 64, 1.0)
    step[:, 12] = standings.epoch / 8
    drawn, parts = standings.scenario, lineup.parts[standings.scenario]
    step[:, 13] = parts / MOST_PARTS
    step[:, 14] = bit_count(standings.open) / MOST_PARTS
    step[:, 15] = bit_count(standings.asked) / parts
    step[:, 16] = lineup.ordered[drawn]
    limit = lineup.max_resets[drawn]
    step[:, 17] = limit >= 0
    step[:, 18] = (limit >= 0) * np.maximum(limit - standings.resets, 0) / MOST_PARTS
    step[:, 19] = np.minimum(standings.refused / 8, 1.0)
    step[:, 20] = (standings.read & HOST_ON) != 0
    step[:, 21] = (standings.read & HOST_OFF) != 0
    past = standings.history_status
    step[:, len(STEP_VALUES) :: 2] = (past == ACCEPTED) | (past == UNDER_WAY)
    step[:, len(STEP_VALUES) + 1 :: 2] = (past >= REFUSED) & (standings.history != 0)
    return step
