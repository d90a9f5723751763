"""Real hosts behind guard rails. Nothing that trains or evaluates imports this package."""
