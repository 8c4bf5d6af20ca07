"""How Django knows this part."""

from django.apps import AppConfig


class CareConfig(AppConfig):
    """Facts, the suitability board, notes, plans, adopted knowledge."""

    name = "overstory.clinic.care"
    label = "care"
