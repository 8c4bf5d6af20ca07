"""What medicine says, as data with sources, and the reading of it."""
