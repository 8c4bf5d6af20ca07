"""Invented people: a population of any size, the same for the same seed, spread as knowledge says."""
