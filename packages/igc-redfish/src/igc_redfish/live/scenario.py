"""A goal on a real host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.live.errors import LiveError
from igc_redfish.live.sight import UnobservableError
from igc_redfish.process.rows import Rows
from igc_redfish.process.scenario import Progress, Scenario
from igc_redfish.process.trial import Trial

if TYPE_CHECKING:
    from igc_core.models import AnyGoal
    from igc_core.protocols import Reader
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.live.ground import LiveGround
    from igc_redfish.process.ground import Step
    from igc_redfish.process.recollection import Recollection


class LiveScenario(Scenario):
    """A goal on a real host. Where the host does not show what a judgement needs, the goal counts as not reached."""

    def _judge(self, world: int, stage: int) -> Progress:
        try:
            return super()._judge(world, stage)
        except UnobservableError:
            if world == self.start:
                raise
            nothing = (0,) * len(self.desired)
            return Progress(
                stage, 0.0, reached=False, achieved=nothing, open=tuple(range(len(self.parts))), failed=False
            )


def begin_live(
    goal: AnyGoal,
    ground: LiveGround,
    book: GoalBook,
    *,
    memory: Recollection | None = None,
    rows: Rows | None = None,
) -> Trial:
    """Begin an episode on a real host, in the state in which it is found.

    Nothing that an agent sees tells it that the host is real, but that a view has no ``simulation``.

    Args:
        goal: A goal bound on the host's capture.
        ground: The host.
        book: The goal handlers.
        memory: What earlier episodes learned about the host, and what this one adds to; none if None.
        rows: Where descriptions are kept; tables of its own if None.

    Returns:
        A session for :func:`igc_core.run_episode`.

    Raises:
        LiveError: The host does not show what the goal is about.
    """
    scenario = LiveScenario(ground, goal, book, ground.world, rows or Rows())

    def observed(reader: Reader) -> object:
        before = ground.reader(scenario.start)
        return [dict(book.observe(part, reader, before)) for part in goal.parts]

    def perform(world: int, action: int) -> Step:
        described = ground.actions[action]
        if scenario.strays(world, action):
            raise LiveError(
                f"{described.request.method} {described.request.uri} is not about what the goal means",
                code="live-astray",
                hint="nothing was sent; name the goal's target, or report it as a bug of the agent's shield",
            )
        return ground.step(world, action)

    ground.watch(observed)
    return Trial(scenario, perform=perform, memory=memory)
