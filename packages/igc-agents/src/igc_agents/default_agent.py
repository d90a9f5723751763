"""The agent that comes with this package: trained by ``recipes/shipped.toml``, ready for machines that it never saw."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from igc_agents.agents import PolicyAgent

#: Name under which it is known.
DEFAULT = "default"


def folder() -> Path:
    """Folder of its weights and of the manifest that tells how they were made."""
    return Path(str(files("igc_agents") / "shipped"))


def load(**options: Any) -> PolicyAgent:
    """Load it.

    Args:
        **options: Those of :meth:`igc_agents.agents.PolicyAgent.load`, but the path.

    Raises:
        AgentError: The environment's codec is another than the one that it was trained with.
    """
    return PolicyAgent.load(folder(), **options)
