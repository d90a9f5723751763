"""Who is evaluated: agents by name, and trained agents of one recipe and several seeds."""

from __future__ import annotations

from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igc_agents import default_agent, saving
from igc_agents.agents import ExpertAgent, PolicyAgent
from igc_agents.imitation import Labeller
from igc_agents.shape import CodecIdentity
from igc_core.encoding import same_encoder
from igc_core.errors import AgentError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from igc_core.models import EncoderIdentity
    from igc_core.plugins import PluginManager
    from igc_core.protocols import BatchedEnvironment

#: What does all that is optimal, where the environment knows.
EXPERT = "expert"
_MANIFEST, _AGENT = "agent.json", "agent"


@dataclass(frozen=True, slots=True)
class Subject:
    """An agent to evaluate, which may have been trained several times.

    Attributes:
        name: How tables call it.
        runs: Folders of trained agents, or one name of an agent.
    """

    name: str
    runs: tuple[str, ...]


def read_subjects(texts: Iterable[str]) -> list[Subject]:
    """Read who is to be evaluated.

    Args:
        texts: Each ``[NAME=]AGENT[,AGENT...]``, where ``AGENT`` is the name of an agent, the folder of a trained one or
            of the run that made it, or a pattern of such folders. Several are trainings of one agent.

    Raises:
        AgentError: A pattern matches nothing, or two agents have the same name.
    """
    found = [_subject(text) for text in texts]
    names = [subject.name for subject in found]
    for subject in found:
        if names.count(subject.name) > 1:
            raise AgentError(
                f"two agents are called {subject.name!r}",
                code="agent-incompatible",
                hint="name them: NAME=FOLDER; several trainings of one agent are NAME=FOLDER,FOLDER",
            )
    return found


def _subject(text: str) -> Subject:
    name, equals, listed = text.rpartition("=") if not Path(text).is_dir() else ("", "", text)
    runs = tuple(found for part in listed.split(",") if part for found in _matching(part))
    if not runs or (equals and not name):
        hint = "write NAME=FOLDER,FOLDER or the name of an agent"
        raise AgentError(f"no agent is named by {text!r}", code="agent-missing", hint=hint)
    return Subject(name or _usual_name(runs), runs)


def _matching(part: str) -> list[str]:
    if not any(sign in part for sign in "*?["):
        return [_folder(part)]
    found = [_folder(path) for path in sorted(glob(part)) if Path(path).is_dir()]  # noqa: PTH207 - the pattern may be absolute
    if not found:
        raise AgentError(f"no folder matches {part!r}", code="agent-missing", hint="train an agent: `igc train`")
    return found


def _folder(part: str) -> str:
    """Take the agent that lies in a run folder for the folder itself, and the name of the usual one for its folder."""
    if part == default_agent.DEFAULT:
        return str(default_agent.folder())
    inner = Path(part) / _AGENT
    return str(inner) if (inner / _MANIFEST).is_file() else part


def _usual_name(runs: tuple[str, ...]) -> str:
    """Name an agent after the run that made it."""
    path = Path(runs[0])
    if not path.is_dir():
        return runs[0]
    if path == default_agent.folder():
        return default_agent.DEFAULT
    return path.resolve().parent.name if path.name == _AGENT else path.name


def encoder_of(subjects: Iterable[Subject]) -> EncoderIdentity | None:
    """Tell which encoder trained agents learned with; None where they did without.

    Raises:
        AgentError: They learned with several, or with one that has no name, or an agent's files are damaged.
    """
    folders = [Path(run) for subject in subjects for run in subject.runs if (Path(run) / _MANIFEST).is_file()]
    found = {folder: saving.read_manifest(folder).encoder for folder in folders}
    first = next((one for one in found.values() if one is not None), None)
    if first is None:
        return None
    for folder, one in found.items():
        if one is None or one.fingerprint != first.fingerprint:
            which = "without an encoder" if one is None else f"with another encoder ({one.fingerprint})"
            raise AgentError(
                f"the agent {folder} learned {which} than {first.name!r} ({first.fingerprint})",
                code="agent-incompatible",
                hint="evaluate agents of different encoders one by one, with the same seed",
            )
    same_encoder(first)
    return first


def demand_agents(subjects: Iterable[Subject], plugins: PluginManager) -> None:
    """Make sure, before long work, that there are all agents that will be asked for.

    Raises:
        AgentError: A folder holds no agent.
        PluginError: There is no agent of a name.
    """
    for run in (run for subject in subjects for run in subject.runs):
        if Path(run).is_dir() or "/" in run:
            saving.read_manifest(Path(run))
        elif run != EXPERT:
            plugins.find("agent", run)


def build_agent(
    name: str, environment: BatchedEnvironment, plugins: PluginManager, *, deterministic: bool = True
) -> Any:
    """Build the agent of a name, or load it from a folder.

    Raises:
        AgentError: There is no such folder, or the agent does not fit the environment.
        PluginError: There is no agent of that name.
    """
    if Path(name).is_dir() or "/" in name:
        layout, codec = getattr(environment, "layout", None), CodecIdentity.of(environment)
        return PolicyAgent.load(name, layout=layout, codec=codec, deterministic=deterministic)
    if name != EXPERT:
        return plugins.build("agent", name)
    if not isinstance(environment, Labeller):
        raise AgentError("the environment does not tell what is optimal", code="agent-incompatible")
    return ExpertAgent(environment)
