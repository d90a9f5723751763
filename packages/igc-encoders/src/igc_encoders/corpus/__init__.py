"""What models are trained on: the resources of machines, parted by machine."""

from igc_encoders.corpus.machines import Corpus, Split
from igc_encoders.corpus.records import Record, read

__all__ = ["Corpus", "Record", "Split", "read"]
