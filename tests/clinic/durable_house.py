"""A clinic in a process of its own, for the test that kills its server: `make` it, and `read` what it kept."""

from __future__ import annotations

import json
import sys
from collections import Counter

from overstory.clinic.config.opening import make_tables, open_clinic

WRITERS = 4


def make() -> dict:
    """Make a clinic with a member of staff who is signed in, and a questionnaire for each writer."""
    from django.test import Client
    from django.utils import timezone

    from overstory.clinic.intake import links
    from overstory.clinic.people.models import Clinic
    from overstory.clinic.people.permissions import Role
    from tests.clinic.conftest import make_person, make_site, make_staff

    clinic = Clinic.objects.create(name="Durable Clinic", jurisdiction="US", country="US")
    site = make_site(clinic, slug="durable")
    nurse = make_staff(clinic, Role.NURSE)
    forms = []
    for _ in range(WRITERS):
        person = make_person(clinic, site)
        form = links.begin(person=person, pack="phq9", by=nurse, at=timezone.now())
        forms.append({"person": str(person.pk), "form": str(form.pk)})
    client = Client()
    client.force_login(nurse)
    session = client.session
    session["second-factor"] = True
    session.save()
    return {"session": session.session_key, "forms": forms}


def read() -> dict:
    """Return what was kept: requests with their entries in the record, answers, and whether it holds."""
    from overstory.clinic.audit.models import Entry
    from overstory.clinic.audit.verifying import verify_all
    from overstory.clinic.intake.models import Answer, CareRequest

    deeds = Entry.objects.exclude(action__startswith="saw ").values_list("subject", flat=True)
    answers = Answer.objects.order_by("questionnaire", "number")
    return {
        "requests": [[str(each.pk), each.name, each.words] for each in CareRequest.objects.all()],
        "deeds": Counter(deeds),
        "answers": [[str(each.questionnaire_id), each.question, each.value] for each in answers],
        "wrong": [each.wrong for each in verify_all() if not each.holds],
        "records": sum(each.entries for each in verify_all()),
    }


if __name__ == "__main__":
    open_clinic(make=True)
    make_tables()
    print(json.dumps({"make": make, "read": read}[sys.argv[1]]()))
