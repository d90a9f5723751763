"""Training of heads: InfoNCE (van den Oord et al., 2018) over all meanings, with a place for texts that mean none."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from igc_encoders.errors import EncoderError
from igc_encoders.reader.head import Head

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from igc_core.protocols import Example
    from igc_encoders.reader.texts import TextEncoder


#: The least that each field of a recipe may be, and what it has to stay below.
_BOUNDS: Mapping[str, tuple[float, float]] = {
    **dict.fromkeys(("narrow", "steps", "batch", "variants"), (1, math.inf)),
    **dict.fromkeys(("dropout", "smoothing", "foreign", "wrong"), (0, 1)),
    "learning_rate": (1e-12, math.inf),
    "decay": (0, math.inf),
    "folds": (2, math.inf),
    "seed": (0, 2**63),
}


@dataclass(frozen=True, slots=True)
class ReaderRecipe:
    """Every number that decides how a head is trained.

    Attributes:
        narrow: Width of the space that texts and meanings share.
        steps: Updates.
        batch: Texts of each.
        learning_rate: Largest step size of Adam, reached a third of the way.
        dropout: Share of a vector that is hidden while learning.
        decay: Weight decay.
        smoothing: Share of the probability that is spread over all meanings.
        foreign: Share of texts that mean none.
        variants: Texts of one meaning that are learned from at most.
        folds: Parts for judging how sure a head must be, each of whole patterns.
        wrong: Share of readings that may be wrong where the head is just sure enough, on patterns it never saw.
        seed: Of everything.
    """

    narrow: int = 128
    steps: int = 400
    batch: int = 192
    learning_rate: float = 3e-3
    dropout: float = 0.2
    decay: float = 0.01
    smoothing: float = 0.05
    foreign: float = 0.08
    variants: int = 40
    folds: int = 4
    wrong: float = 0.02
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what nothing can be trained by."""
        for name, (least, below) in _BOUNDS.items():
            value = getattr(self, name)
            if not least <= value < below:
                raise EncoderError(
                    f"the recipe is not valid: {name}={value!r}",
                    code="encoder-options",
                    hint=f"{name} is at least {least}" + ("" if below == math.inf else f", and less than {below}"),
                )


@dataclass(frozen=True, slots=True)
class Judged:
    """How a head read texts whose patterns it had never seen.

    Attributes:
        texts: How many there were.
        right: Share that was read as what it means, each verb counting alike.
        sure: Share that it was sure enough of, likewise.
        wrong: Share of those that it was sure of and read as something else.
    """

    texts: int
    right: float
    sure: float
    wrong: float


class Material:
    """Examples as vectors.

    Attributes:
        meanings: All meanings; the number of a text that means none is their count.
        numbers: Meaning of each text, by its number.
        stems: Verb of each text's meaning.
        patterns: Pattern of each text, by number.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        meanings: Sequence[str],
        encoder: TextEncoder,
        watch: Callable[[str, float], None],
    ) -> None:
        if not examples or not meanings:
            raise EncoderError(
                "there are no examples to learn from", code="encoder-training", hint="see igc plugins list"
            )
        self.meanings = list(meanings)
        number = {meaning: place for place, meaning in enumerate(self.meanings)}
        self.numbers = np.asarray([number.get(example.meaning, len(number)) for example in examples])
        self.stems = [stem(example.meaning) for example in examples]
        patterns = {pattern: place for place, pattern in enumerate(dict.fromkeys(one.pattern for one in examples))}
        self.patterns = np.asarray([patterns[example.pattern] for example in examples])
        self.texts = _encoded(encoder, [example.text for example in examples], watch, "encoding texts")
        self.vectors = _encoded(encoder, self.meanings, watch, "encoding meanings")

    def weights(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Weigh texts so that each verb counts alike."""
        stems = [self.stems[row] for row in rows.tolist()]
        counts = {name: stems.count(name) for name in set(stems)}
        found: NDArray[np.float64] = np.asarray([1 / counts[name] for name in stems], np.float64)
        found /= found.sum()
        return found


def train(material: Material, recipe: ReaderRecipe, watch: Callable[[str, float], None]) -> tuple[Head, float]:
    """Train a head, and find how sure it must be.

    Args:
        material: What it learns from.
        recipe: How.
        watch: Told what is under way, and which share of it is done.

    Returns:
        The head, and the least probability at which it is sure enough.
    """
    rows = np.arange(len(material.numbers))
    fold = material.patterns % recipe.folds
    sure, right, weights = [], [], []
    for number in range(recipe.folds):
        head = _fitted(material, rows[fold != number], recipe, watch, f"fold {number + 1} of {recipe.folds}")
        kept = rows[fold == number]
        best, probability = _read(head, material, kept)
        meant = best < len(material.meanings)
        sure.append(probability[meant])
        right.append((best == material.numbers[kept])[meant])
        weights.append(material.weights(kept)[meant])
    confidence = _threshold(np.concatenate(sure), np.concatenate(right), np.concatenate(weights), recipe.wrong)
    return _fitted(material, rows, recipe, watch, "all"), confidence


def judge(head: Head, material: Material, confidence: float) -> Judged:
    """Tell how a head reads texts."""
    rows = np.arange(len(material.numbers))
    best, probability = _read(head, material, rows)
    weights, right = material.weights(rows), best == material.numbers
    sure = (probability >= confidence) & (best < len(material.meanings))
    accepted = float(weights[sure].sum())
    wrong = float(weights[sure & ~right].sum()) / accepted if accepted else 0.0
    return Judged(len(rows), float(weights[right].sum()), accepted, wrong)


def chosen(examples: Sequence[Example], recipe: ReaderRecipe) -> list[Example]:
    """Choose examples to learn from: of each meaning so many, of texts that mean none all."""
    random = np.random.default_rng(recipe.seed)
    by_meaning: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_meaning[example.meaning].append(example)
    found: list[Example] = []
    for meaning, alike in by_meaning.items():
        few = len(alike) <= recipe.variants or not meaning
        places = (
            range(len(alike)) if few else sorted(random.choice(len(alike), recipe.variants, replace=False).tolist())
        )
        found += [alike[place] for place in places]
    return found


def stem(meaning: str) -> str:
    """Return a meaning without its values."""
    return " ".join(word for word in meaning.split() if "=" not in word)


class _Learner(nn.Module):
    """The head while it learns."""

    def __init__(self, width: int, recipe: ReaderRecipe) -> None:
        super().__init__()
        self.dropout = nn.Dropout(recipe.dropout)
        self.project = nn.Linear(width, recipe.narrow, bias=False)
        self.shift = nn.Linear(width, recipe.narrow, bias=False)
        nn.init.zeros_(self.shift.weight)
        self.nothing = nn.Parameter(torch.randn(recipe.narrow) / recipe.narrow**0.5)
        self.scale = nn.Parameter(torch.tensor(2.5))

    def forward(self, texts: Tensor, meanings: Tensor) -> Tensor:
        """Return logits: those of the meanings, and that of none."""
        meanings = self.dropout(meanings)
        text = functional.normalize(self.project(self.dropout(texts)), dim=-1)
        meaning = functional.normalize(self.project(meanings) + self.shift(meanings), dim=-1)
        places = torch.cat([meaning, functional.normalize(self.nothing, dim=0)[None]])
        return self.scale.exp() * text @ places.T


def _fitted(
    material: Material, rows: NDArray[np.intp], recipe: ReaderRecipe, watch: Callable[[str, float], None], what: str
) -> Head:
    torch.manual_seed(recipe.seed)
    random = np.random.default_rng(recipe.seed)
    centre = material.texts[rows].mean(0)
    spread = np.linalg.norm(material.texts[rows] - centre, axis=1).mean()
    texts, meanings = (torch.from_numpy((side - centre) / spread) for side in (material.texts, material.vectors))
    learner = _Learner(texts.shape[1], recipe)
    optimizer = torch.optim.AdamW(learner.parameters(), recipe.learning_rate, weight_decay=recipe.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.learning_rate, total_steps=recipe.steps)
    odds = _odds(material, rows, recipe)
    for step in range(recipe.steps):
        batch = random.choice(rows, recipe.batch, p=odds)
        logits = learner(texts[batch], meanings)
        wanted = torch.from_numpy(material.numbers[batch])
        loss = functional.cross_entropy(logits, wanted, label_smoothing=recipe.smoothing)
        if not torch.isfinite(loss):
            raise EncoderError(
                f"the loss of step {step} is {loss.item()}",
                code="encoder-training",
                hint="train anew with a lower learning rate: --set learning_rate=0.001",
            )
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        watch(f"training, {what}", step / recipe.steps)
    return _head(learner, centre, spread)


def _odds(material: Material, rows: NDArray[np.intp], recipe: ReaderRecipe) -> NDArray[np.float64]:
    """Draw verbs with many values more often, though not as often as they have values; the rest by share."""
    numbers = material.numbers[rows]
    stems = np.asarray([material.stems[row] for row in rows.tolist()])
    kinds = {name: len(np.unique(numbers[stems == name])) for name in np.unique(stems).tolist()}
    _, inverse, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    found = np.asarray([kinds[name] ** -0.5 for name in stems.tolist()]) / counts[inverse]
    none = numbers == len(material.meanings)
    found[~none] *= (1 - recipe.foreign) / found[~none].sum()
    if none.any():
        found[none] *= recipe.foreign / found[none].sum()
    return np.asarray(found / found.sum())


def _head(learner: _Learner, centre: NDArray[np.float32], spread: np.floating) -> Head:
    with torch.no_grad():
        nothing = functional.normalize(learner.nothing, dim=0)
        project, shift = learner.project.weight.T, learner.shift.weight.T
        found = (project, shift, nothing, learner.scale.exp())
        return Head(centre, np.asarray(spread, np.float32), *(part.contiguous().numpy().copy() for part in found))


def _read(head: Head, material: Material, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the likeliest meaning of each text, and its probability."""
    places = np.concatenate([head.meanings(material.vectors), head.nothing[None]])
    logits = head.scale * (head.texts(material.texts[rows]) @ places.T).astype(np.float64)
    weights = np.exp(logits - logits.max(1, keepdims=True))
    weights /= weights.sum(1, keepdims=True)
    return weights.argmax(1), weights.max(1)


def _threshold(
    sure: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64], wrong: float
) -> float:
    """Return the least probability above which no more than a share of the readings is wrong.

    It is at least a half, so that what is read is likelier than all else together, and at most 0.99.
    """
    order = np.argsort(-sure)
    share = np.cumsum((weights * ~right)[order]) / np.cumsum(weights[order])
    fine = np.flatnonzero(share <= wrong)
    return min(max(float(sure[order][fine[-1]]), 0.5), 0.99) if len(fine) else 0.99


def _encoded(
    encoder: TextEncoder, texts: Sequence[str], watch: Callable[[str, float], None], what: str
) -> NDArray[np.float32]:
    group, parts = 256, []
    for begin in range(0, len(texts), group):
        watch(what, begin / len(texts))
        parts.append(encoder.encode(texts[begin : begin + group]))
    return np.concatenate(parts)
