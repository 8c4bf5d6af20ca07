"""How Django knows this part."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who read and who wrote what, chained so that a change shows."""

    name = "overstory.clinic.audit"
    label = "audit"
