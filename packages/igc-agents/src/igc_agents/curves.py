"""Learning curves, out of the metrics of run folders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_core.models import Model
from igc_core.runs import RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Points kept of a curve: more than a picture can show.
_POINTS = 200
_METRICS = "metrics.jsonl"


class Curve(Model):
    """How a training went, over the environment steps taken.

    Attributes:
        run: Name of the run.
        steps: Environment steps.
        seconds: Wall-clock time, in seconds.
        success: Share of recent episodes that reached their goal.
        efficiency: Their success weighted by path length.
        imitated: Environment steps of imitation, after which reinforcement began.
    """

    run: str
    steps: tuple[int, ...]
    seconds: tuple[float, ...]
    success: tuple[float, ...]
    efficiency: tuple[float, ...]
    imitated: int = 0


def learning_curve(folder: Path, name: str = "") -> Curve:
    """Read the learning curve of a run folder.

    Args:
        folder: The run folder.
        name: Name of the curve; that of the folder if empty.

    Raises:
        RunError: It is no run folder.
    """
    told = _last_told(record for record in RunFolder.open(folder).metrics() if _is_complete(record))
    places: list[int] = np.unique(np.linspace(0, len(told) - 1, _POINTS).astype(int)).tolist() if told else []
    kept = [told[place] for place in places]
    imitated = [record["step"] for record in told if record.get("phase") == "imitation"]

    def column(key: str, digits: int = 4) -> tuple[float, ...]:
        return tuple(round(float(record.get(key, 0.0)), digits) for record in kept)

    return Curve(
        run=name or folder.name,
        steps=tuple(int(record["step"]) for record in kept),
        seconds=column("seconds", 1),
        success=column("episode/success"),
        efficiency=column("episode/efficiency"),
        imitated=max(imitated, default=0),
    )


def learning_curves(folders: Iterable[Path]) -> tuple[Curve, ...]:
    """Read the learning curves of run folders, each named by as much of its path as tells it from the others.

    Raises:
        RunError: One is no run folder.
    """
    found = {folder.resolve(): folder for folder in folders}
    depth = 1
    while len({path.parts[-depth:] for path in found}) < len(found):
        depth += 1
    return tuple(learning_curve(folder, "/".join(path.parts[-depth:])) for path, folder in found.items())


def run_folders(agents: Iterable[str]) -> Sequence[Path]:
    """Find the run folders that agents' folders lie in."""
    parents = dict.fromkeys(Path(agent).resolve().parent for agent in agents if Path(agent).is_dir())
    return [folder for folder in parents if (folder / _METRICS).is_file() and (folder / "manifest.json").is_file()]


def _last_told(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what was told anew: a run that was killed goes on from its last checkpoint."""
    found: list[dict[str, Any]] = []
    for record in records:
        while found and found[-1]["step"] >= record["step"]:
            found.pop()
        found.append(record)
    return found


def _is_complete(record: dict[str, Any]) -> bool:
    wanted = (record.get("step"), record.get("episode/success"), record.get("episode/efficiency"))
    return all(isinstance(value, int | float) for value in wanted)
