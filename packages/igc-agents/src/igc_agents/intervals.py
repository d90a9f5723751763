"""Means and their intervals, by drawing scenarios anew.

Episodes of one scenario are alike: trying a scenario ten times tells little more than trying it once. So the bootstrap
draws scenarios, each with all of its episodes (the cluster bootstrap; Davison and Hinkley, 1997, section 3.8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from igc_core.models import Model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

#: Bootstrap samples, and the share of them that an interval covers.
SAMPLES, COVERAGE = 2000, 0.95
#: Samples drawn at once times scenarios, which bounds the memory.
_BLOCK = 1 << 20


class Estimate(Model):
    """A mean, and the 95 % interval of the percentile bootstrap over scenarios (Efron and Tibshirani, 1993).

    Attributes:
        mean: The mean.
        low: Lower end of the interval.
        high: Upper end.
    """

    mean: float
    low: float
    high: float


def estimate(
    values: NDArray[np.float64], random: np.random.Generator, scenarios: NDArray[np.int64] | None = None
) -> Estimate:
    """Give the mean of at least one value, and its interval.

    Args:
        values: One value an episode, shape ``(n,)``.
        random: Draws the samples.
        scenarios: Which scenario each is an episode of, shape ``(n,)``; each one of its own if None.
    """
    cluster = np.arange(len(values)) if scenarios is None else scenarios
    return ratios(values[None], np.ones((1, len(values))), cluster, random)[0]


def ratios(
    numerators: NDArray[np.float64],
    denominators: NDArray[np.float64],
    scenarios: NDArray[np.int64],
    random: np.random.Generator,
) -> list[Estimate]:
    """Estimate several sums over sums from the same samples: a mean where the denominator counts episodes.

    Args:
        numerators: Shape ``(quantities, episodes)``.
        denominators: Likewise; no quantity may be zero in all episodes.
        scenarios: Which scenario each is an episode of, shape ``(episodes,)``.
        random: Draws the samples.

    Returns:
        One estimate a quantity. Samples in which its denominator is zero say nothing of it and are left out.
    """
    _, cluster = np.unique(scenarios, return_inverse=True)
    above, below = (_sums(one, cluster) for one in (numerators, denominators))
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = np.concatenate([(block @ above) / (block @ below) for block in _samples(len(above), random)])
    ends = np.nanquantile(drawn, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2], axis=0)
    means = numerators.sum(1) / denominators.sum(1)
    return [
        Estimate(mean=float(mean), low=min(float(low), float(mean)), high=max(float(high), float(mean)))
        for mean, low, high in zip(means, *ends, strict=True)
    ]


def _sums(values: NDArray[np.float64], cluster: NDArray[np.intp]) -> NDArray[np.float64]:
    """Add up the episodes of each scenario; shape ``(scenarios, quantities)``."""
    sums: NDArray[np.float64] = np.column_stack([np.bincount(cluster, weights=row) for row in values]).astype(
        np.float64
    )
    return sums


def _samples(n: int, random: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    """Yield how often each sample drew each of ``n`` scenarios, some samples at a time."""
    rows = max(1, _BLOCK // n)
    for start in range(0, SAMPLES, rows):
        count = min(rows, SAMPLES - start)
        places = random.integers(n, size=(count, n)) + n * np.arange(count)[:, None]
        times: NDArray[np.float64] = np.bincount(places.ravel(), minlength=count * n).astype(np.float64)
        yield times.reshape(count, n)
