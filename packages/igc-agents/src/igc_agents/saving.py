"""Agents on disk: ``agent.json`` says what the agent is, ``weights.safetensors`` holds its weights. Nothing else.

Neither file can carry code. An agent takes its place complete or not at all, and never another's unless told to.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import safetensors.torch
from pydantic import Field, JsonValue, TypeAdapter, ValidationError
from safetensors import SafetensorError

from igc_agents.policy import AnyPolicy, build_policy
from igc_agents.shape import AnyShape, CodecIdentity
from igc_agents.size import NetworkSize
from igc_core.errors import AgentError, DataError
from igc_core.files import write_atomically
from igc_core.models import EncoderIdentity, Model

if TYPE_CHECKING:
    from torch import Tensor

#: Version of the files' form. Agents of other versions are refused.
FORMAT = 1
MANIFEST, WEIGHTS = "agent.json", "weights.safetensors"
_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)
_NOTED = ("igc-core", "igc-agents", "sb3-contrib", "stable-baselines3", "torch", "numpy")


class AgentManifest(Model):
    """What an agent is, and how it came about.

    Attributes:
        format: Version of the files' form.
        codec: What its observations are made by.
        encoder: What made the vectors in them, where there are any.
        shape: What its observations look like.
        size: How large its network is.
        seeds: Every seed of its training, by what it seeded.
        versions: Versions of the packages that made it.
        training: Summary of its training.
        weights_sha256: Hash of the file of weights.
    """

    format: int = FORMAT
    codec: CodecIdentity
    encoder: EncoderIdentity | None = None
    shape: AnyShape
    size: NetworkSize
    seeds: dict[str, int] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
    training: dict[str, JsonValue] = Field(default_factory=dict)
    weights_sha256: str = ""


@dataclass(frozen=True, slots=True)
class SavedAgent:
    """An agent that was loaded."""

    manifest: AgentManifest
    policy: AnyPolicy


def installed_versions() -> dict[str, str]:
    """Versions of the packages that decide what an agent becomes."""
    return {name: metadata.version(name) for name in _NOTED}


def write(folder: Path, policy: AnyPolicy, manifest: AgentManifest) -> None:
    """Write an agent's two files into a folder.

    Args:
        folder: An existing folder; its files of these names are replaced.
        policy: The policy.
        manifest: What it is; the hash of the weights is filled in.
    """
    content = safetensors.torch.save(policy.weights())
    digest = hashlib.sha256(content).hexdigest()
    write_atomically(folder / WEIGHTS, content)
    filled = manifest.model_copy(update={"weights_sha256": digest})
    write_atomically(folder / MANIFEST, filled.model_dump_json(indent=2) + "\n")


def save(folder: Path, policy: AnyPolicy, manifest: AgentManifest, *, overwrite: bool = False) -> None:
    """Save an agent as a folder of its own.

    Args:
        folder: Where; made where it is missing.
        policy: The policy.
        manifest: What it is; the hash of the weights is filled in.
        overwrite: Whether to take the place of an agent that is there.

    Raises:
        DataError: Something is there already, or the folder cannot be written.
    """
    if folder.exists() and not (overwrite and (folder / MANIFEST).is_file()):
        raise DataError(f"{folder} exists already", code="data-exists", hint="choose another folder")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise DataError(f"cannot write {folder}: {error.strerror}", code="data-missing") from error
    old = draft.with_name(f"{draft.name}-old")
    try:
        write(draft, policy, manifest)
        draft.chmod(0o755)
        _take_place(draft, folder, old)
    except OSError as error:
        raise DataError(f"cannot write {folder}: {error.strerror or error}", code="data-missing") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _take_place(draft: Path, folder: Path, old: Path) -> None:
    """Put a folder where another may be, which is kept until the new one stands, and put back if it cannot.

    Args:
        draft: The new folder.
        folder: Where it belongs.
        old: Where the one that is there waits meanwhile.
    """
    if not folder.exists():
        draft.rename(folder)
        return
    folder.rename(old)
    try:
        draft.rename(folder)
    except BaseException:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def load(folder: Path, *, codec: CodecIdentity | None = None) -> SavedAgent:
    """Load an agent.

    Args:
        folder: Where it was saved.
        codec: What will make its observations, to be refused unless it fits; None to leave that to the caller.

    Raises:
        AgentError: There is no agent, its files are damaged, or it does not fit.
    """
    manifest = read_manifest(folder)
    if codec is not None and codec != manifest.codec:
        raise AgentError(
            f"the agent {folder} reads observations of the codec {manifest.codec.name!r} "
            f"({manifest.codec.fingerprint}), not of {codec.name!r} ({codec.fingerprint})",
            code="agent-incompatible",
            hint="use the codec and the versions it was trained with, or train it anew",
        )
    weights = _read_weights(folder / WEIGHTS, manifest.weights_sha256)
    try:
        policy = build_policy(manifest.shape, manifest.size)
        policy.set_weights(weights)
    except (RuntimeError, KeyError, ValueError) as error:
        raise AgentError(
            f"the weights in {folder} are not those of its manifest", code="agent-corrupt", hint="train it anew"
        ) from error
    policy.set_training_mode(False)
    return SavedAgent(manifest, policy)


def read_manifest(folder: Path) -> AgentManifest:
    """Read what an agent is.

    Raises:
        AgentError: There is no agent, its manifest is damaged, or it is of another version.
    """
    path = folder / MANIFEST
    try:
        content = path.read_bytes()
    except OSError as error:
        inner = folder / "agent" if (folder / "agent" / MANIFEST).is_file() else None
        raise AgentError(
            f"there is no agent in {folder}: {error.strerror}",
            code="agent-missing",
            hint=f"that of this run is {inner}" if inner else f"an agent is a folder with {MANIFEST} and {WEIGHTS}",
        ) from error
    try:
        stated = _JSON.validate_json(content)
    except ValidationError as error:
        raise AgentError(f"{path} is not JSON: {error.errors()[0]['msg']}", code="agent-corrupt") from error
    version = stated.get("format") if isinstance(stated, dict) else None
    if version != FORMAT:
        raise AgentError(
            f"the agent {folder} is of format {version!r}, and this version reads {FORMAT}",
            code="agent-incompatible",
            hint="train it anew, or install the version of igc-agents that made it",
        )
    try:
        return AgentManifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise AgentError(f"{path} is not an agent's manifest: {where}: {first['msg']}", code="agent-corrupt") from error


def _read_weights(path: Path, digest: str) -> dict[str, Tensor]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AgentError(f"cannot read {path}: {error.strerror}", code="agent-missing") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise AgentError(f"{path} is not the file that its manifest speaks of", code="agent-corrupt")
    try:
        return safetensors.torch.load(content)
    except SafetensorError as error:
        raise AgentError(f"{path} is not a safetensors file: {error}", code="agent-corrupt") from error
