"""What follows from facts: pure functions, one module a step, in the order a patient meets them."""
