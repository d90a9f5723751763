"""What igc-agents offers. Light: no component is imported here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.hookspecs import hookimpl
from igc_core.specs import AgentSpec, CommandSpec, EnvironmentSpec

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def igc_agents() -> Iterable[AgentSpec]:
    """Offer what needs no knowledge of a kind of service."""
    yield AgentSpec(
        name="ppo", factory="igc_agents.agents:PolicyAgent.load", summary="Act by a policy that igc train made."
    )
    yield AgentSpec(
        name="default",
        factory="igc_agents.default_agent:load",
        summary="Act by the trained policy that comes with igc-agents; knows Redfish machines of any vendor.",
    )
    yield AgentSpec(name="random", factory="igc_agents.agents:RandomAgent", summary="Draw any legal action.")


@hookimpl
def igc_environments() -> Iterable[EnvironmentSpec]:
    """Offer a process to try learners on."""
    yield EnvironmentSpec(
        name="corridor",
        factory="igc_agents.corridor_session:environment",
        batched="igc_agents.corridor:Corridor",
        summary="Find a door; small enough to check a learner on.",
    )


@hookimpl
def igc_commands() -> Iterable[CommandSpec]:
    """Offer the commands."""
    yield CommandSpec(name="train", factory="igc_agents.cli.train:app", summary="Train an agent.")
    yield CommandSpec(name="evaluate", factory="igc_agents.cli.evaluate:app", summary="Measure how good agents are.")
    yield CommandSpec(
        name="crossvalidate",
        factory="igc_agents.cli.crossvalidate:app",
        summary="Train without each group of machines in turn, and evaluate on it.",
    )
    yield CommandSpec(
        name="report", factory="igc_agents.cli.report:app", summary="Show evaluations as tables, a page or pictures."
    )
    yield CommandSpec(
        name="demo", factory="igc_agents.cli.demo:app", summary="Train a small agent and watch it on an unseen machine."
    )
