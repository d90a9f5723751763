"""Linear probes (Alain and Bengio, 2017): what a linear classifier reads off a vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_encoders.extras import extra

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Probe:
    """How well a probe told labels.

    Attributes:
        name: What it told.
        accuracy: Share of the judged samples that it told right.
        balanced: Mean over the labels of the share of their samples that it told right.
        labels: Labels that both sides have.
        trained: Samples that it learned from.
        judged: Samples of held-out machines.
        unknown: Samples of held-out machines that were left out, since no training machine has their label.
    """

    name: str
    accuracy: float
    balanced: float
    labels: int
    trained: int
    judged: int
    unknown: int = 0


def probe(
    name: str,
    known: NDArray[np.float32],
    labels: Sequence[str],
    unseen: NDArray[np.float32],
    expected: Sequence[str],
) -> Probe | None:
    """Train a probe on machines and judge it on others.

    Args:
        name: What it tells.
        known: Vectors of training machines, shape ``(n, width)``.
        labels: Their labels.
        unseen: Vectors of held-out machines, shape ``(m, width)``.
        expected: Their labels.

    Returns:
        How well it did; None where a side has fewer than two labels, so that there is nothing to tell.
    """
    with extra("baselines", "probes"):
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped] # noqa: PLC0415 - an extra
        from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped] # noqa: PLC0415

    told = set(labels)
    kept = np.asarray([label in told for label in expected], np.bool_)
    wanted = np.asarray(expected, np.str_)[kept]
    if len(told) < 2 or len(set(wanted.tolist())) < 2:  # noqa: PLR2004 - one label is constant
        return None
    scaler: Any = StandardScaler().fit(known)
    classifier: Any = LogisticRegression(C=1.0, max_iter=300, class_weight="balanced")
    classifier.fit(scaler.transform(known), labels)
    right = np.asarray(classifier.predict(scaler.transform(unseen[kept]))) == wanted
    recalls = [right[wanted == label].mean() for label in sorted(set(wanted.tolist()))]
    return Probe(
        name=name,
        accuracy=float(right.mean()),
        balanced=float(np.mean(recalls)),
        labels=len(recalls),
        trained=len(labels),
        judged=int(kept.sum()),
        unknown=int((~kept).sum()),
    )
