"""The contract of an agent."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, ClassVar

import pytest

from igc_core.protocols import Agent
from igc_core.testing.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Sequence

    from igc_core.protocols import View


class AgentContract(Contract):
    """An agent chooses one of the legal actions, and the same one under the same seed.

    Fill in the fixtures ``agent`` and ``views``.

    Attributes:
        seeds: Seeds to try.
    """

    seeds: ClassVar[tuple[int, ...]] = (0, 1, 2**31 - 1)

    @pytest.fixture
    def agent(self) -> Agent:
        """Build the agent."""
        raise NotImplementedError(f"{type(self).__name__} needs a fixture 'agent'")

    @pytest.fixture
    def views(self) -> Sequence[View]:
        """Show views to choose in; at least one."""
        raise NotImplementedError(f"{type(self).__name__} needs a fixture 'views'")

    def test_implements_the_protocol(self, agent: Agent) -> None:
        assert isinstance(agent, Agent)

    def test_choice_is_a_legal_action(self, agent: Agent, views: Sequence[View]) -> None:
        assert views
        for seed in self.seeds:
            for view, choice in zip(views, self._choices(agent, views, seed), strict=True):
                assert 0 <= choice < len(view.actions), f"chose {choice} of {len(view.actions)}"

    def test_same_seed_gives_the_same_choices(self, agent: Agent, views: Sequence[View]) -> None:
        for seed in self.seeds:
            assert self._choices(agent, views, seed) == self._choices(agent, views, seed)

    def test_the_only_action_is_taken(self, agent: Agent, views: Sequence[View]) -> None:
        alone = self._alone(views[0])
        assert self._choices(agent, [alone], self.seeds[0]) == [0]

    def test_choosing_changes_no_view(self, agent: Agent, views: Sequence[View]) -> None:
        before = [(repr(view.actions), repr(view.documents), view.steps) for view in views]
        self._choices(agent, views, self.seeds[0])
        assert before == [(repr(view.actions), repr(view.documents), view.steps) for view in views]

    def _alone(self, view: View) -> View:
        """Cut a view down to its first action; override it where observations must match the actions."""
        from dataclasses import replace  # noqa: PLC0415

        return replace(view, actions=view.actions[:1])

    @staticmethod
    def _choices(agent: Agent, views: Sequence[View], seed: int) -> list[int]:
        agent.start(seed)
        return [operator.index(agent.choose(view)) for view in views]
