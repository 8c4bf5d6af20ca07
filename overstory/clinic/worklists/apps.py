"""How Django knows this part."""

from django.apps import AppConfig


class WorklistsConfig(AppConfig):
    """The page of the day, and the lists of what waits."""

    name = "overstory.clinic.worklists"
    label = "worklists"
