"""How well a language model of resources does beside n-grams and compressors; see docs/benchmarks.md.

    python benchmarks/encoders_lm.py --model FOLDER [--without PREFIX] [--vocabularies]

The text is that of the machines which igc encoder train lm is given. N-grams learn from all of it, the model from part
of it (recipe: repeats, chunks), which favours the n-grams. Every resource is predicted by itself.
"""

from __future__ import annotations

import argparse
import gzip
import json
import lzma
import os
import sysconfig
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from igc_encoders import lm, tokens
from igc_encoders.corpus import Corpus, Split, read
from igc_encoders.corpus.repeats import thinned
from igc_encoders.dataset import Batches, TokenStore, Window
from igc_encoders.lm.evaluation import Figures, measure
from igc_encoders.lm.ngram import NGramModel
from igc_encoders.rendering import Rendered, render

#: GPT-2's number of entries.
GPT2_ENTRIES = 50_257
#: Sizes that are compared.
VOCABULARIES = (1024, 2048, 4096, 8192, 16384)


def rendered(corpus: Corpus) -> dict[str, list[Rendered]]:
    """Render all resources of all machines."""
    return {
        machine: [render(r.body, path=r.path, methods=r.methods, status=r.status) for r in read(path, machine)]
        for machine, path in corpus.sources.items()
    }


def byte_ngram(train: dict[str, list[Rendered]]) -> NGramModel:
    """Count 5-grams of bytes."""
    return NGramModel((_bytes(r) for resources in train.values() for r in resources), 256, 5)


def _bytes(resource: Rendered) -> Any:
    return np.frombuffer(resource.text.encode(), np.uint8).astype(np.int64)


def bits_per_byte(model: NGramModel, sequences: list[Any], size: int) -> float:
    """Measure n-grams, the end of each resource included."""
    return float(sum(model.bits(sequence).sum() for sequence in sequences)) / size


def compressed(resources: list[Rendered], training: bytes) -> dict[str, float]:
    """Bits per byte of compressors, with and without what other text taught them."""
    texts = [resource.text.encode() for resource in resources]
    whole, size = b"".join(texts), sum(map(len, texts))
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": 64 << 20}]

    def xz(data: bytes) -> int:
        return len(lzma.compress(data, lzma.FORMAT_RAW, filters=filters))

    return {
        "gzip, each resource": 8 * sum(len(gzip.compress(text, 9)) for text in texts) / size,
        "xz, each resource": 8 * sum(map(xz, texts)) / size,
        "gzip, machine in one": 8 * len(gzip.compress(whole, 9)) / size,
        "xz, machine in one": 8 * xz(whole) / size,
        "xz, after the training text": 8 * (xz(training + whole) - xz(training)) / size,
    }


def foreign_tokenizer(limit_bytes: int = 20_000_000) -> Any:
    """Train GPT-2's kind of vocabulary on what is no Redfish: sources and documentation of Python and its packages."""
    from tokenizers import Tokenizer, decoders, pre_tokenizers  # noqa: PLC0415
    from tokenizers.models import BPE  # noqa: PLC0415
    from tokenizers.trainers import BpeTrainer  # noqa: PLC0415

    def texts() -> Any:
        used = 0
        folders = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib")]
        files = sorted(
            {
                file
                for folder in folders
                for suffix in ("py", "rst", "md", "txt")
                for file in folder.rglob(f"*.{suffix}")
            }
        )
        for file in files:
            if used > limit_bytes:
                return
            text = file.read_text("utf-8", errors="ignore")
            if "redfish" not in text.lower() and len(text) < 1_000_000:  # noqa: PLR2004
                used += len(text)
                yield text

    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = BpeTrainer(
        vocab_size=GPT2_ENTRIES, initial_alphabet=alphabet, special_tokens=["<|endoftext|>"], show_progress=False
    )
    tokenizer.train_from_iterator(texts(), trainer)
    return tokens.training.wrapped(tokenizer)


def tokens_per_resource(tokenizer: Any, machines: dict[str, list[Rendered]]) -> float:
    """Count tokens of a mean resource."""
    resources = [resource for found in machines.values() for resource in found]
    return sum(len(tokens.encode(tokenizer, resource)) for resource in resources) / len(resources)


def vocabularies(train: dict[str, list[Rendered]], held_out: dict[str, list[Rendered]]) -> list[dict[str, Any]]:
    """Measure vocabularies: tokens of a resource on held-out machines, and the time to learn and to use them."""
    texts = [r.text for resources in train.values() for r in thinned(resources, 2)]
    found = []
    for size in VOCABULARIES:
        began = time.process_time()
        tokenizer = tokens.train(texts, size)
        found.append(
            {
                "vocabulary": size,
                "seconds": round(time.process_time() - began, 1),
                "tokens per held-out resource": round(tokens_per_resource(tokenizer, held_out), 1),
                "learning, ms of CPU per resource": round(
                    tokens_per_resource(tokenizer, held_out) * _token_cost(size) / 1e3, 1
                ),
            }
        )
        print(json.dumps(found[-1]), flush=True)
    return found


def _token_cost(size: int) -> float:
    """Time that the default model needs to learn one token, in microseconds of CPU."""
    found = tokens.train(["x"], 300)
    architecture = lm.Architecture()
    model = lm.create(found, architecture)
    model.resize_token_embeddings(size, mean_resizing=False)
    inputs = torch.randint(0, size, (8, 256))
    best = float("inf")
    for _ in range(4):
        began = time.process_time()
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(input_ids=inputs, use_cache=False).logits
        torch.nn.functional.cross_entropy(logits.flatten(0, 1).float(), inputs.flatten()).backward()
        best = min(best, time.process_time() - began)
    return best / inputs.numel() * 1e6


def model_figures(folder: Path, held_out: Corpus, scratch: Path) -> dict[str, Figures]:
    """Measure a model on held-out machines."""
    model, tokenizer = lm.load(folder)
    store = TokenStore.build(held_out, tokenizer, scratch)
    return measure(model, Batches(store, tokenizer, Window(model.config.n_positions), tokens=4096))


def main() -> None:
    """Print one JSON object for each machine, and one for all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--without", default="")
    parser.add_argument("--vocabularies", action="store_true")
    parser.add_argument("--most", type=int, default=0, help="measure only so many of the held-out machines")
    options = parser.parse_args()
    captures = Path(os.environ["IGC_CAPTURES"])
    corpus, split = Corpus.of([captures]), Split.load(captures / "split.json")
    split = split.without(options.without) if options.without else split
    held = split.validation[: options.most] if options.most else split.validation
    train, held_out = rendered(corpus.select(split.train)), rendered(corpus.select(held))
    if options.vocabularies:
        vocabularies(train, held_out)
        both = {"tokens per held-out resource": round(tokens_per_resource(foreign_tokenizer(), held_out), 1)}
        print(json.dumps({"vocabulary": GPT2_ENTRIES, "trained on": "Python's sources", **both}), flush=True)
    figures = model_figures(options.model, corpus.select(held), options.model / "tokens")
    tokenizer = tokens.load(options.model)
    ngram = byte_ngram(train)
    # Kneser-Ney's continuation counts make a token model of the same tokens a fair rival too.
    token_ngram = NGramModel(
        (tokens.encode(tokenizer, r).ids.astype(np.int64) for resources in train.values() for r in resources),
        len(tokenizer),
        5,
    )
    training = b"".join(resource.text.encode() for resources in train.values() for resource in resources)
    for machine, resources in held_out.items():
        size = sum(len(resource.text.encode()) for resource in resources)
        ids = [tokens.encode(tokenizer, resource).ids.astype(np.int64) for resource in resources]
        found = figures[machine]
        row: dict[str, Any] = {"machine": machine, "bytes": size, "language model": found.bits_per_byte}
        row["5-gram of bytes"] = bits_per_byte(ngram, [_bytes(resource) for resource in resources], size)
        row["5-gram of tokens"] = bits_per_byte(token_ngram, ids, size)
        row |= compressed(resources, training)
        row["perplexity per byte, 5-gram / model"] = 2 ** (row["5-gram of bytes"] - found.bits_per_byte)
        row["perplexity per byte, 5-gram of tokens / model"] = 2 ** (row["5-gram of tokens"] - found.bits_per_byte)
        row["perplexity per token"] = found.perplexity_per_token
        rounded = {name: round(value, 3) if isinstance(value, float) else value for name, value in row.items()}
        accuracy = {name: round(value, 3) for name, value in found.accuracy.items()}
        print(json.dumps(rounded | {"accuracy": accuracy}), flush=True)
    together = sum(figures.values(), Figures.nothing())
    accuracy = {name: round(value, 3) for name, value in together.accuracy.items()}
    print(json.dumps({"machine": "all", "language model": round(together.bits_per_byte, 3), "accuracy": accuracy}))


if __name__ == "__main__":
    main()
