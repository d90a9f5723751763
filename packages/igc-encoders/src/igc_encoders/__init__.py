"""State encoders of the igc SDK."""
