"""Goals in people's own words: how they are asked for, and what of it a machine can do."""
