"""What encoders are worth to agents: the figures of docs/benchmarks.md, one part at a time.

Parts:
    agents: train agents alike but for the encoder of what they read, on generated machines alone, and try them on every
        capture: success, SPL, and the environment steps of reinforcement until training episodes succeed in 95 %.

What is finished is kept in ``--out`` and not done again, so who stops it can go on.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transfer import Bench, Study, every_capture

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Machines that agents learn on, and steps of reinforcement: the budget of the ablations in transfer.py.
_SOURCES, _STEPS = ["generated:0-23"], 100_000
_RECIPE: Mapping[str, Any] = {"minutes": None}  # equal steps, however slow an encoder is
_TRIALS = ("single, as captured", "composites of 2")
#: Success in training that counts as having learned, over the last hundred episodes or so.
_LEARNED = 0.95


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
        print(f"{name}: training success of {_LEARNED:.0%} after {told} steps", flush=True)


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
    """Tell after how many steps of reinforcement training episodes succeeded often enough."""
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    steps = [line["step"] for line in lines if line["phase"] == "reinforcement" and line["episode/success"] >= _LEARNED]
    return f"{steps[0]:,}" if steps else "never"


def main(words: Sequence[str] | None = None) -> None:
    """Run the parts asked for."""
    parts = {"agents": agents}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="+", choices=parts)
    parser.add_argument("--encoder", type=Path, required=True, help="folder of igc encoder train autoencoder")
    parser.add_argument("--tfidf", type=Path, required=True, help="folder of igc encoder train tfidf")
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
