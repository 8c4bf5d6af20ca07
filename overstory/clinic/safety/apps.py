"""How Django knows this part."""

from django.apps import AppConfig


class SafetyConfig(AppConfig):
    """Alerts, the roster of who is on call, and escalation."""

    name = "overstory.clinic.safety"
    label = "safety"
