"""From a goal's text and a machine's name to an episode that an agent can act in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.errors import GoalError
from igc_core.redaction import mentions_secret, redact_text, secrets_in
from igc_redfish.process.engine import Engine
from igc_redfish.process.rows import Rows
from igc_redfish.process.scenario import Scenario
from igc_redfish.process.trial import Trial
from igc_redfish.sources import goal_book, only_machine

if TYPE_CHECKING:
    from igc_core.models import AnyGoal
    from igc_core.plugins import PluginManager
    from igc_redfish.goals.book import GoalBook


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
        DataError: The text names several machines.
        CaptureError: The machine is missing or cannot be read.
    """
    book = goal_book(plugins)
    wanted = _understood(goal, book, plugins)
    engine = Engine(only_machine(machine), list(book))
    return Trial(Scenario(engine, book.bind(wanted, engine.reader(0)), book, 0, Rows()))


def worded(goal: str, trial: Trial) -> str:
    """Return a goal's text as it may be shown: as it was given, or worded anew and masked where it holds a secret.

    Args:
        goal: What was asked of :func:`begin`.
        trial: The episode that it began.
    """
    understood = trial.scenario.goal
    secret = any(secrets_in(part.arguments) for part in understood.parts) or mentions_secret(goal)
    return trial.scenario.book.shown(understood) if secret else redact_text(goal)


def _understood(text: str, book: GoalBook, plugins: PluginManager | None) -> AnyGoal:
    """Read a goal in the words of the families, else as any plugin understands it."""
    try:
        return book.parse(text)
    except GoalError as error:
        # Only a text that no family claims is anybody else's: a typing error in a known one is told as such.
        if plugins is None or error.code != "goal-unknown-family":
            raise
        goal: AnyGoal | None = plugins.hook.igc_parse_goal(text=text)
        if goal is None:
            raise
        return goal
