"""Rows for entries that a vocabulary has gained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerFast


def grow(model: PreTrainedModel, before: PreTrainedTokenizerFast, after: PreTrainedTokenizerFast) -> None:
    """Give a model a row for each new entry: the mean of the rows of the pieces that it replaces.

    Entries that stood for no text, such as new special tokens, begin as the mean of all rows. Rows of the output are
    grown alike where they are not those of the input.

    Args:
        model: The model, which is changed in place.
        before: The tokenizer that it was trained with.
        after: The same tokenizer, extended; entries of both have the same numbers.
    """
    known = rows(model)
    fresh = [token for token in after.get_vocab().values() if token >= len(before)]
    if not fresh:
        return
    pieces = {token: _pieces(before, after, token) for token in sorted(fresh)}
    if len(after) > known:
        model.resize_token_embeddings(len(after), mean_resizing=False)
    with torch.no_grad():
        for table in _tables(model):
            _fill(table, pieces, len(before))


def rows(model: PreTrainedModel) -> int:
    """Count the tokens that a model knows."""
    return len(_tables(model)[0])


def _tables(model: PreTrainedModel) -> list[Tensor]:
    """Return the rows of the input, and those of the output where they are others."""
    whole: Any = model
    tables = [layer.weight for layer in (whole.get_input_embeddings(), whole.get_output_embeddings()) if layer]
    return list({id(table): table for table in tables}.values())


def _fill(table: Tensor, pieces: dict[int, list[int]], known: int) -> None:
    overall = table[:known].mean(0)
    for token, replaced in pieces.items():
        table[token] = table[replaced].mean(0) if replaced else overall


def _pieces(before: PreTrainedTokenizerFast, after: PreTrainedTokenizerFast, token: int) -> list[int]:
    """Return the old tokens of what a new one stands for; none for a special token."""
    if token in after.all_special_ids:
        return []
    text: str = after.backend_tokenizer.decode([token], skip_special_tokens=False)
    return list(before.backend_tokenizer.encode(text, add_special_tokens=False).ids)
