"""Encoders that a language model has to beat."""
