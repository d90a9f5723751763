"""The tables that observations refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.tables import Column, Layout, Table
from igc_redfish.process import lexicon, matching

if TYPE_CHECKING:
    from igc_core.models import EncoderIdentity
    from igc_core.protocols import StateEncoder


class Rows:
    """The tables, shared by all scenarios of an environment.

    Attributes:
        encoder: Adds a vector to every document, or None.
        candidates: Actions as a goal sees them.
        documents: Resources as a goal sees them.
        goals: Goals.
        layout: How observations refer to the tables.
    """

    def __init__(self, encoder: StateEncoder | None = None, identity: EncoderIdentity | None = None) -> None:
        """Make empty tables.

        Args:
            encoder: Adds a vector to every document, or None.
            identity: What brings the encoder back, for agents to keep.
        """
        self.encoder = encoder
        document = {
            "tokens": Column(lexicon.DOCUMENT_TOKENS, "tokens", lexicon.VOCABULARY),
            "flags": Column(len(matching.DOCUMENT_FLAGS), "values"),
        }
        if encoder is not None:
            document["vector"] = Column(encoder.width, "values")
        self.candidates = Table(
            {
                "tokens": Column(lexicon.CANDIDATE_TOKENS, "tokens", lexicon.VOCABULARY),
                "match": Column(len(matching.MATCH_FEATURES), "values"),
            }
        )
        self.documents = Table(document)
        self.goals = Table({"tokens": Column(lexicon.GOAL_TOKENS, "tokens", lexicon.VOCABULARY)})
        self.layout = Layout(
            tables={"candidates": self.candidates, "documents": self.documents, "goals": self.goals},
            references={"candidates": "candidates", "history": "candidates", "document": "documents", "goal": "goals"},
            values=("values",),
            slot_values="slot_values",
            fingerprint=lexicon.FINGERPRINT + (f"+{encoder.fingerprint}" if encoder is not None else ""),
            encoder=identity,
        )
