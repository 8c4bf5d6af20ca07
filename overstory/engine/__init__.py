"""How a rule answers: pure functions over facts, on the standard library alone."""
