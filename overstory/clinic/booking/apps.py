"""How Django knows this part."""

from django.apps import AppConfig


class BookingConfig(AppConfig):
    """Visits and courses in the calendar: rooms, chairs, devices, staff."""

    name = "overstory.clinic.booking"
    label = "booking"
