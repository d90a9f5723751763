"""How well agents transfer: the figures of docs/benchmarks.md, one part at a time.

Every part trains by the recipe that the shipped agent was trained by, changed only where the part says so, and
evaluates by ``igc evaluate``. What is finished is kept in ``--out`` and not done again, so who stops it can go on.

Parts:
    generated: train on generated machines alone, try on every capture.
    vendors: leave each family of firmware out of training in turn; try on it and on the validation captures.
    ablations: train without one thing at a time, on generated machines alone; try on every capture.
    flat: the codec that numbers actions instead of describing them, which cannot transfer: train on one capture, try on
        it and on others, to whose requests it gave numbers too.
    size: requests, and time for each, on machines of 200 and of 4,000 resources; see scale.py.
    makers: what 'generated' found so far, by maker of the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igc_agents.crossvalidation import is_finished, is_run
from igc_agents.recipe import Recipe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CAPTURES = Path(os.environ.get("IGC_CAPTURES", "../shared/captures"))
#: Training captures by the firmware that they share, so that no fold has seen the tested one on another model.
FIRMWARE = {
    "iDRAC": ("dell-",),
    "iLO": ("hpe-",),
    "OpenBMC": ("nvidia-", "supermicro-", "openbmc-", "liteon-"),
    "Cray": ("cray-",),
    "mock-ups": ("dmtf-", "snia-", "sunfish-"),
}
_COMPOSITES = {"per_family": 0, "composites": 16}
_SINGLE = {"per_family": 16, "varied_starts": True}
#: What agents are tried on: options of the environment. Starts differ from the captured state where a machine has fewer
#: goals of a family than are wanted.
TRIALS: Mapping[str, Mapping[str, Any]] = {
    "single": _SINGLE,
    "single, as captured": {"per_family": 16},
    "single, as captured, remembering": {"per_family": 16, "remember": True},
    "composites of 2": {**_COMPOSITES, "parts": [2]},
    "composites of 3": {**_COMPOSITES, "parts": [3]},
    "composites of 4": {**_COMPOSITES, "parts": [4]},
    "faults 10 %": {**_SINGLE, "disturbance": {"fail": 0.1}},
    "faults 30 %": {**_SINGLE, "disturbance": {"fail": 0.3}},
    "delays": {**_SINGLE, "delays": True},
    "quirks": {
        **_SINGLE,
        "profile": {
            "require_if_match": True,
            "reset_noop_refused": True,
            "restart_when_off_refused": True,
            "bios_refused_when_off": True,
            "media_protocol_required": True,
            "patch_returns_body": False,
        },
    },
    "composites of 2, quirks and delays": {
        **_COMPOSITES,
        "parts": [2],
        "delays": True,
        "profile": {"require_if_match": True, "restart_when_off_refused": True, "reset_noop_refused": True},
    },
}
_SHORT = ("single, as captured", "composites of 2")
_VENDOR = ("single", "composites of 2", "composites of 3", "faults 10 %", "faults 30 %", "delays")
#: Agents that are tried beside on every capture.
_BESIDE: Mapping[str, Sequence[str]] = {
    "single, as captured": ("script", "random"),
    "composites of 2": ("script",),
    "composites of 3": ("script",),
    "quirks": ("script",),
    "composites of 2, quirks and delays": ("script",),
}
#: What the flat codec learns by heart, and what it is tried on besides: the same firmware on another model first.
_BY_HEART = "dell-r750"
_NEVER_SEEN = ["dell-xr8620t", "hpe-dl360gen10plus", "supermicro-gb300"]
#: Each of its observations is a vector of some 20,000 numbers, so fewer of them are kept and learned from; one machine
#: is learned within these steps.
_FLAT_RECIPE = {
    "processes": 1,
    "n_envs": 16,
    "batch_size": 256,
    "steps": 100_000,
    "warm_start_memory": 5_000,
}


@dataclass(frozen=True)
class Study:
    """A training, some times with different seeds, and what its agents are tried on.

    Attributes:
        name: Name of its folder; of one within the folder of another study, whose agents it tries too.
        machines: What the agents are tried on.
        recipe: Changes of the recipe.
        environment: Changes of the recipe's environment.
        trials: Which of ``TRIALS``.
        tried: Options of the environment in all of them.
        beside: Agents to try beside in each trial, by name.
    """

    name: str
    machines: Sequence[str]
    recipe: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    trials: Sequence[str] = tuple(TRIALS)
    tried: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, Sequence[str]] = field(default_factory=dict)


def generated(_: Sequence[str]) -> Iterator[Study]:
    """Train on generated machines alone."""
    yield Study("generated", every_capture(), beside=_BESIDE)


def vendors(sources: Sequence[str]) -> Iterator[Study]:
    """Leave each family of firmware out."""
    train, validation = split()
    for name, prefixes in FIRMWARE.items():
        left_out = [machine for machine in train if machine.startswith(prefixes)]
        others = [machine for machine in train if machine not in left_out]
        environment = {"sources": [*sources, *others]}
        yield Study(f"without-{name}", left_out, {}, environment, _VENDOR)
        yield Study(f"without-{name}/validation", validation, {}, environment, _SHORT)


def ablations(_: Sequence[str]) -> Iterator[Study]:
    """Do without one thing at a time."""
    quiet = {"varied_starts": False, "disturbance": {}, "composites": 0, "curriculum": False}
    changes: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "all": ({}, {}),
        "no-match-features": ({"network": {"without": ["candidates.match"]}}, {}),
        "no-document": ({"network": {"without": ["document"]}}, {}),
        "no-history": ({"network": {"without": ["history"]}}, {}),
        "no-labels": ({"warm_start_steps": 0, "rehearsal": 0.0}, {}),
        "no-rehearsal": ({"rehearsal": 0.0}, {}),
        "no-ppo": ({"steps": 0}, {}),
        "4-machines": ({}, {"sources": ["generated:0-3"], "fresh": 0}),
        "no-randomised-starts-faults-composites": ({}, quiet),
    }
    for name, (recipe, environment) in changes.items():
        yield Study(f"ablation-{name}", every_capture(), recipe, environment, _SHORT)


def flat(_: Sequence[str]) -> Iterator[Study]:
    """Number actions instead of describing them: what is learned of the numbers of one machine is none of another's."""
    plain = {"fresh": 0, "curriculum": False, "composites": 0, "disturbance": {}, "varied_starts": False}
    heart = {"codec": "flat", "also": _NEVER_SEEN}
    environment = {**plain, **heart, "sources": [_BY_HEART], "per_family": 16}
    yield Study("flat", [_BY_HEART], _FLAT_RECIPE, environment, ("single, as captured", "single"), heart)
    for machine in _NEVER_SEEN:
        also = [other for other in (_BY_HEART, *_NEVER_SEEN) if other != machine]
        tried = {"codec": "flat", "also": also}
        (trial,) = trials = ("single, as captured",)
        yield Study(f"flat/{machine}", [machine], _FLAT_RECIPE, environment, trials, tried, {trial: ("random",)})


def every_capture() -> list[str]:
    """All captures by name."""
    train, validation = split()
    return sorted([*train, *validation])


def split() -> tuple[list[str], list[str]]:
    """Captures for training, and for validation."""
    found = json.loads((CAPTURES / "split.json").read_text())
    return found["train"], found["validation"]


def shipped() -> dict[str, Any]:
    """Return the recipe of the shipped agent."""
    return tomllib.loads((files("igc_agents") / "recipes" / "shipped.toml").read_text())


class Bench:
    """Runs studies, and keeps what is finished.

    Attributes:
        out: Folder of everything.
        seeds: Seeds of the trainings.
        sources: Machines to train on where a study says nothing else.

    Limits are values of the recipe, by name, that hold for every study.
    """

    def __init__(
        self, out: Path, seeds: Sequence[int], sources: Sequence[str], limits: Mapping[str, float | None]
    ) -> None:
        self.out, self.seeds, self.sources = out, seeds, sources
        self._limits = {name: value for name, value in limits.items() if value is not None}

    def run(self, study: Study) -> None:
        """Train what is not trained, and try it."""
        folder, trained = self.out / study.name, self.out / study.name.partition("/")[0]
        folder.mkdir(parents=True, exist_ok=True)
        processes = {**self._limits, **study.recipe}["processes"]
        with ThreadPoolExecutor(max(1, os.cpu_count() or 1) if processes == 1 else 1) as pool:
            list(pool.map(lambda seed: self._train(study, trained, seed), self.seeds))
        agents = ",".join(str(trained / f"seed{seed}") for seed in self.seeds)
        for trial in study.trials:
            result = folder / _result_name(trial)
            if not is_complete(result):
                result.unlink(missing_ok=True)
                stated = {**TRIALS[trial], **study.tried}
                options = [f"--set={name}={json.dumps(value)}" for name, value in stated.items()]
                machines = [word for machine in study.machines for word in ("--on", machine)]
                best = () if trial == "single, as captured" and study.beside else ("--no-best",)
                words = [*machines, *options, *best, "--every-goal", "--json", str(result)]
                igc("evaluate", f"agent={agents}", *study.beside.get(trial, ()), *words)
            self._tell(study.name, trial, json.loads(result.read_text()))

    def size(self, agent: Path | None) -> None:
        """Compare what an agent costs on small and on large machines; it is trained first where none is given."""
        if agent is None:
            self._train(Study("generated", ()), self.out / "generated", self.seeds[0])
            agent = self.out / "generated" / f"seed{self.seeds[0]}" / "agent"
        script = Path(__file__).with_name("scale.py")
        words = (str(agent), "--json", str(self.out / "size.json"))
        _run([sys.executable, str(script), *words])

    def makers(self) -> None:
        """Print what was found by maker of the machine; nothing is run."""
        print("\n| tried on | maker | machines | episodes | success | SPL | refused | destructive |")
        print("|---|---|---|---|---|---|---|---|")
        for trial in TRIALS:
            result = self.out / "generated" / _result_name(trial)
            for row in by_maker(json.loads(result.read_text())) if is_complete(result) else ():
                print(f"| {trial} | {row} |")

    def _train(self, study: Study, folder: Path, seed: int) -> None:
        run = folder / f"seed{seed}"
        if is_finished(run):
            return
        if is_run(run):
            igc("train", "--resume", str(run))
            return
        recipe = shipped()
        recipe["environment"] |= {"sources": self.sources, **study.environment}
        recipe |= {"seed": seed, **study.recipe, **self._limits_of(study)}
        folder.mkdir(parents=True, exist_ok=True)
        stated = folder / f"seed{seed}.toml"
        Recipe.parse(recipe).write(stated)
        igc("train", "--recipe", str(stated), "--out", str(run))

    def _limits_of(self, study: Study) -> dict[str, Any]:
        """What was asked for on the command line; of steps that a study limits itself, the fewer."""
        limits = {name: value for name, value in self._limits.items() if name not in study.recipe or name == "steps"}
        if "steps" in limits and "steps" in study.recipe:
            limits["steps"] = min(limits["steps"], study.recipe["steps"])
        return limits

    @staticmethod
    def _tell(study: str, trial: str, result: Mapping[str, Any]) -> None:
        for agent in result["agents"]:
            total = agent["report"]["overall"]
            names = ("success", "efficiency", "attained", "refused", "destructive")
            cells = [f"{found['mean']:.3f}" if (found := total.get(name)) else "" for name in names]
            print(f"| {study} | {trial} | {agent['name']} | {total['episodes']} | {' | '.join(cells)} |", flush=True)


def by_maker(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield a row for each maker of what the first agent did, by the first word of a machine's name."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for machine, report in result["agents"][0]["report"]["machines"].items():
        found.setdefault(machine.partition("-")[0], []).append(report)
    for maker, reports in found.items():
        episodes = sum(report["episodes"] for report in reports)
        totals = (
            sum(report["episodes"] * report[name]["mean"] for report in reports)
            for name in ("success", "efficiency", "refused", "destructive")
        )
        cells = " | ".join(f"{total / episodes:.3f}" for total in totals)
        yield f"{maker} | {len(reports)} | {episodes:,} | {cells}"


def _result_name(trial: str) -> str:
    return f"{trial.replace(' ', '-').replace('%', 'percent')}.json"


def is_complete(result: Path) -> bool:
    """Tell whether an evaluation was written, and came to its end."""
    return result.exists() and not json.loads(result.read_text()).get("partial", False)


def igc(*words: str) -> None:
    """Run the command under test; what it prints goes to the error stream, so that tables stay alone."""
    _run([sys.executable, "-m", "igc_core", *words], stdout=sys.stderr)


def _run(command: Sequence[str], **options: Any) -> None:
    """Run a command, and end where it fails: it has said why."""
    if code := subprocess.run(command, check=False, **options).returncode:  # noqa: S603 - commands of this project
        sys.exit(code)


def main() -> None:
    """Run the parts asked for."""
    parts = {"generated": generated, "vendors": vendors, "ablations": ablations, "flat": flat}
    usual = shipped()["environment"]["sources"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="+", choices=[*parts, "size", "makers"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--steps", type=int, help="environment steps of reinforcement, instead of the recipe's")
    parser.add_argument("--minutes", type=float, help="wall-clock limit of one training; the recipe's")
    parser.add_argument(
        "--processes", type=int, default=1, help="processes of one training; 1 trains seeds side by side"
    )
    parser.add_argument("--sources", nargs="+", default=usual, help="generated machines to train on; the recipe's")
    parser.add_argument(
        "--studies", nargs="+", metavar="NAME", help="only these of the parts' studies, e.g. without-iLO"
    )
    parser.add_argument("--agent", type=Path, help="agent that 'size' is about; the first seed of 'generated'")
    parser.add_argument("--out", type=Path, default=Path("runs") / "transfer")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    limits = {"processes": options.processes, "steps": options.steps, "minutes": options.minutes}
    bench = Bench(options.out, options.seeds, options.sources, limits)
    for part in options.parts:
        if part == "size":
            bench.size(options.agent)
            continue
        if part == "makers":
            bench.makers()
            continue
        print("\n| training | tried on | agent | episodes | success | SPL | SPL/best | refused | destructive |")
        print("|---|---|---|---|---|---|---|---|---|")
        for study in parts[part](options.sources):
            if not options.studies or study.name.partition("/")[0] in options.studies:
                bench.run(study)


if __name__ == "__main__":
    main()
