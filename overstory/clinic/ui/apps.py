"""How Django knows this part."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """What pages are made of: layout, parts, pictures."""

    name = "overstory.clinic.ui"
    label = "ui"
