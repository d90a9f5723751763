"""igc: agents that reach goals on infrastructure through its REST APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core._lazy import exports

if TYPE_CHECKING:
    from igc_core.env import Codec as Codec
    from igc_core.env import GoalCodec as GoalCodec
    from igc_core.env import GoalEnvironment as GoalEnvironment
    from igc_core.episode import Episode as Episode
    from igc_core.episode import Outcome as Outcome
    from igc_core.episode import Session as Session
    from igc_core.episode import Step as Step
    from igc_core.episode import Transition as Transition
    from igc_core.episode import run_episode as run_episode
    from igc_core.errors import IgcError as IgcError
    from igc_core.hookspecs import hookimpl as hookimpl
    from igc_core.loading import load as load
    from igc_core.models import CompositeGoal as CompositeGoal
    from igc_core.models import Goal as Goal
    from igc_core.plugins import PluginManager as PluginManager
    from igc_core.protocols import Action as Action
    from igc_core.protocols import Agent as Agent
    from igc_core.protocols import Backend as Backend
    from igc_core.protocols import GoalHandler as GoalHandler
    from igc_core.protocols import StateEncoder as StateEncoder
    from igc_core.protocols import View as View
    from igc_core.rest import Request as Request
    from igc_core.rest import Response as Response
    from igc_core.runs import RunFolder as RunFolder
    from igc_core.settings import Settings as Settings

_MODULES = {
    "Action": "protocols",
    "Agent": "protocols",
    "Backend": "protocols",
    "Codec": "env",
    "CompositeGoal": "models",
    "Episode": "episode",
    "Goal": "models",
    "GoalCodec": "env",
    "GoalEnvironment": "env",
    "GoalHandler": "protocols",
    "IgcError": "errors",
    "Outcome": "episode",
    "PluginManager": "plugins",
    "Request": "rest",
    "Response": "rest",
    "RunFolder": "runs",
    "Session": "episode",
    "Settings": "settings",
    "StateEncoder": "protocols",
    "Step": "episode",
    "Transition": "episode",
    "View": "protocols",
    "hookimpl": "hookspecs",
    "load": "loading",
    "run_episode": "episode",
}
__getattr__, __dir__ = exports(__name__, _MODULES)
