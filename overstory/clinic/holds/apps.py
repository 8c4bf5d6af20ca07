"""How Django knows this part."""

from django.apps import AppConfig


class HoldsConfig(AppConfig):
    """Authorizations, enrolments, checks, and the open holds of every session."""

    name = "overstory.clinic.holds"
    label = "holds"
