"""What igc-encoders offers. Light: no encoder is imported here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.hookspecs import hookimpl
from igc_core.specs import CommandSpec, EncoderSpec, GoalReaderSpec

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def igc_encoders() -> Iterable[EncoderSpec]:
    """Offer one encoder that needs no training, and those that learn."""
    yield EncoderSpec(
        name="hashed-tokens",
        factory="igc_encoders.hashed:HashedTokenEncoder",
        summary="Hash a resource's keys and values into a vector; no training, no vocabulary.",
    )
    yield EncoderSpec(
        name="language-model",
        factory="igc_encoders.offered:language_model",
        summary="Read a resource with a language model, and shrink what it makes of it to a latent.",
    )
    yield EncoderSpec(
        name="tfidf",
        factory="igc_encoders.offered:tfidf",
        summary="Weigh the words of a resource (TF-IDF), and shrink them by a truncated SVD.",
    )
    yield EncoderSpec(
        name="sentence-transformer",
        factory="igc_encoders.offered:sentence_transformer",
        summary="Embed a resource's text with a sentence-transformer, by folder or name.",
    )


@hookimpl
def igc_goal_readers() -> Iterable[GoalReaderSpec]:
    """Offer the reader that is trained on phrasebooks."""
    yield GoalReaderSpec(
        name="similarity",
        factory="igc_encoders.reader.reader:SimilarityReader",
        summary="Read goals in free words by their likeness to what they mean; see igc encoder train reader.",
    )


@hookimpl
def igc_commands() -> Iterable[CommandSpec]:
    """Offer the command."""
    yield CommandSpec(
        name="encoder", factory="igc_encoders.cli.app:app", summary="Train, measure and use encoders that learn."
    )
