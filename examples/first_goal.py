"""Reach a goal on a machine that was never built: ``python examples/first_goal.py [GOAL] [MACHINE] [AGENT]``."""

from __future__ import annotations

import sys

from igc_core import PluginManager, run_episode
from igc_redfish.episodes import begin


def main(goal: str = "power off", machine: str = "generated:3", agent: str = "script") -> int:
    """Run one episode and show its requests."""
    plugins = PluginManager.from_environment()
    session = begin(goal, machine, plugins=plugins)
    outcome = run_episode(plugins.build("agent", agent), session, plugins=plugins, seed=7)
    for step in outcome.steps:
        print(step.status, step.request.method, step.request.uri, step.request.body or "")
    print("reached and verified" if outcome.success else "not reached", f"in {len(outcome.steps)} requests")
    return 0 if outcome.success else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
