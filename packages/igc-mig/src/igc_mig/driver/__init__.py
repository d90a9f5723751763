"""Plans on a real GPU: commands, NVML, and the conductor that runs tasks."""
