"""Tokenizers: byte-level byte-pair encodings (Sennrich et al., 2016; Radford et al., 2019)."""

from igc_encoders.tokens.encoding import Encoded, decode, encode
from igc_encoders.tokens.extending import extend
from igc_encoders.tokens.loading import load
from igc_encoders.tokens.training import SpecialToken, train

__all__ = ["Encoded", "SpecialToken", "decode", "encode", "extend", "load", "train"]
