"""Tokens in the form that training takes them in: chunks, objectives, and a store on disk."""

from igc_encoders.dataset.chunks import chunked

__all__ = ["chunked"]
