"""Who read and who wrote what, chained so that a change shows."""
