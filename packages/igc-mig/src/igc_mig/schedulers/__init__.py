"""Schedulers: from durations to plans."""
