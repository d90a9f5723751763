"""The learned agent: what it sees, its network in numpy, its files."""
