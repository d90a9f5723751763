"""What the vectors of encoders tell of machines that nothing was trained on, and how fast they are made.

    python benchmarks/encoders.py latents --encoder FOLDER [--without PREFIX] [--json FILE]
    python benchmarks/encoders.py speed --encoder FOLDER

See docs/benchmarks.md, section Encoders. ``--without hpe-`` judges on the machines of one vendor, on which then neither
TF-IDF nor probes are trained; give an encoder that was trained without them, too.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import transformers

from igc_encoders.baselines.tfidf import TfidfEncoder
from igc_encoders.cached import CachedEncoder
from igc_encoders.cli.machines import sides
from igc_encoders.hashed import HashedTokenEncoder
from igc_encoders.latent import LanguageModelEncoder
from igc_encoders.probing import judge_all, table
from igc_encoders.probing.judging import examine

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.protocols import StateEncoder
    from igc_core.rest import JsonObject
    from igc_encoders.corpus import Corpus

CAPTURES = Path(os.environ.get("IGC_CAPTURES", "../shared/captures"))
#: Resources whose encoding is timed, drawn at random so that their mean size is that of all.
TIMED = 1000


def latents(options: argparse.Namespace) -> None:
    """Judge all encoders by one exam, and print one table."""
    known, held_out = sides([CAPTURES], None, options.without)
    exam = examine(known, held_out)

    def tfidf(width: int) -> tuple[StateEncoder, StateEncoder]:
        encoder = TfidfEncoder.train((one.body for one in known.records()), width=width)
        return encoder, encoder

    builders: dict[str, Callable[[], tuple[StateEncoder, StateEncoder]]] = {
        "hashed-tokens 64": lambda: (HashedTokenEncoder(64), HashedTokenEncoder(64)),
        "hashed-tokens 256": lambda: (HashedTokenEncoder(256), HashedTokenEncoder(256)),
        "tfidf 128": lambda: tfidf(128),
        "tfidf 256": lambda: tfidf(256),
        "language-model": lambda: (
            LanguageModelEncoder(options.encoder),
            CachedEncoder(LanguageModelEncoder(options.encoder), options.cache),
        ),
    }
    if options.sentence:
        from igc_encoders.baselines.sentence import SentenceTransformerEncoder  # noqa: PLC0415 - an extra

        sentences = SentenceTransformerEncoder(options.sentence)
        builders["sentence-transformer"] = lambda: (sentences, CachedEncoder(sentences, options.cache))
    chosen = {name: build for name, build in builders.items() if not options.only or name in options.only}
    judged = judge_all(chosen, exam, lambda what: print(f"{time.strftime('%H:%M:%S')} {what}", flush=True))
    print(f"\njudged on {', '.join(held_out.machines)}; {judged[0].states:,} states, {judged[0].queries:,} queries\n")
    head, *rows = table(judged)
    for row in (head, ["---"] * len(head), *rows):
        print(f"| {' | '.join(row)} |")
    if options.json:
        options.json.write_text(json.dumps([one.as_json() for one in judged], indent=2))


def speed(options: argparse.Namespace) -> None:
    """Time 1,000 resources cold and warm, and bodies of up to 1 MB."""
    corpus, _ = sides([CAPTURES], None, None)
    bodies = drawn(corpus)
    size = np.mean([len(json.dumps(body)) for body in bodies])
    encoder = LanguageModelEncoder(options.encoder)
    encoder.encode(bodies[:8])
    fresh = LanguageModelEncoder(options.encoder)
    wall, work = timed(lambda: fresh.encode(bodies))
    print(f"{len(bodies):,} resources of {size:,.0f} bytes in the mean, cold: {wall:.1f} s ({work:.1f} s of CPU)")
    with tempfile.TemporaryDirectory() as folder:
        filled = CachedEncoder(fresh, folder)
        filled.encode(bodies)
        filled.cache.flush()
        warm = CachedEncoder(encoder, folder)
        found = [timed(lambda: warm.encode(bodies)) for _ in range(5)]
        print(f"warm: {1e3 * min(wall for wall, _ in found):.1f} ms")
    changed_body(LanguageModelEncoder(options.encoder))
    for kilobytes in (16, 64, 256, 1024):
        body = long_body(kilobytes << 10)
        wall, work = timed(lambda body=body: LanguageModelEncoder(options.encoder).encode([body]))  # type: ignore[misc]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{kilobytes:>5} kB: {wall:6.2f} s, {work / kilobytes * 1e3:6.1f} ms of CPU for a kB, peak {peak:,.0f} MB"
        )


def changed_body(encoder: LanguageModelEncoder) -> None:
    """Tell how much of a large body is read again after a change."""
    body = long_body(256 << 10)
    encoder.encode([body])
    whole = encoder.read
    members: list[Any] = list(body["Members"])  # type: ignore[arg-type]
    members[len(members) // 2] = {**members[len(members) // 2], "Severity": "Critical"}
    wall, _ = timed(lambda: encoder.encode([{**body, "Members": members}]))
    print(f"256 kB after one change: {encoder.read - whole} of {whole} chunks are read again, {wall:.2f} s")


def drawn(corpus: Corpus) -> list[JsonObject]:
    """Draw resources of all machines."""
    every = [record.body for record in corpus.records()]
    return [every[place] for place in np.random.default_rng(0).choice(len(every), TIMED, replace=False)]


def long_body(size: int) -> dict[str, Any]:
    """Make a log of about that many bytes."""
    entries: list[dict[str, Any]] = []
    total = 0
    while total < size:
        number = len(entries)
        entry = {
            "@odata.id": f"/redfish/v1/Managers/1/LogServices/Sel/Entries/{number}",
            "Created": f"2026-03-{number % 28 + 1:02}T{number % 24:02}:00:00Z",
            "EntryType": "SEL",
            "Message": f"Fan {number * 7919 % 97} speed is {number * 104729 % 9973} RPM",
            "Severity": ("OK", "Warning")[number % 2],
        }
        entries.append(entry)
        total += len(json.dumps(entry))
    return {"@odata.id": "/redfish/v1/Managers/1/LogServices/Sel/Entries", "Members": entries}


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """Measure seconds on the wall and of CPU."""
    wall, work = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - work


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=["latents", "speed"])
    parser.add_argument("--encoder", type=Path, required=True, help="folder of igc encoder train autoencoder")
    parser.add_argument("--sentence", default="", help="folder of a sentence-transformer to compare with")
    parser.add_argument("--only", action="append", help="name of an encoder to judge; all by default")
    parser.add_argument("--without", default=None, help="beginning of the names of the machines to judge on")
    parser.add_argument("--cache", type=Path, default=Path("runs/encoder-cache"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, default=None)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    transformers.utils.logging.disable_progress_bar()
    {"latents": latents, "speed": speed}[options.part](options)


if __name__ == "__main__":
    main()
