"""Schedules of moldable tasks on the MIG partitions of NVIDIA GPUs."""
