"""Any sentence-transformer (Reimers and Gurevych, 2019) as an encoder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_encoders.errors import EncoderError
from igc_encoders.extras import extra
from igc_encoders.hub import why_absent
from igc_encoders.lm.folder import without_bars
from igc_encoders.rendering import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from igc_core.rest import JsonObject

_VERSION = 1
#: Tokens of a window that are left free: those that mark its ends, and some.
_SPARE = 8


class SentenceTransformerEncoder:
    """Embeds the text of a resource, piece by piece, and takes the mean of the pieces.

    A sentence-transformer looks at a few hundred tokens and drops the rest, so a text is cut where its window ends.
    """

    def __init__(self, model: str, *, device: str = "cpu", download: bool = False) -> None:
        """Load a model.

        Args:
            model: Folder of a model, or its name.
            device: Where it runs, as PyTorch names devices.
            download: Whether a model that is not on this machine may be fetched from its hub.

        Raises:
            EncoderError: There is no such model, or sentence-transformers is not installed.
        """
        with extra("sentence", "sentence-transformers"):
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - an extra

            from igc_encoders.device import demand_device  # noqa: PLC0415 - PyTorch
        demand_device(device)
        absent = why_absent(model) if download else ""
        try:
            with without_bars():
                found: Any = SentenceTransformer(
                    model, device=device, local_files_only=not download or bool(absent), trust_remote_code=False
                )
        except (OSError, ValueError, TypeError) as error:
            raise EncoderError(
                f"there is no sentence-transformer {model!r}: {absent or str(error).splitlines()[0][:200]}",
                code="encoder-missing",
                hint="name a folder, or allow it to be fetched: download=True",
            ) from error
        self._model = found
        # What a piece's tokens are when it stands alone may be a few more than within the text.
        self._tokens = max(1, int(self._model.max_seq_length) - _SPARE)
        self._fingerprint = f"sentence-{_VERSION}-{self.width}-{_hash(self._model, model)}"

    @property
    def width(self) -> int:
        """Length of one vector."""
        width: int = self._model.get_embedding_dimension()
        return width

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same resource would give another vector."""
        return self._fingerprint

    def encode(self, resources: Sequence[JsonObject]) -> NDArray[np.float32]:
        """Embed a batch of resources.

        Args:
            resources: ``batch`` JSON objects.

        Returns:
            Array of shape ``(batch, width)``, float32, each row of unit L2 norm.

        Raises:
            EncodingError: Something in the batch is no JSON object.
        """
        vectors = np.zeros((len(resources), self.width), np.float32)
        for row, resource in enumerate(resources):
            pieces = self._pieces(render(resource).text)
            # One resource at a time: padding to others' lengths would move its vector.
            found: NDArray[np.float32] = self._model.encode(pieces, convert_to_numpy=True, show_progress_bar=False)
            mean = found.astype(np.float64).mean(0)
            vectors[row] = mean / max(float(np.linalg.norm(mean)), 1e-12)
        return vectors

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed short texts as they are.

        Args:
            texts: ``batch`` texts; what goes beyond the model's window does not count.

        Returns:
            Array of shape ``(batch, width)``, float32.
        """
        found: NDArray[np.float32] = self._model.encode(list(texts), convert_to_numpy=True, show_progress_bar=False)
        return found

    def _pieces(self, text: str) -> list[str]:
        told = self._model.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        cuts = [int(start) for start, _ in told["offset_mapping"]][:: self._tokens]
        return [text[begin:end] for begin, end in zip([0, *cuts[1:]], [*cuts[1:], len(text)], strict=True)]


def _hash(model: Any, name: str) -> str:
    """Hash the weights and what surrounds them."""
    digest = hashlib.sha256()
    for key, value in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(value.cpu().numpy().tobytes())
    configurations = sorted(Path(name).rglob("*.json")) if Path(name).is_dir() else []
    digest.update(json.dumps([path.read_text("utf-8") for path in configurations]).encode())
    return digest.hexdigest()[:32]
