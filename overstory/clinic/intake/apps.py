"""How Django knows this part."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """First contact: requests, referrals, questionnaires on a phone."""

    name = "overstory.clinic.intake"
    label = "intake"
