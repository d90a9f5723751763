"""A goal on a real host."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from igc_redfish.live.errors import LiveError, UnobservableError
from igc_redfish.live.ground import Watch
from igc_redfish.live.purpose import Purpose
from igc_redfish.process.lexicon import operation_of
from igc_redfish.process.rows import Rows
from igc_redfish.process.scenario import Progress, Scenario
from igc_redfish.process.trial import Trial

if TYPE_CHECKING:
    from igc_core.models import AnyGoal
    from igc_core.protocols import Reader
    from igc_core.rest import Json
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.live.ground import Key, LiveGround
    from igc_redfish.process.ground import Step
    from igc_redfish.process.recollection import Recollection

logger = logging.getLogger(__name__)


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

    Nothing that an agent sees tells it that the host is real, but that a view has no ``simulation``. A change that is
    not about the goal, or that was not allowed, is answered like one that the host forbids, and never sent. Who chooses
    an operation that was not allowed a second time has no other way, and is stopped.

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
    purpose, stopped = Purpose(scenario), set[str]()
    ground.watch(_watch_of(scenario))

    def perform(world: int, action: int) -> Step:
        reason = purpose.missed(world, action)
        if reason:
            logger.warning("%s was not sent: %s", ground.actions[action].request, reason)
            return ground.refuse(reason)
        try:
            return ground.step(world, action)
        except LiveError as error:
            operation = operation_of(ground.actions[action])
            if error.code != "live-not-allowed" or operation in stopped:
                raise
            stopped.add(operation)
            logger.warning("%s", error)
            return ground.refuse(error.message)

    return Trial(scenario, perform=perform, memory=memory)


def _watch_of(scenario: Scenario) -> Watch:
    """Watch the values of a goal's property paths."""
    parts = list(enumerate(scenario.goal.parts))

    def observe(reader: Reader) -> dict[Key, Json]:
        before = scenario.engine.reader(scenario.start)
        found = ((place, scenario.book.observe(part, reader, before)) for place, part in parts)
        return {(place, path): value for place, values in found for path, value in values.items()}

    wanted = {(place, path): value for place, values in enumerate(scenario.wanted) for path, value in values.items()}
    return Watch(observe, wanted)
