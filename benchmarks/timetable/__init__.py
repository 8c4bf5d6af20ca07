"""Timetables to plan: instances by size, load and seed, best known plans and bounds, and what is measured."""
