"""What igc-redfish offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.hookspecs import hookimpl
from igc_core.specs import (
    AgentSpec,
    BackendSpec,
    CommandSpec,
    EnvironmentSpec,
    GoalHandlerSpec,
    PhrasebookSpec,
)
from igc_redfish.goals import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterable

_SUMMARIES = {
    "power": "Turn a host on or off, or restart it.",
    "boot": "Boot once or always from a source.",
    "bios": "Set BIOS attributes, in force after a restart.",
    "secureboot": "Enable or disable secure boot.",
    "firmware": "Update firmware from an image.",
    "manager": "Restart a management controller.",
    "account": "Create, delete, enable or disable an account, or change its role.",
    "password": "Change the password of an account.",
    "session": "Open or close a session.",
    "media": "Insert or eject virtual media.",
    "log": "Clear a log.",
    "led": "Switch an indicator light.",
    "ntp": "Set or disable network time.",
    "protocol": "Enable or disable a network protocol.",
    "hostname": "Set a host name.",
    "subscription": "Create or delete an event subscription.",
    "volume": "Create or delete a storage volume.",
}


@hookimpl
def igc_goal_handlers() -> Iterable[GoalHandlerSpec]:
    """Offer the goal families."""
    for name, factory in FAMILIES.items():
        yield GoalHandlerSpec(name=name, factory=factory, summary=_SUMMARIES[name], system="redfish")


@hookimpl
def igc_backends() -> Iterable[BackendSpec]:
    """Offer the simulator."""
    yield BackendSpec(
        name="redfish-simulator",
        factory="igc_redfish.backend:simulator",
        summary="A captured or generated Redfish machine, simulated in process.",
    )


@hookimpl
def igc_environments() -> Iterable[EnvironmentSpec]:
    """Offer the decision process."""
    yield EnvironmentSpec(
        name="redfish",
        factory="igc_redfish.process.environment:make",
        batched="igc_redfish.process.environment:make_batched",
        machines="igc_redfish.sources:identities",
        summary="Goals on Redfish machines, by legal requests only.",
    )


@hookimpl
def igc_agents() -> Iterable[AgentSpec]:
    """Offer the agents that need no training."""
    yield AgentSpec(
        name="planner",
        factory="igc_redfish.process.oracles:PlannerAgent",
        summary="Shortest solution with full knowledge of a simulated machine.",
    )
    yield AgentSpec(
        name="script",
        factory="igc_redfish.process.script:ScriptAgent",
        summary="Hand-written rules over what was read.",
    )


@hookimpl
def igc_phrasebooks() -> Iterable[PhrasebookSpec]:
    """Offer what people say when they want one of the goals."""
    yield PhrasebookSpec(
        name="redfish",
        factory="igc_redfish.reading.phrasebook:RedfishPhrasebook",
        summary="How people ask for the goals of Redfish machines.",
    )


@hookimpl
def igc_commands() -> Iterable[CommandSpec]:
    """Offer the commands."""
    yield CommandSpec(
        name="capture",
        factory="igc_redfish.cli.capture:app",
        summary="Crawl services; look at captures, import, check and export them.",
    )
    yield CommandSpec(
        name="goals",
        factory="igc_redfish.cli.goals:app",
        summary="List what a machine can be asked for.",
    )
    yield CommandSpec(
        name="run",
        factory="igc_redfish.cli.run:app",
        summary="Reach a goal on a machine, simulated or real.",
    )
    yield CommandSpec(
        name="fleet",
        factory="igc_redfish.cli.fleet:app",
        summary="Reach a goal on many real hosts.",
    )
    yield CommandSpec(name="serve", factory="igc_redfish.cli.serve:app", summary="Serve machines over HTTP, like BMCs.")
