"""A pretrained tokenizer that learns the structure of resources."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from igc_encoders.extras import extra
from igc_encoders.tokens.training import PIECES, SpecialToken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from transformers import PreTrainedTokenizerFast

#: Entries that every extension has, frequent or not: the structure of JSON, names of the protocol, methods.
STRUCTURE = ('{"', '":"', '","', '":{"', '":["', '":[{"', '"},"', '"}]', '"],"', "null", "true", "false")
PROTOCOL = (
    *('"@odata.id":"', '"@odata.type":"', '"@odata.context":"', '"@odata.etag":"', '"Members@odata.count":'),
    *('"target":"', "@Redfish.AllowableValues", "@Redfish.ActionInfo", "/redfish/v1/", "/Actions/"),
)
METHODS = ("GET", "HEAD", "PATCH", "POST", "PUT", "DELETE")
_PIECE = re.compile(
    PIECES.replace(r"\p{L}", "[^\\W\\d_]").replace(r"\p{N}", r"\d").replace(r"[^\s[^\W\d_]\d]", r"(?:[^\w\s]|_)")
)


def extend(tokenizer: PreTrainedTokenizerFast, texts: Iterable[str], most: int) -> PreTrainedTokenizerFast:
    """Add what rendered resources are full of to a pretrained tokenizer.

    Added are special tokens where it has none of their use, the structure of JSON, names of the protocol, methods, and
    the pieces of the texts that save the most tokens. Its own entries keep their numbers.

    Args:
        tokenizer: A byte-level tokenizer; it is changed in place.
        texts: Rendered resources.
        most: Pieces of the texts that are added at most.

    Returns:
        The same tokenizer.
    """
    with extra("lm", "tokenizers"):
        from tokenizers import AddedToken  # noqa: PLC0415
    absent = {"eos_token": SpecialToken.END, "pad_token": SpecialToken.PAD, "mask_token": SpecialToken.MASK}
    tokenizer.add_special_tokens({name: str(token) for name, token in absent.items() if not getattr(tokenizer, name)})
    fixed = [*STRUCTURE, *PROTOCOL, *METHODS]
    known = set(fixed)
    learnt = [piece for piece in _worthy(tokenizer, texts) if piece not in known][:most]
    backend: Any = tokenizer
    backend.add_tokens([AddedToken(text, normalized=False) for text in (*fixed, *learnt)])
    return tokenizer


def _worthy(tokenizer: PreTrainedTokenizerFast, texts: Iterable[str]) -> list[str]:
    """Return pieces of several tokens, those that would save the most first."""
    found: Counter[str] = Counter()
    for text in texts:
        found.update(piece for piece in _PIECE.findall(text) if len(piece) > 2)  # noqa: PLR2004 - shorter saves nothing
    frequent = [piece for piece, count in found.most_common(50_000) if count > 1]
    encoded = tokenizer.backend_tokenizer.encode_batch(frequent, add_special_tokens=False)
    saved = {piece: found[piece] * (len(parts.ids) - 1) for piece, parts in zip(frequent, encoded, strict=True)}
    return sorted((piece for piece in frequent if saved[piece] > 0), key=lambda piece: (-saved[piece], piece))
