"""What encoders are worth to agents, and to those who ask them: the figures of docs/benchmarks.md, one part at a time.

    python benchmarks/encoders_agents.py paraphrases names --readers runs/reader-words runs/reader-sentences
    python benchmarks/encoders_agents.py agents --encoder runs/encoder --tfidf runs/tfidf

Parts:
    paraphrases: ask machines for their goals in held-out paraphrases that the grammar does not parse, and have the
        agent that comes with igc-agents reach what was understood.
    names: ask for BIOS settings by what people call them (the registry's display name), where the firmware has a name
        of its own; on real machines and on generated ones.
    agents: train agents alike but for the encoder of what they read, on generated machines alone, and try them on every
        capture: success, SPL, and the environment steps, imitation included, until 95 % of goals there are reached.

What is finished is kept in ``--out`` and not done again, so who stops it can go on.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transfer import Bench, Study, every_capture, igc, is_complete

from igc_core import PluginManager, run_episode
from igc_core.errors import GoalError
from igc_encoders.reader.reader import SimilarityReader
from igc_redfish.bodies import as_object
from igc_redfish.episodes import begin
from igc_redfish.goals.attributes import find_registry
from igc_redfish.process.engine import Engine
from igc_redfish.reading.choices import Choice, choices
from igc_redfish.reading.phrasebook import mark, phrases
from igc_redfish.reading.reading import MachineReader
from igc_redfish.sources import goal_book, only_machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from igc_core.models import AnyGoal, Goal
    from igc_core.protocols import Survey
    from igc_redfish.goals.book import GoalBook

    Wording = Callable[[GoalBook, Survey, random.Random], Iterator[tuple[str, AnyGoal]]]

#: Machines that agents learn on, and steps of reinforcement: the budget of the ablations in transfer.py.
_SOURCES, _STEPS = ["generated:0-23"], 100_000
_RECIPE: dict[str, Any] = {"minutes": None, "checkpoint_every": 10_000}  # equal steps, however slow an encoder is
_TRIALS = ("single, as captured", "composites of 2")
#: Share of the BIOS settings that are asked for, switches asked for on a machine, and what their values mean.
_SOME, _PER_BIOS = 0.1, 10
_SWITCHES = {"Enabled": "Enabled", "Disabled": "Disabled", "Active": "Enabled", "Inactive": "Disabled"}
#: Success on machines of makers that nothing was trained on that counts as having learned, and episodes to tell.
_LEARNED, _EPISODES = 0.95, 1024


def agents(options: argparse.Namespace) -> None:
    """Train with each encoder, and try on machines of makers that nothing was trained on."""
    limits = {"processes": 1, "steps": options.steps}
    bench = Bench(options.out, options.seeds, _SOURCES, limits)
    print("\n| training | tried on | agent | episodes | success | SPL | SPL/best | refused | destructive |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, encoder in encoders(options).items():
        environment = {} if encoder is None else {"encoder": encoder}
        bench.run(Study(f"agent-{name}", every_capture(), _RECIPE, environment, _TRIALS))
        told = ", ".join(_learned(options.out / f"agent-{name}" / f"seed{seed}") for seed in options.seeds)
        print(f"{name}: {_LEARNED:.0%} of single goals reached after {told} steps", flush=True)


def paraphrases(options: argparse.Namespace) -> None:
    """Ask in held-out paraphrases; one of each verb and value that a machine can be asked for."""
    plugins = PluginManager.from_environment()
    agent = plugins.build("agent", "default")
    book = goal_book(plugins)
    table(options, "paraphrases", ("right", "reached", "refused", "wrong"))
    for reader in options.readers:
        counts: Counter[str] = Counter()
        for machine, wanted, found in answers(options, reader, book, every_capture(), asked):
            counts.update(("texts", judged(wanted, found)))
            if found == wanted:
                counts["reached"] += run_episode(agent, begin(book.text(wanted), machine)).success
        tell(options, "paraphrases", reader, counts, ("right", "reached", "refused", "wrong"))


def asked(book: GoalBook, service: Survey, draw: random.Random) -> Iterator[tuple[str, AnyGoal]]:
    """Word goals of a machine in held-out paraphrases, each with the goal that is meant."""
    for choice in choices(book, service):
        ways = phrases().get(choice.family.family)
        if ways is None or not choice.is_offered or (choice.family.family == "bios" and draw.random() > _SOME):
            continue
        fitting = [
            template
            for ask in ways.asks
            for template, held_out in ask.templates
            if held_out and ask.verb == choice.verb and all(choice.named.get(n) == v for n, v in ask.values.items())
        ]
        goal = draw.choice(choice.goals)
        if fitting and goal.target:
            yield worded(draw.choice(fitting), choice, goal, draw), book.bind(goal, service)


def worded(template: str, choice: Choice, goal: Goal, draw: random.Random) -> str:
    """Fill a template in: what people make up in quotes or as it is, values by held-out words where there are some."""
    text = template
    for name, value in goal.arguments.items():
        listed = value if isinstance(value, list) else [value]
        shown = " and ".join(str(item) for item in listed)
        quoted = choice.family.made_up.get(name) in {"name", "secret"}
        text = text.replace(mark(name), f"'{shown}'" if quoted else shown)
    for name, value in choice.named.items():
        words = phrases()[choice.family.family].words.get(name, {}).get(value, ())
        text = text.replace(mark(name), draw.choice([word for word, held_out in words if held_out] or [value]))
    return f"{text} ({goal.target})" if len({each.target for each in choice.goals}) > 1 else text


def names(options: argparse.Namespace) -> None:
    """Ask for switches of the BIOS by their display names."""
    book = goal_book(PluginManager.from_environment())
    table(options, "names", ("right", "refused", "wrong"))
    for group in ("captures", "generated"):
        sources = [f"generated:{seed}" for seed in range(100, 124)] if group == "generated" else every_capture()
        for reader in options.readers:
            counts: Counter[str] = Counter()
            for _, wanted, found in answers(options, reader, book, sources, switches):
                counts.update(("texts", judged(wanted, found)))
            tell(options, f"names on {group}", reader, counts, ("right", "refused", "wrong"))


def switches(book: GoalBook, service: Survey, draw: random.Random) -> Iterator[tuple[str, AnyGoal]]:
    """Ask for some switches of each BIOS by names that are not their own."""
    bios = [choice for choice in choices(book, service) if choice.family.family == "bios" and choice.is_offered]
    fitting = [choice for choice in bios if choice.named["value"] in _SWITCHES and len(choice.goals) == 1]
    for choice in draw.sample(fitting, min(len(fitting), _PER_BIOS)):
        (goal,), name = choice.goals, choice.named["attribute"]
        entry = find_registry(service, as_object(service.get(goal.target))).entries.get(name, {})
        label = str(entry.get("DisplayName") or "")
        if label and label.replace(" ", "").casefold() != name.casefold():
            held_out = [
                template
                for ask in phrases()["bios"].asks
                for template, kept in ask.templates
                if kept and ask.values == {"value": _SWITCHES[choice.named["value"]]}
            ]
            yield draw.choice(held_out).replace(mark("attribute"), label), book.bind(goal, service)


def answers(
    options: argparse.Namespace, reader: Path, book: GoalBook, machines: Sequence[str], wording: Wording
) -> Iterator[tuple[str, AnyGoal, AnyGoal | None]]:
    """Ask machines in words; yield the machine, what is meant, and what a reader took it for."""
    learned = SimilarityReader(reader)
    for machine in options.machines or machines:
        service = Engine(only_machine(machine), list(book)).reader(0)
        ears = MachineReader(learned, book, service)
        for text, wanted in wording(book, service, random.Random(machine)):  # noqa: S311 - no secret
            yield machine, wanted, heard(ears, text)


def judged(wanted: AnyGoal, found: AnyGoal | None) -> str:
    """Name the column that an answer counts in."""
    return "refused" if found is None else "right" if found == wanted else "wrong"


def heard(ears: MachineReader, text: str) -> AnyGoal | None:
    """Return the goal that a text was taken for, or None where the reader refused."""
    try:
        return ears.read(text).goal
    except GoalError:
        return None


def table(options: argparse.Namespace, part: str, columns: Sequence[str]) -> None:
    """Print the head of a table."""
    print(f"\n{part}, on {len(options.machines or ()) or 'all'} machines\n\n| reader | texts | {' | '.join(columns)} |")
    print(f"|---|---|{'---|' * len(columns)}")


def tell(options: argparse.Namespace, part: str, reader: Path, counts: Counter[str], columns: Sequence[str]) -> None:
    """Print what a reader did, and keep it."""
    shares = [f"{counts[name] / max(counts['texts'], 1):.3f}" for name in columns]
    print(f"| {part}: {reader.name} | {counts['texts']:,} | {' | '.join(shares)} |", flush=True)
    with (options.out / "readers.jsonl").open("a") as file:
        print(json.dumps({"part": part, "reader": str(reader), **counts}), file=file)


def encoders(options: argparse.Namespace) -> Mapping[str, Mapping[str, Any] | None]:
    """Name the encoders that are compared, with what the environment takes of each."""
    found: dict[str, Mapping[str, Any] | None] = {
        "none": None,
        "hashed-tokens": {"name": "hashed-tokens", "width": 128},
        "tfidf": {"name": "tfidf", "folder": str(options.tfidf.resolve())},
        "language-model": {
            "name": "language-model",
            "folder": str(options.encoder.resolve()),
            "cache": str(options.cache.resolve()),
        },
    }
    return {name: found[name] for name in options.only or found}


def _learned(run: Path) -> str:
    """Tell after how many steps of training goals on the captures are reached often enough."""
    machines = [word for machine in every_capture() for word in ("--on", machine)]
    words = (*machines, "--set", "per_family=16", "--episodes", str(_EPISODES), "--no-best", "--json")
    for checkpoint in sorted((run / "checkpoints").iterdir()):
        result = run / f"{checkpoint.name}.json"
        if not is_complete(result):
            result.unlink(missing_ok=True)
            igc("evaluate", str(checkpoint), *words, str(result))
        told = json.loads(result.read_text())["agents"][0]["report"]["overall"]
        if told["success"]["mean"] >= _LEARNED:
            return f"{int(checkpoint.name.partition('-')[2]):,}"
    return "never"


def main(words: Sequence[str] | None = None) -> None:
    """Run the parts asked for."""
    parts = {"agents": agents, "paraphrases": paraphrases, "names": names}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="+", choices=parts)
    parser.add_argument("--readers", type=Path, nargs="+", default=[], help="folders of igc encoder train reader")
    parser.add_argument("--machines", nargs="+", metavar="NAME", help="machines to ask; all captures by default")
    parser.add_argument("--encoder", type=Path, default=Path("runs/encoder"), help="of igc encoder train autoencoder")
    parser.add_argument("--tfidf", type=Path, default=Path("runs/tfidf"), help="folder of igc encoder train tfidf")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="encoders; all by default")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--steps", type=int, default=_STEPS)
    parser.add_argument("--cache", type=Path, default=Path("runs/encoder-cache"))
    parser.add_argument("--out", type=Path, default=Path("runs/encoders-agents"))
    options = parser.parse_args(words)
    options.out.mkdir(parents=True, exist_ok=True)
    for part in options.parts:
        parts[part](options)


if __name__ == "__main__":
    main()
