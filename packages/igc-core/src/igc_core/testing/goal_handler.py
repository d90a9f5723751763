"""The contract of a goal handler."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from igc_core.errors import GoalError
from igc_core.protocols import GoalHandler, Survey
from igc_core.testing.contract import Contract

if TYPE_CHECKING:
    from igc_core.models import Goal


class GoalHandlerContract(Contract):
    """A handler sees, words and judges the goals of one family.

    Fill in the fixtures ``handler``, ``service`` (where :attr:`understood` does not hold) and ``reached`` (the same
    service once it does), and:

    Attributes:
        understood: A text of the family that ``service`` can express.
        foreign: Texts of other families.
    """

    understood: ClassVar[str]
    foreign: ClassVar[tuple[str, ...]] = (
        "",
        " ",
        "make me a sandwich",
        "\x00\N{SNOWMAN}",
        "water the plants in zone 7 every day at 9",
    )

    @pytest.fixture
    def handler(self) -> GoalHandler:
        """Build the handler."""
        raise NotImplementedError(f"{type(self).__name__} needs a fixture 'handler'")

    @pytest.fixture
    def service(self) -> Survey:
        """Show a service on which the understood goal does not hold."""
        raise NotImplementedError(f"{type(self).__name__} needs a fixture 'service'")

    @pytest.fixture
    def reached(self) -> Survey:
        """Show the same service once the understood goal holds."""
        raise NotImplementedError(f"{type(self).__name__} needs a fixture 'reached'")

    @pytest.fixture
    def goal(self, handler: GoalHandler, service: Survey) -> Goal:
        """The understood goal, bound."""
        goal = handler.parse(self.understood)
        assert goal is not None, f"the handler does not understand {self.understood!r}"
        return handler.bind(goal, service)

    def test_implements_the_protocol(self, handler: GoalHandler) -> None:
        assert isinstance(handler, GoalHandler)

    def test_foreign_texts_are_declined(self, handler: GoalHandler) -> None:
        claimed = [text for text in self.foreign if handler.parse(text) is not None]
        assert not claimed, f"the handler claims {claimed}"

    def test_goals_are_of_the_family(self, handler: GoalHandler, service: Survey, goal: Goal) -> None:
        assert {each.family for each in [goal, *handler.goals(service)]} == {handler.family}

    def test_text_loses_nothing(self, handler: GoalHandler, service: Survey, goal: Goal) -> None:
        for each in [goal, *handler.goals(service)]:
            assert handler.parse(handler.text(each)) == each, f"{handler.text(each)!r} reads back as another goal"

    def test_enumeration_is_repeatable_and_without_duplicates(self, handler: GoalHandler, service: Survey) -> None:
        goals = list(handler.goals(service))
        assert goals == list(handler.goals(service))
        assert goals, "the handler sees no goal on the service"
        assert len(goals) == len(set(goals))

    def test_enumerated_goals_are_bound(self, handler: GoalHandler, service: Survey) -> None:
        for each in handler.goals(service):
            assert handler.bind(each, service) == each

    def test_binding_gives_a_uri_of_the_service(self, handler: GoalHandler, service: Survey, goal: Goal) -> None:
        assert goal.target in set(service.uris())
        assert handler.bind(goal, service) == goal, "binding twice changes the goal"

    def test_unknown_target_is_refused(self, handler: GoalHandler, service: Survey, goal: Goal) -> None:
        with pytest.raises(GoalError):
            handler.bind(goal.model_copy(update={"target": "/no/such/resource"}), service)

    def test_observation_has_the_wanted_keys(self, handler: GoalHandler, service: Survey, goal: Goal) -> None:
        for each in [goal, *handler.goals(service)]:
            wanted = handler.wanted(each)
            assert wanted, f"{each} wants nothing"
            assert set(handler.observe(each, service, service)) == set(wanted)

    def test_goal_is_told_from_its_absence(
        self, handler: GoalHandler, service: Survey, reached: Survey, goal: Goal
    ) -> None:
        wanted = dict(handler.wanted(goal))
        assert dict(handler.observe(goal, service, service)) != wanted, "the goal holds on the untouched service"
        assert dict(handler.observe(goal, reached, service)) == wanted, "the goal does not hold where it was reached"
