"""Alerts, the roster of who is on call, and escalation."""
