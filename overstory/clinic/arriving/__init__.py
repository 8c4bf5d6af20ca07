"""Arriving: what a person gets of their course, what they are asked before a visit, and who sees it."""
