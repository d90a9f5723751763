"""Tokens in the form that training takes them in: chunks, objectives, and a store on disk."""

from igc_encoders.dataset.batches import Batch, Batches, Chunk, Window
from igc_encoders.dataset.chunks import chunked
from igc_encoders.dataset.objectives import DEFAULT_MIX, OBJECTIVES, Mix, Objective, Sample
from igc_encoders.dataset.store import TOKEN, TokenStore

__all__ = [
    "DEFAULT_MIX",
    "OBJECTIVES",
    "TOKEN",
    "Batch",
    "Batches",
    "Chunk",
    "Mix",
    "Objective",
    "Sample",
    "TokenStore",
    "Window",
    "chunked",
]
