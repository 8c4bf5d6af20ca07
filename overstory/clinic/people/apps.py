"""How Django knows this part."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Clinics, sites, staff and the persons in care."""

    name = "overstory.clinic.people"
    label = "people"
