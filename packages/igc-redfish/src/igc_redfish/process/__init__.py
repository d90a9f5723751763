"""The decision process: what an agent sees of a machine, what it may ask, and what that earns."""
