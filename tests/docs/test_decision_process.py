"""The page about the decision process states its sizes and rewards as the code has them."""
# ruff: noqa: RUF001 - the page's own signs: minus and prime

from __future__ import annotations

from pathlib import Path

import pytest

from igc_redfish.process.lexicon import CANDIDATE_TOKENS
from igc_redfish.process.matching import DOCUMENT_FLAGS, LINK_FEATURES, MATCH_FEATURES, REQUEST_FEATURES
from igc_redfish.process.semantics import HISTORY, SLOT_VALUES, SLOTS, STEP_VALUES, Rewards

EXPLANATION = Path(__file__).parents[2] / "docs" / "explanation"
REWARDS = Rewards()


@pytest.mark.parametrize(
    "stated",
    [
        f"{CANDIDATE_TOKENS} hashed tokens",
        f"{len(MATCH_FEATURES)} match features",
        f"{len(DOCUMENT_FLAGS)} flags",
        f"how the request compares with the goal* ({len(REQUEST_FEATURES)})",
        f"where a link leads* ({len(LINK_FEATURES)};",
        f"what offers it* ({len(DOCUMENT_FLAGS)})",
        f"| `values` | ({len(STEP_VALUES) + 2 * HISTORY},) float32 |",
        f"| `candidates` | ({SLOTS},) int32 |",
        f"| `slot_values` | ({SLOTS}, {len(SLOT_VALUES)}) float32 |",
        f"| `history` | ({HISTORY},) int32 |",
        f"At most {SLOTS} actions are shown at once",
        f"−{-REWARDS.request:g} ",
        f"−{-REWARDS.refused:g}   if the status",
        f"−{-REWARDS.destructive:g}      if it destroys",
        f"+{REWARDS.success:g}      if the goal is reached",
        f"+{REWARDS.shaping:g} · (Φ(s′) − Φ(s))",
    ],
)
def test_sizes_and_rewards_are_those_of_the_code(stated: str) -> None:
    assert stated in (EXPLANATION / "decision-process.md").read_text()


def test_a_needless_destruction_costs_what_success_earns() -> None:
    assert "as much as success earns, and twice what all\n  sub-goals" in (EXPLANATION / "safety.md").read_text()
    assert -REWARDS.destructive == REWARDS.success == 2 * REWARDS.shaping
