"""Facts, the suitability board, notes, plans, adopted knowledge."""
