"""How Django knows this part."""

from django.apps import AppConfig


class WeekConfig(AppConfig):
    """The board of a day and a week, the repair of a day, and the waiting list."""

    name = "overstory.clinic.week"
    label = "week"
