"""From a goal's text and a machine's name to an episode that an agent can act in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast, overload

from igc_core.encoding import same_encoder
from igc_core.errors import GoalError
from igc_core.redaction import mentions_secret, redact_text, secrets_in
from igc_redfish.identity import identity_of
from igc_redfish.process.engine import Engine
from igc_redfish.process.memory_file import MemoryStore
from igc_redfish.process.rows import Rows
from igc_redfish.process.scenario import Scenario
from igc_redfish.process.trial import Trial
from igc_redfish.reading.reading import MachineReader
from igc_redfish.sources import goal_book, only_machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from igc_core.models import AnyGoal, EncoderIdentity
    from igc_core.plugins import PluginManager
    from igc_core.protocols import GoalReader
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.reading.reading import Reading

#: An argument as goals word it; who writes so means the words of the families.
_ASSIGNED = re.compile(r"(?<!\S)\w+=")


def begin(
    goal: str,
    machine: str,
    *,
    plugins: PluginManager | None = None,
    memory: Path | None = None,
    encoder: EncoderIdentity | None = None,
    reader: GoalReader | None = None,
    understood_as: Callable[[Reading], None] | None = None,
) -> Trial:
    """Begin an episode of one goal on one machine, in the state in which it was captured.

    Args:
        goal: What is wanted, e.g. ``"power off"``.
        machine: A capture's path or name, or ``generated:SEED``.
        plugins: Where the goal handlers come from; all installed plugins if None.
        memory: File of what earlier episodes learned about the machine; :func:`remember` adds to it.
        encoder: The encoder that the agent learned with, where it did with one: the agent's ``encoder``.
        reader: Reads goals that are worded freely; none are read if None.
        understood_as: Told what such a goal was taken for.

    Returns:
        A session for :func:`igc_core.run_episode`.

    Raises:
        GoalError: The goal is unknown, cannot be understood, or cannot be expressed on the machine.
        DataError: The text names several machines.
        CaptureError: The machine is missing or cannot be read.
        DataError: The memory cannot be read, or is of another machine.
        AgentError: What has the encoder's name now is another one.
    """
    book = goal_book(plugins)
    wanted = understood(goal, book, plugins, freely=reader is not None)
    engine = Engine(only_machine(machine), list(book))
    if wanted is not None:
        bound = book.bind(wanted, engine.reader(0))
    else:
        reading = MachineReader(cast("GoalReader", reader), book, engine.reader(0)).read(goal)
        bound = reading.goal
        if understood_as is not None:
            understood_as(reading)
    scenario = Scenario(engine, bound, book, 0, _rows(encoder, plugins))
    recalled = _store(memory, scenario).recall(engine) if memory is not None else None
    return Trial(scenario, memory=recalled)


def _rows(encoder: EncoderIdentity | None, plugins: PluginManager | None) -> Rows:
    return Rows() if encoder is None else Rows(same_encoder(encoder, plugins), encoder)


def remember(trial: Trial, memory: Path) -> None:
    """Write what an episode learned about its machine, for the next one.

    Args:
        trial: An episode that :func:`begin` began with the same file.
        memory: The file.

    Raises:
        DataError: The file cannot be written.
    """
    if trial.memory is not None:
        _store(memory, trial.scenario).keep(trial.memory, trial.scenario.engine)


def _store(memory: Path, scenario: Scenario) -> MemoryStore:
    machine = scenario.engine.machine
    return MemoryStore(memory, identity_of(machine.get) or f"capture:{machine.capture.digest}")


def worded(goal: str, trial: Trial) -> str:
    """Return a goal's text as it may be shown: as it was given, or worded anew and masked where it holds a secret.

    Args:
        goal: What was asked of :func:`begin`.
        trial: The episode that it began.
    """
    understood = trial.scenario.goal
    secret = any(secrets_in(part.arguments) for part in understood.parts) or mentions_secret(goal)
    return trial.scenario.book.shown(understood) if secret else redact_text(goal)


@overload
def understood(text: str, book: GoalBook, plugins: PluginManager | None) -> AnyGoal: ...


@overload
def understood(text: str, book: GoalBook, plugins: PluginManager | None, *, freely: bool) -> AnyGoal | None: ...


def understood(text: str, book: GoalBook, plugins: PluginManager | None, *, freely: bool = False) -> AnyGoal | None:
    """Read a goal in the words of the families, else as any plugin understands it.

    Args:
        text: The text.
        book: The goal handlers.
        plugins: Who may understand other texts.
        freely: Whether there is a reader of free words, who is asked for what nobody else understands.

    Returns:
        The goal, or None for a text that is left to that reader: one without ``name=value``.

    Raises:
        GoalError: Nobody understands it.
    """
    try:
        return book.parse(text)
    except GoalError as error:
        # Only a text that no family claims is anybody else's: a typing error in a known one is told as such.
        if plugins is not None and error.code == "goal-unknown-family":
            goal: AnyGoal | None = plugins.hook.igc_parse_goal(text=text)
            if goal is not None:
                return goal
        if freely and not _ASSIGNED.search(text):
            return None
        raise
