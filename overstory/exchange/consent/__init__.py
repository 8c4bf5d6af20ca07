"""Consent texts: made from the knowledge in one language, the same text always with the same hash."""
