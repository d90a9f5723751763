"""Leaving groups of machines out of training in turn, to tell how well agents transfer."""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, cast

from igc_agents.comparison import Comparison, merged
from igc_core.errors import DataError, RunError, SettingsError
from igc_core.files import write_atomically
from igc_core.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: How the agent under test is called.
AGENT = "trained"
_PLAN, _RESULT, _MANIFEST, _AGENT = "plan.json", "result.json", "manifest.json", ("agent", "agent.json")


class Command(Protocol):
    """Runs ``igc`` with some arguments."""

    def __call__(self, *words: str) -> int:
        """Return the exit code."""
        ...


class Machines(Protocol):
    """Tells the machines behind a text, as :attr:`igc_core.specs.EnvironmentSpec.machines` does."""

    def __call__(self, text: str, /) -> Mapping[str, str]:
        """Return what is equal for the same machines, by the name of each."""
        ...


@dataclass(frozen=True, slots=True)
class Folds:
    """What to train and to evaluate.

    Attributes:
        groups: Machines of each group, which are left out together.
        more: Machines to train on in every fold.
        seeds: Seeds of training; each fold is trained once for each.
        training: Further arguments of ``igc train``.
        evaluation: Further arguments of ``igc evaluate``.
        rivals: Agents to evaluate beside the trained one.
        recipe: Fingerprint of the recipe that ``training`` names, so that a folder is not gone on with by another.
    """

    groups: Mapping[str, Sequence[str]]
    more: Sequence[str] = ()
    seeds: Sequence[int] = (0,)
    training: Sequence[str] = ()
    evaluation: Sequence[str] = ()
    rivals: Sequence[str] = ()
    recipe: str = ""

    def __post_init__(self) -> None:
        """Make sure that every group leaves something.

        Raises:
            SettingsError: There is nothing to train on without some group.
        """
        for group in self.groups:
            if not self.learned(group):
                hint = "give machines of other groups too, or --and generated:0-95"
                raise SettingsError(f"nothing is left to train on without {group!r}", hint=hint)

    def learned(self, group: str) -> list[str]:
        """Machines that are trained on while a group is left out."""
        others = [machine for name, machines in self.groups.items() if name != group for machine in machines]
        return [*others, *self.more]


class Crossvalidation:
    """Folds under way in a folder; what is finished is kept, and not done again.

    ::

        runs/across/
        ├── plan.json                 what it is for
        ├── folds/dell/seed-0/        a run folder
        ├── folds/dell/result.json    what igc evaluate wrote
        └── result.json               all groups taken together
    """

    def __init__(self, folds: Folds, folder: Path, igc: Command, machines: Machines | None = None) -> None:
        """Begin, or go on.

        Args:
            folds: What to do.
            folder: Where results are kept.
            igc: Runs commands.
            machines: Tells the machines behind a text; each text is one of its own if None.

        Raises:
            SettingsError: A machine would be trained on while it is left out.
            RunError: The folder holds something else, other folds, or cannot be written.
        """
        _demand_apart(folds, cache(machines or _itself))
        self.folds, self.folder, self._igc = folds, folder, igc
        self._pin(redact(asdict(folds)))

    def finished(self) -> dict[str, Comparison]:
        """Read the results of the groups that are finished."""
        paths = {group: self._fold(group) / _RESULT for group in self.folds.groups}
        found = {group: Comparison.read(path) for group, path in paths.items() if path.is_file()}
        return {group: one for group, one in found.items() if not one.partial}

    def run_fold(self, group: str) -> int:
        """Train without a group and evaluate on it; return the exit code of what failed, or 0."""
        for seed in self.folds.seeds:
            if code := self._train(group, seed):
                return code
        return self._evaluate(group)

    def together(self) -> Comparison | None:
        """Take the finished groups together, and write them; None where there is none."""
        found = [_named(group, one) for group, one in self.finished().items()]
        if not found:
            return None
        comparison = merged(found).model_copy(update={"partial": len(found) < len(self.folds.groups)})
        write_atomically(self.folder / _RESULT, comparison.to_json())
        return comparison

    def _pin(self, plan: dict[str, Any]) -> None:
        """Write down what the folder is for, or make sure that it is for this, once a training was begun in it."""
        path = self.folder / _PLAN
        content = json.dumps(plan, indent=2) + "\n"
        if not self.folder.exists():
            try:
                self.folder.mkdir(parents=True)
            except OSError as error:
                raise RunError(f"cannot make {self.folder}: {error.strerror}", code="run-missing") from error
            write_atomically(path, content)
            return
        try:
            before = json.loads(path.read_bytes())
        except (OSError, ValueError):
            before = None
        if isinstance(before, dict) and before != plan and not any(self.folder.glob(f"folds/*/*/{_MANIFEST}")):
            write_atomically(path, content)  # options that were refused must not stand in the way of right ones
        elif before != plan:
            what = "holds no cross-validation" if before is None else "was begun with other options"
            raise RunError(
                f"{self.folder} {what}", code="run-exists", hint="choose another folder, or the same options"
            )

    def _fold(self, group: str) -> Path:
        return self.folder / "folds" / group

    def _train(self, group: str, seed: int) -> int:
        run = self._fold(group) / f"seed-{seed}"
        if is_finished(run):
            return 0
        if is_run(run):
            return self._igc("train", "--resume", str(run))
        run.parent.mkdir(parents=True, exist_ok=True)
        machines = [word for source in self.folds.learned(group) for word in ("--on", source)]
        return self._igc("train", *machines, "--seed", str(seed), "--out", str(run), *self.folds.training)

    def _evaluate(self, group: str) -> int:
        result = self._fold(group) / _RESULT
        result.unlink(missing_ok=True)  # one that was interrupted
        runs = ",".join(str(self._fold(group) / f"seed-{seed}" / _AGENT[0]) for seed in self.folds.seeds)
        machines = [word for source in self.folds.groups[group] for word in ("--on", source)]
        agents = [f"{AGENT}={runs}", *self.folds.rivals]
        return self._igc("evaluate", *agents, *machines, "--json", str(result), *self.folds.evaluation)


def _itself(text: str) -> dict[str, str]:
    return {text: text}


def _demand_apart(folds: Folds, machines: Machines) -> None:
    """Make sure that no machine is trained on while it is left out, under whatever name.

    Raises:
        SettingsError: One is.
    """
    for group, left_out in folds.groups.items():
        names = {same: name for text in left_out for name, same in machines(text).items()}
        for text in folds.learned(group):
            for name, same in machines(text).items():
                if same in names:
                    alias = "" if name == names[same] else f" as {name!r}"
                    raise SettingsError(
                        f"the machine {names[same]!r} of {group!r} would be trained on{alias} "
                        f"while {group!r} is left out",
                        hint="name it in one group only, and not after --and",
                    )


def _named(group: str, found: Comparison) -> Comparison:
    """Tell the learning curves of one fold from those of others."""
    curves = tuple(curve.model_copy(update={"run": f"{group}, {curve.run}"}) for curve in found.curves)
    return found.model_copy(update={"curves": curves})


def is_run(run: Path) -> bool:
    """Tell whether a training was begun in a folder, so that ``igc train --resume`` goes on with it."""
    return (run / _MANIFEST).is_file()


def is_finished(run: Path) -> bool:
    """Tell whether the training of a run folder came to its end: one that was stopped leaves an agent too.

    Agents that do not say whether they are finished are.
    """
    try:
        manifest: Any = json.loads(run.joinpath(*_AGENT).read_bytes())
        return bool(manifest["training"].get("finished", True))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def by_vendor(machines: Sequence[str]) -> dict[str, list[str]]:
    """Group machines by the part of their names before the first dash."""
    groups: dict[str, list[str]] = {}
    for machine in machines:
        name = machine.replace("\\", "/").rpartition("/")[2].removesuffix(".gz").removesuffix(".jsonl")
        groups.setdefault(name.partition("-")[0], []).append(machine)
    return dict(sorted(groups.items()))


def read_groups(path: Path) -> dict[str, list[str]]:
    """Read groups of machines from a TOML or JSON file that maps names to lists.

    Raises:
        DataError: The file cannot be read, or holds something else.
    """
    hint = 'write e.g. dell = ["dell-r740", "dell-r750"]'
    try:
        text = path.read_text(encoding="utf-8")
        found: Any = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}", code="data-missing", hint=hint) from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} cannot be read: {error}", code="data-invalid", hint=hint) from error
    if not isinstance(found, dict) or not all(_is_group(*item) for item in cast("dict[str, Any]", found).items()):
        raise DataError(f"{path} does not map names to lists of machines", code="data-invalid", hint=hint)
    return cast("dict[str, list[str]]", found)


def _is_group(name: str, machines: Any) -> bool:
    """Tell whether a name can be a folder's, and there is something in the group."""
    plain = bool(name) and name == name.strip(". ") and not set(name) & set('/\\:*?"<>|\0')
    listed = cast("list[object]", machines) if isinstance(machines, list) else []
    return plain and bool(listed) and all(isinstance(one, str) for one in listed)
