"""TF-IDF of a resource's terms, shrunk by a truncated singular value decomposition (Deerwester et al., 1990)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from igc_core.errors import EncodingError
from igc_core.files import write_atomically
from igc_encoders.baselines.terms import terms
from igc_encoders.errors import EncoderError
from igc_encoders.extras import extra
from igc_encoders.folders import make_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from igc_core.rest import JsonObject

#: Changes whenever the same folder would give other vectors.
_VERSION = 1
_FORMAT = "igc-tfidf"
TERMS, WEIGHTS = "tfidf.json", "tfidf.safetensors"


class TfidfEncoder:
    """Latent semantic analysis of resources.

    Attributes:
        vocabulary: Row of each term.
    """

    def __init__(
        self, vocabulary: Mapping[str, int], frequency: NDArray[np.float32], components: NDArray[np.float32]
    ) -> None:
        """Build the encoder out of what :meth:`train` learned.

        Args:
            vocabulary: Row of each of ``n`` terms.
            frequency: Their inverse document frequencies, shape ``(n,)``.
            components: What each term adds to a vector, shape ``(n, width)``.
        """
        self.vocabulary = vocabulary
        self._frequency, self._components = frequency, components
        digest = hashlib.sha256(json.dumps(list(vocabulary)).encode())
        digest.update(frequency.tobytes())
        digest.update(components.tobytes())
        self._fingerprint = f"tfidf-{_VERSION}-{components.shape[1]}-{digest.hexdigest()[:32]}"

    @classmethod
    def train(cls, bodies: Iterable[JsonObject], *, width: int = 128, limit: int = 20_000, seed: int = 0) -> Self:
        """Learn the weights of terms.

        Args:
            bodies: Resources of the machines to learn from.
            width: Length of a vector.
            limit: Terms that are kept at most: the most frequent of those that two resources have.
            seed: Of the decomposition.

        Raises:
            EncoderError: There is too little text for that width, or scikit-learn is not installed.
        """
        with extra("baselines", "TF-IDF encoders"):
            from sklearn.decomposition import TruncatedSVD  # type: ignore[import-untyped] # noqa: PLC0415
            from sklearn.feature_extraction.text import (  # type: ignore[import-untyped] # noqa: PLC0415
                TfidfVectorizer,
            )

        vectors: Any = TfidfVectorizer
        vectorizer: Any = vectors(analyzer=_listed, min_df=2, max_features=limit, sublinear_tf=True)
        try:
            weighted = vectorizer.fit_transform(bodies)
        except ValueError as error:
            raise _too_little(width) from error
        if min(weighted.shape) <= width:
            raise _too_little(width)
        decomposition: Any = TruncatedSVD(width, random_state=seed).fit(weighted)
        learned: list[str] = list(vectorizer.get_feature_names_out())
        vocabulary = {term: row for row, term in enumerate(learned)}
        components = np.ascontiguousarray(decomposition.components_.T, np.float32)
        return cls(vocabulary, np.asarray(vectorizer.idf_, np.float32), components)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Load a saved encoder.

        Raises:
            EncoderError: There is none, or its files are damaged.
        """
        with extra("baselines", "TF-IDF encoders"):
            from safetensors.numpy import load  # noqa: PLC0415 - an extra

        home = Path(folder)
        try:
            stated = json.loads((home / TERMS).read_bytes())
            content = (home / WEIGHTS).read_bytes()
        except OSError as error:
            raise EncoderError(
                f"there is no TF-IDF encoder in {home}: {error.strerror}",
                code="encoder-missing",
                hint="train one: igc encoder train tfidf",
            ) from error
        except (ValueError, RecursionError) as error:
            raise _corrupt(home, f"{TERMS} is not JSON") from error
        known = cast("dict[str, Any]", stated) if isinstance(stated, dict) else {}
        if known.get("format") != _FORMAT or not isinstance(known.get("terms"), list):
            raise _corrupt(home, f"{TERMS} is of another kind")
        if known.get("sha256") != hashlib.sha256(content).hexdigest():
            raise _corrupt(home, f"{WEIGHTS} is not the file that {TERMS} speaks of")
        tensors = load(content)
        return cls({term: row for row, term in enumerate(known["terms"])}, tensors["idf"], tensors["components"])

    def save(self, folder: Path) -> None:
        """Write the encoder's two files into a folder, which is made where it is missing.

        Raises:
            DataError: The files cannot be written.
        """
        with extra("baselines", "TF-IDF encoders"):
            from safetensors.numpy import save  # noqa: PLC0415 - an extra

        make_folder(folder, TERMS)
        content = save({"idf": self._frequency, "components": self._components})
        stated = {"format": _FORMAT, "version": _VERSION, "sha256": hashlib.sha256(content).hexdigest()}
        write_atomically(folder / WEIGHTS, content)
        write_atomically(folder / TERMS, json.dumps({**stated, "terms": list(self.vocabulary)}))

    @property
    def width(self) -> int:
        """Length of one vector."""
        return int(self._components.shape[1])

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same resource would give another vector."""
        return self._fingerprint

    def encode(self, resources: Sequence[JsonObject]) -> NDArray[np.float32]:
        """Embed a batch of resources.

        Args:
            resources: ``batch`` JSON objects.

        Returns:
            Array of shape ``(batch, width)``, float32, each row of unit L2 norm, or zero where no term is known.

        Raises:
            EncodingError: Something in the batch is no JSON object.
        """
        vectors = np.zeros((len(resources), self.width), np.float32)
        for row, resource in enumerate(resources):
            if not isinstance(resource, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - bodies are foreign
                raise EncodingError(f"resource {row} of the batch is a {type(resource).__name__}, not a JSON object")
            vectors[row] = self._vector(resource)
        return vectors

    def _vector(self, resource: JsonObject) -> NDArray[np.float32]:
        counts = Counter(row for term in terms(resource) if (row := self.vocabulary.get(term)) is not None)
        rows = np.fromiter(sorted(counts), np.intp, len(counts))
        often = np.fromiter((counts[row] for row in rows.tolist()), np.float32, len(rows))
        # Scaling the weights to unit length first, as is usual, would be undone by scaling the vector.
        vector: NDArray[np.float32] = ((1 + np.log(often)) * self._frequency[rows]) @ self._components[rows]
        norm = np.linalg.norm(vector)
        return np.divide(vector, norm, dtype=np.float32) if norm else vector


def _listed(body: JsonObject) -> list[str]:
    return list(terms(body))


def _too_little(width: int) -> EncoderError:
    problem = f"a TF-IDF encoder of width {width} needs more resources, and more terms that two of them have"
    return EncoderError(problem, code="encoder-training", hint="name more captures, or a smaller width")


def _corrupt(folder: Path, problem: str) -> EncoderError:
    return EncoderError(f"the TF-IDF encoder in {folder} is damaged: {problem}", code="encoder-corrupt")
