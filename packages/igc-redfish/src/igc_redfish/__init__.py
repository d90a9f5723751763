"""Plugin of the igc SDK."""
