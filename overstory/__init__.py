"""Overstory: the open clinical system for interventional psychiatry."""

__version__ = "0.1.0"
