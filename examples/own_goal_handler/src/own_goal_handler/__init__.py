"""Asset tags for igc."""
