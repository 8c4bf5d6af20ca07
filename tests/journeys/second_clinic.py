"""Put a second invented clinic with one person into a home, and print that person's id."""

from __future__ import annotations

from datetime import date

from overstory.clinic.config.opening import open_clinic


def main() -> None:
    """Make the clinic."""
    open_clinic()
    from django.utils import timezone

    from overstory.clinic.people.actions import PersonDetails, register_person
    from overstory.clinic.people.models import Clinic, Site

    clinic = Clinic.objects.create(name="Moss Clinic", is_invented=True)
    site = Site.objects.create(
        clinic=clinic, slug="moss-west", name="Moss West", time_zone="America/Chicago",
        phone="+1 555 0199", address="3 Invented Mews",
    )  # fmt: skip
    person = register_person(
        clinic=clinic, site=site, by=None, at=timezone.now(),
        details=PersonDetails(legal_name="Zebulon Quist", birth_date=date(1970, 1, 1)),
    )  # fmt: skip
    print(person.pk)


if __name__ == "__main__":
    main()
