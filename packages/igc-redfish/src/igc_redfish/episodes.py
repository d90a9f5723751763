"""From a goal's text and a machine's name to an episode that an agent can act in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.process.engine import Engine
from igc_redfish.process.scenario import Rows, Scenario
from igc_redfish.process.trial import Trial
from igc_redfish.sources import goal_book, machines

if TYPE_CHECKING:
    from igc_core.plugins import PluginManager


def begin(goal: str, machine: str, *, plugins: PluginManager | None = None) -> Trial:
    """Begin an episode of one goal on one machine, in the state in which it was captured.

    Args:
        goal: What is wanted, e.g. ``"power off"``.
        machine: A capture's path or name, or ``generated:SEED``.
        plugins: Where the goal handlers come from; all installed plugins if None.

    Returns:
        A session for :func:`igc_core.run_episode`.

    Raises:
        GoalError: The goal is unknown, cannot be understood, or cannot be expressed on the machine.
        CaptureError: The machine is missing or cannot be read.
    """
    book = goal_book(plugins)
    wanted = book.parse(goal)
    (opened,) = machines([machine])
    engine = Engine(opened, list(book))
    return Trial(Scenario(engine, book.bind(wanted, engine.reader(0)), book, 0, Rows()))
