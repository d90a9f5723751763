"""Agents of the igc SDK: maskable PPO over legal actions, imitation, and their evaluation."""
