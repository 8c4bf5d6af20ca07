"""What is compared of two invented clinics."""

from __future__ import annotations

from datetime import UTC, datetime

from overstory.clinic.audit.models import Entry
from overstory.clinic.booking.models import Appointment
from overstory.clinic.care.models import Assessment, CarePlan, StatedFact
from overstory.clinic.people.models import Clinic, Person
from overstory.clinic.safety.models import Alert, AlertAct

NOON = datetime(2026, 11, 25, 16, 30, tzinfo=UTC)
"""A Wednesday, 11:30 in New York."""


def content(clinic: Clinic) -> list[object]:
    """Everything that stands in the invented clinic, without the ids that chance gives."""
    persons = Person.objects.filter(clinic=clinic).order_by("legal_name")
    return [
        [(each.name, each.called, each.phone) for each in clinic.staff.order_by("email")],
        [(p.legal_name, p.birth_date, p.phone, p.made_at, p.site.slug) for p in persons],
        [
            (r.name, r.reason, r.words, r.received_at, r.due_at, r.outcome)
            for r in clinic.care_requests.order_by("name")
        ],
        sorted(
            (f.person.legal_name, f.name, str(f.value), f.at, f.recorded_at, f.origin)
            for f in StatedFact.objects.select_related("person")
        ),
        sorted((q.person.legal_name, q.pack, q.made_at) for q in clinic.questionnaires.all()),
        sorted((a.says, a.raised_at, str(a.closed_at)) for a in Alert.objects.all()),
        sorted((a.kind, a.at, a.outcome) for a in AlertAct.objects.all()),
        sorted((a.at, a.answer_sha256 != "") for a in Assessment.objects.all()),
        sorted((p.treatment, p.starts_on, str(p.signed_at)) for p in CarePlan.objects.all()),
        sorted(
            (a.starts, a.minutes, a.kind, a.treatment, str(a.n)) for a in Appointment.objects.all()
        ),
        [(e.at, e.action) for e in Entry.objects.filter(clinic=clinic.pk).order_by("seq")],
    ]
