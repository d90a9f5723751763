from __future__ import annotations

import pytest
from pydantic import ValidationError

from igc_core.models import CompositeGoal, Goal

GOAL = Goal(family="account", verb="create", target="/a", arguments={"user": "alice", "password": "hunter2"})


def test_goal_crosses_json_without_loss() -> None:
    assert Goal.model_validate_json(GOAL.model_dump_json()) == GOAL


def test_equal_goals_have_equal_hashes() -> None:
    again = GOAL.model_copy(update={"arguments": dict(reversed(GOAL.arguments.items()))})
    assert again == GOAL
    assert hash(again) == hash(GOAL)


def test_secrets_are_not_shown() -> None:
    composite = CompositeGoal(goals=(GOAL, GOAL))
    for shown in (repr(GOAL), str(GOAL), repr(composite), str(composite), f"{[GOAL]}"):
        assert "hunter2" not in shown
        assert "alice" in shown


def test_parts_are_the_sub_goals() -> None:
    assert GOAL.parts == (GOAL,)
    assert CompositeGoal(goals=(GOAL, GOAL), ordered=True).parts == (GOAL, GOAL)


@pytest.mark.parametrize(
    "data",
    [
        {"family": "Power", "verb": "on"},
        {"family": "power", "verb": ""},
        {"family": "power", "verb": "on", "colour": "red"},
        {"family": "power", "verb": "on", "arguments": []},
    ],
)
def test_malformed_goal_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Goal.model_validate(data)


def test_composite_of_one_limits_its_resets() -> None:
    assert CompositeGoal(goals=(GOAL,), max_resets=1).parts == (GOAL,)
    with pytest.raises(ValidationError, match="unless its resets are limited"):
        CompositeGoal(goals=(GOAL,))
    with pytest.raises(ValidationError, match="no order"):
        CompositeGoal(goals=(GOAL,), ordered=True, max_resets=1)
    with pytest.raises(ValidationError):
        CompositeGoal(goals=())


def test_models_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        GOAL.verb = "delete"  # type: ignore[misc]
