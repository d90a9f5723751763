"""Gantt charts: slices down, time across."""
