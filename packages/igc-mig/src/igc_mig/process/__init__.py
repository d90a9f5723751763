"""Scheduling as a decision process, step by step."""
