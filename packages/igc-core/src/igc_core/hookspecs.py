"""Every hook of the SDK. The docstrings are the reference.

A plugin is a module that an entry point of the group ``igc`` names; it marks functions of these names with
:data:`hookimpl` and imports nothing but this module and :mod:`igc_core.specs`. It may leave out arguments it does not
need.
"""

# A hook specification has a signature and a docstring, and no body.
# pyright: reportReturnType=false
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from igc_core.episode import Episode, Outcome, Session, Transition
    from igc_core.models import AnyGoal
    from igc_core.protocols import Action, View
    from igc_core.settings import Settings
    from igc_core.specs import (
        AgentSpec,
        BackendSpec,
        CommandSpec,
        EncoderSpec,
        EnvironmentSpec,
        GoalHandlerSpec,
        GoalReaderSpec,
        PhrasebookSpec,
    )

#: Name of the pluggy project and of the entry-point group.
PROJECT = "igc"

hookspec = pluggy.HookspecMarker(PROJECT)
#: Marks a function of a plugin as the implementation of the hook of that name.
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def igc_backends() -> Iterable[BackendSpec]:
    """Offer ways to reach REST services.

    Called once, when the first backend is asked for.

    Returns:
        Specs; a name that another plugin offers too is an error that names both.
    """


@hookspec
def igc_encoders() -> Iterable[EncoderSpec]:
    """Offer state encoders.

    Called once, when the first encoder is asked for.

    Returns:
        Specs; a name that another plugin offers too is an error that names both.
    """


@hookspec
def igc_goal_handlers() -> Iterable[GoalHandlerSpec]:
    """Offer goal families.

    Called once, when the first goal handler is asked for.

    Returns:
        Specs; a name that another plugin offers too is an error that names both.
    """


@hookspec
def igc_agents() -> Iterable[AgentSpec]:
    """Offer decision makers.

    Called once, when the first agent is asked for.

    Returns:
        Specs; a name that another plugin offers too is an error that names both.
    """


@hookspec
def igc_environments() -> Iterable[EnvironmentSpec]:
    """Offer decision processes.

    Called once, when the first environment is asked for.

    Returns:
        Specs; a name that another plugin offers too is an error that names both.
    """


@hookspec
def igc_goal_readers() -> Iterable[GoalReaderSpec]:
    """Offer readers of goals in anybody's words.

    Called once, when the first goal reader is asked for. Unlike :func:`igc_parse_goal`, which knows a text alone, a
    reader chooses among what the machine at hand can be asked for.

    Returns:
        Specs; a name that another plugin offers too is an error that names both.
    """


@hookspec
def igc_phrasebooks() -> Iterable[PhrasebookSpec]:
    """Offer examples of how people ask for the plugin's goals.

    Called once, when the first phrasebook is asked for: when a goal reader is trained.

    Returns:
        Specs; a name that another plugin offers too is an error that names both.
    """


@hookspec
def igc_commands() -> Iterable[CommandSpec]:
    """Offer commands of the ``igc`` program.

    Called at every start of the program. The command's module is imported only when the command runs, so its help in
    ``igc --help`` is the spec's summary.

    Returns:
        Specs; a name that another plugin offers too is an error that names both.
    """


@hookspec(historic=True)
def igc_configure(settings: Settings) -> None:
    """Receive the settings.

    Called once for each plugin: when the settings are known, and at once for plugins registered later.

    Args:
        settings: The user's settings; a plugin finds its own under ``settings.options``.
    """


@hookspec(firstresult=True)
def igc_parse_goal(text: str) -> AnyGoal | None:
    """Read a goal out of a text.

    The core asks the goal handlers in the order of their names. A plugin that understands freer language marks its
    implementation ``trylast``, so that it is asked only when no handler claims the text.

    Args:
        text: What the user asks for.

    Returns:
        The goal, or None to leave the text to the others. The first goal stops the search.
    """


@hookspec(firstresult=True)
def igc_veto(action: Action, view: View) -> str | None:
    """Refuse an action before it is sent.

    Called before every request of an episode. The first plugin to return a reason stops the action; guards mark
    themselves ``tryfirst``.

    Args:
        action: The request about to be issued.
        view: What the agent knew when it chose.

    Returns:
        Why the action must not run, or None to abstain.
    """


@hookspec(firstresult=True)
def igc_perform(session: Session, action: Action, index: int) -> Transition | None:
    """Perform an action.

    The core's own implementation, last in order, calls ``session.perform(index)``. Tracing, retries and recording are
    wrappers (``@hookimpl(wrapper=True)``) that see the result or the exception.

    Args:
        session: The episode's service.
        action: The request to be issued.
        index: The action's place in ``view.actions``.

    Returns:
        What happened, or None to leave the action to the next implementation.
    """


@hookspec
def igc_episode_started(episode: Episode) -> None:
    """Learn that an episode begins.

    Called by every plugin, in no promised order, before the first observation.

    Args:
        episode: What is to be done.
    """


@hookspec
def igc_episode_ended(episode: Episode, outcome: Outcome) -> None:
    """Learn how an episode ended.

    Called by every plugin, in no promised order, also when the episode was stopped by an error.

    Args:
        episode: What was to be done.
        outcome: What was done; secrets are masked.
    """
