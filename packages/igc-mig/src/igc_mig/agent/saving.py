"""Agents on disk: ``agent.json`` says what the agent is, ``weights.safetensors`` holds its weights. Nothing else."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import safetensors.numpy
from pydantic import Field, JsonValue, ValidationError
from safetensors import SafetensorError

from igc_core.errors import AgentError
from igc_core.files import write_atomically
from igc_core.models import Model
from igc_mig.agent.features import Features
from igc_mig.agent.network import MlpNetwork, SetNetwork
from igc_mig.environment import MigEnvironment
from igc_mig.geometry import gpu

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

#: Version of the files' form; others are refused.
FORMAT = 2
MANIFEST, WEIGHTS = "agent.json", "weights.safetensors"


class Network(Protocol):
    """Scores actions."""

    def logits(self, observation: Any) -> NDArray[np.float32]:
        """Score the actions of many states, shape ``(B, actions)``."""
        ...


class AgentManifest(Model):
    """What an agent is, and how it came about.

    Attributes:
        format: Version of the files' form.
        gpu: Model that it was trained for.
        environment: Options of its environment that decide what it sees and may do.
        training: How it was trained.
        versions: Versions of the packages that made it.
        weights_sha256: Hash of the file of weights.
    """

    format: int = FORMAT
    gpu: str
    environment: dict[str, JsonValue]
    training: dict[str, JsonValue] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
    weights_sha256: str = ""


@dataclass(frozen=True, slots=True)
class SavedAgent:
    """An agent that was loaded.

    Attributes:
        manifest: What it is.
        network: Scores actions.
    """

    manifest: AgentManifest
    network: Network


def write(folder: Path, weights: Mapping[str, NDArray[np.float32]], manifest: AgentManifest) -> None:
    """Write an agent's two files into a folder that exists; the hash of the weights is filled in."""
    content = safetensors.numpy.save(dict(weights))
    write_atomically(folder / WEIGHTS, content)
    filled = manifest.model_copy(update={"weights_sha256": hashlib.sha256(content).hexdigest()})
    write_atomically(folder / MANIFEST, filled.model_dump_json(indent=1) + "\n")


def shipped() -> Path:
    """Folder of the agent that comes with the package."""
    return Path(str(resources.files("igc_mig") / "shipped"))


def load(folder: Path) -> SavedAgent:
    """Load an agent.

    Raises:
        AgentError: There is no agent, or its files are damaged.
    """
    manifest, weights = read_manifest(folder), read_weights(folder)
    try:
        return SavedAgent(manifest, _network(manifest, weights))
    except (KeyError, ValueError) as error:
        raise _corrupt(f"the weights in {folder} are not those of its manifest: {error}") from error


def read_manifest(folder: Path) -> AgentManifest:
    """Read what an agent is.

    Raises:
        AgentError: There is no agent, its manifest is damaged, or it is of another version.
    """
    path = folder / MANIFEST
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AgentError(
            f"there is no agent in {folder}: {error.strerror}",
            code="agent-missing",
            hint=f"an agent is a folder with {MANIFEST} and {WEIGHTS}",
        ) from error
    try:
        stated: Any = json.loads(content)
        version = cast("dict[str, Any]", stated).get("format") if isinstance(stated, dict) else None
        if version not in (FORMAT, None):
            raise AgentError(
                f"the agent {folder} is of format {version!r}, and this version reads {FORMAT}",
                code="agent-incompatible",
                hint="train it anew, or install the version of igc-mig that made it",
            )
        return AgentManifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise _corrupt(
            f"{path} is no manifest: the field {'.'.join(map(str, first['loc']))}: {first['msg']}"
        ) from error
    except ValueError as error:
        raise _corrupt(f"{path} is not JSON: {error}") from error


def read_weights(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Read an agent's weights.

    Raises:
        AgentError: They are missing, damaged, or hold what is no number.
    """
    path = folder / WEIGHTS
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AgentError(f"cannot read {path}: {error.strerror}", code="agent-missing") from error
    if hashlib.sha256(content).hexdigest() != read_manifest(folder).weights_sha256:
        raise _corrupt(f"{path} is not the file that its manifest speaks of")
    try:
        weights: dict[str, NDArray[np.float32]] = safetensors.numpy.load(content)
    except SafetensorError as error:
        raise _corrupt(f"{path} is not a safetensors file: {error}") from error
    for name, values in weights.items():
        if not np.isfinite(values).all():
            raise _corrupt(f"{path}: the field {name} holds what is no number")
    return weights


def _network(manifest: AgentManifest, weights: Mapping[str, NDArray[np.float32]]) -> Network:
    if manifest.environment.get("observation", "set") == "set":
        network = SetNetwork(Features(gpu(manifest.gpu)), weights)
        network.demand_complete()
        return network
    options: dict[str, Any] = {**manifest.environment, "gpu": manifest.gpu}
    return MlpNetwork(MigEnvironment(**options).observation_space, weights)


def _corrupt(message: str) -> AgentError:
    return AgentError(message, code="agent-corrupt", hint="train it anew, or copy it again")
