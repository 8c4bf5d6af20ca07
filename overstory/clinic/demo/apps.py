"""How Django knows this part."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """An invented clinic for trying things out."""

    name = "overstory.clinic.demo"
    label = "demo"
