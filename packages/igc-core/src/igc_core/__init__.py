"""igc: agents that reach goals on infrastructure through its REST APIs."""
