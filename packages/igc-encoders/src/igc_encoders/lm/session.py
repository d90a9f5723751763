"""A training from captures to a folder with the finished model.

::

    lm/
    ├── config.json model.safetensors tokenizer.json …    the model, once training has come to its end
    ├── manifest.json metrics.jsonl tensorboard/          how it was started, and how it went
    ├── checkpoints/step-000000000200/                    what is needed to go on
    ├── tokenizer/ tokens/                                what is learnt
    └── best.safetensors                                  the weights that did best on held-out machines
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from igc_encoders import tokens
from igc_encoders.corpus.records import read
from igc_encoders.corpus.repeats import thinned
from igc_encoders.dataset import Batches, Mix, TokenStore, Window
from igc_encoders.lm.folder import save
from igc_encoders.lm.preparing import finished, prepare
from igc_encoders.lm.training import Data, Trainer
from igc_encoders.rendering import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from accelerate import Accelerator  # type: ignore[import-untyped]
    from transformers import PreTrainedTokenizerFast

    from igc_core.interruption import Interruption
    from igc_core.runs import RunFolder
    from igc_encoders.corpus import Corpus, Split
    from igc_encoders.lm.checkpoint import TrainingState
    from igc_encoders.lm.recipe import LmRecipe
    from igc_encoders.lm.training import Watcher

    #: Told what is under way, how much is done, and how much there is; 0 if that is unknown.
    Progress = Callable[[str, int, int], None]

TOKENIZER, TOKENS = "tokenizer", "tokens"


class Outcome(NamedTuple):
    """What came of a training.

    Attributes:
        finished: Whether the model is in the run's folder; otherwise training can be resumed.
        state: How far it is.
        steps: How many steps there are.
    """

    finished: bool
    state: TrainingState
    steps: int


def train(
    recipe: LmRecipe,
    corpus: Corpus,
    split: Split,
    run: RunFolder,
    accelerator: Accelerator,
    *,
    interruption: Interruption,
    watch: Watcher,
    progress: Progress,
) -> Outcome:
    """Train a language model, or go on with its training.

    Args:
        recipe: How.
        corpus: Machines, among them those of the split.
        split: Which of them are learnt, and which it is measured by.
        run: Where everything goes; what is there of an earlier run is gone on with.
        accelerator: On which processes and devices.
        interruption: Whether somebody asked to stop.
        watch: Told how training stands.
        progress: Told how its preparation stands.

    Raises:
        EncoderError: A capture, the base or a checkpoint is not what it should be.
    """
    learnt, held_out = corpus.select(split.train), corpus.select(split.validation)
    with accelerator.main_process_first():
        tokenizer = _tokenizer(recipe, learnt, run.path / TOKENIZER, progress)
        folder = run.path / TOKENS
        train_store = TokenStore.build(learnt, tokenizer, folder, repeats=recipe.repeats, watch=progress)
        validation_store = TokenStore.build(held_out, tokenizer, folder, watch=progress)
    model = prepare(recipe, tokenizer)
    window = Window(recipe.context, recipe.overlap, recipe.chunks)
    size, mix = recipe.batch_tokens, Mix(recipe.objectives)
    whole = Window(recipe.context, recipe.overlap)
    data = Data(
        Batches(train_store, tokenizer, window, tokens=size, mix=mix, seed=recipe.seed),
        Batches(validation_store, tokenizer, whole, tokens=size) if len(validation_store) else None,
    )
    trainer = Trainer(recipe, model, data, run, accelerator)
    if run.checkpoints():
        trainer.resume(run.latest())
    ended = trainer.train(interruption, watch)
    if ended:
        trainer.restore_best()
        if accelerator.is_main_process:
            save(run.path, finished(model), tokenizer)
    accelerator.wait_for_everyone()
    return Outcome(ended, trainer.state, trainer.steps)


def _tokenizer(recipe: LmRecipe, learnt: Corpus, folder: Path, progress: Progress) -> PreTrainedTokenizerFast:
    """Load the run's tokenizer, and make it first where there is none."""
    if folder.exists():
        return tokens.load(folder)
    if recipe.base and not recipe.extend:
        tokenizer = tokens.load(recipe.base)
    else:
        # All of them first: the tokenizers library draws texts in threads of its own, where no Ctrl-C is heard.
        texts = list(_texts(learnt, recipe.repeats, progress))
        tokenizer = (
            tokens.extend(tokens.load(recipe.base), texts, recipe.vocabulary)
            if recipe.base
            else tokens.train(texts, recipe.vocabulary)
        )
    draft = Path(tempfile.mkdtemp(prefix=".tokenizer-", dir=folder.parent))
    tokenizer.save_pretrained(draft)
    draft.replace(folder)
    return tokens.load(folder)


def _texts(corpus: Corpus, repeats: int, progress: Progress) -> Iterator[str]:
    for done, (machine, path) in enumerate(corpus.sources.items()):
        progress(f"reading {machine}", done, len(corpus))
        records = read(path, machine)
        rendered = (render(r.body, path=r.path, methods=r.methods, status=r.status) for r in records)
        yield from (resource.text for resource in thinned(rendered, repeats))
