"""Resources as the autoencoder reads them: tokens, and how deep in the body each of them stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from igc_encoders import tokens
from igc_encoders.rendering import Kind, render

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from transformers import PreTrainedTokenizerFast

    from igc_core.rest import JsonObject
    from igc_encoders.rendering import Rendered

#: Objects and lists that are told apart at most, each with none as one of them.
OBJECTS, LISTS = 8, 4


@dataclass(frozen=True, slots=True)
class Reading:
    """A resource of ``n`` tokens.

    Attributes:
        ids: Tokens, int32, shape ``(n,)``.
        depths: Where each begins: in how many objects, plus :data:`OBJECTS` times the lists, uint8, likewise. What a
            nested object says of a part is written like what the body says of itself, and only this tells them apart.
    """

    ids: NDArray[np.int32]
    depths: NDArray[np.uint8]

    def __len__(self) -> int:
        """Count the tokens."""
        return len(self.ids)

    def cut(self, start: int, end: int) -> Reading:
        """Take a part."""
        return Reading(self.ids[start:end], self.depths[start:end])


def read(tokenizer: PreTrainedTokenizerFast, body: JsonObject) -> Reading:
    """Read a body.

    Raises:
        EncodingError: The body is no JSON object, or something in it is no JSON value.
    """
    return read_text(tokenizer, render(body))


def read_text(tokenizer: PreTrainedTokenizerFast, rendered: Rendered) -> Reading:
    """Read a resource that is rendered already."""
    encoded = tokens.encode(tokenizer, rendered)
    return Reading(encoded.ids, depths(rendered)[encoded.starts])


def depths(rendered: Rendered) -> NDArray[np.uint8]:
    """Tell in how many objects and lists each character of a text begins."""
    text = np.frombuffer(rendered.text.encode("utf-32-le"), np.uint32)
    lengths = [span.end - span.start for span in rendered.spans]
    structure = np.repeat([span.kind == Kind.STRUCTURE for span in rendered.spans], lengths)

    def open_(opening: str, closing: str, most: int) -> NDArray[np.int32]:
        steps = ((text == ord(opening)).astype(np.int32) - (text == ord(closing))) * structure
        found: NDArray[np.int32] = np.clip(np.cumsum(steps, dtype=np.int32) - steps, 0, most - 1)
        return found

    return (open_("{", "}", OBJECTS) + OBJECTS * open_("[", "]", LISTS)).astype(np.uint8)
