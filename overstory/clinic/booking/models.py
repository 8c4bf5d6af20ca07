"""Places and devices, what is booked on them, and who comes."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from overstory.clinic.care.models import CarePlan
from overstory.clinic.config.sealed import SealedField
from overstory.clinic.people.models import Clinic, Person, Site, Staff

KINDS = ("room", "chair", "tms-device", "staff")
TEAM = Q(kind="staff", staff=None)
"""The resources by which people are booked as one of a role, whoever it will be."""
STATES = ("booked", "moved", "cancelled", "no-show", "done")


class Resource(models.Model):
    """
    Something of which there is so much: a room, a chair, a TMS device, a member of staff, or a team.

    `seats` is how many it holds at once; each is booked by its number. A team, of kind `staff` without
    a member, has so many for each of its people on duty.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="resources")
    kind = models.CharField(max_length=12, choices=[(each, each) for each in KINDS])
    name = models.CharField(max_length=80)
    seats = models.PositiveSmallIntegerField(default=1)
    treatments = models.JSONField(default=list, blank=True)
    staff = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="resources"
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="resource_once_a_site"),
            models.CheckConstraint(condition=Q(seats__gte=1), name="resource_has_seats"),
            models.UniqueConstraint(fields=["staff"], name="resource_one_a_member_of_staff"),
        ]

    @property
    def what(self) -> str:
        """What kind of thing it is, in words."""
        return str(self.kind).replace("tms", "TMS").replace("-", " ")

    def __str__(self) -> str:
        return self.staff.name if self.staff is not None else self.name


class Outage(models.Model):
    """A resource is out: maintenance, repair; ended by its end or taken back, not deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="outages")
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    why = models.CharField(max_length=200)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(starts__lt=F("ends")), name="outage_in_order")
        ]


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Appointments of one clinic; every read starts at `request.clinic.appointments`."""

    def standing(self) -> AppointmentQuerySet:
        """Leave out those that were moved or cancelled."""
        return self.filter(state__in=["booked", "done", "no-show"])

    def marked_alone(self) -> AppointmentQuerySet:
        """Mark on each, as `is_of_one_row`, whether no other row was merged into that of who comes."""
        others = Person.objects.filter(
            Q(merged_into=OuterRef("person")) | Q(merged_into=OuterRef("care_request__person"))
        )
        return self.annotate(is_of_one_row=~Exists(others))

    def of(self, person: Person) -> AppointmentQuerySet:
        """Return those of a person: of any of their rows, and those booked with a request of theirs."""
        ids = person.ids
        return self.filter(Q(person__in=ids) | Q(care_request__person__in=ids))


class Appointment(models.Model):
    """
    One visit: an evaluation, or a session of a plan.

    `starts` is the instant; `wall_date`, `wall_time` and the site's zone are what was said to the
    person, and hold when clocks change. A moved one ends, and a new row stands for it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="appointments")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="appointments")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments"
    )
    care_request = models.ForeignKey(
        "intake.CareRequest", on_delete=models.PROTECT, null=True, blank=True,
        related_name="appointments",
    )  # fmt: skip
    plan = models.ForeignKey(
        CarePlan, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments"
    )
    n = models.PositiveSmallIntegerField(null=True, blank=True)
    kind = models.CharField(
        max_length=12, choices=[("evaluation", "evaluation"), ("session", "session")]
    )
    treatment = models.CharField(max_length=20, blank=True)
    clinician = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments"
    )
    starts = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()
    wall_date = models.DateField()
    wall_time = models.TimeField()
    zone = models.CharField(max_length=60)
    is_remote = models.BooleanField(default=False)
    is_tentative = models.BooleanField(default=False)
    place = SealedField(null=True)
    emergency_contact = SealedField(null=True)
    state = models.CharField(max_length=10, default="booked")
    instead_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="moved_to"
    )
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AppointmentQuerySet.as_manager()

    @property
    def whose(self) -> Person | None:
        """The person who comes: of the row, or of the request with which it was booked; none if unknown."""
        if self.person is not None or self.care_request is None:
            return self.person
        return self.care_request.person

    @property
    def name(self) -> str:
        """The full name of who comes."""
        person = self.whose
        if person is not None:
            return person.legal_name
        return self.care_request.name if self.care_request is not None else ""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=STATES) & Q(minutes__gte=1), name="appointment_sound"
            ),
            models.UniqueConstraint(
                fields=["plan", "n"],
                condition=Q(state__in=["booked", "done"]),
                name="appointment_once_a_session",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(care_request__isnull=False),
                name="appointment_of_someone",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "starts"], name="appointment_by_start"),
            models.Index(fields=["person", "starts"], name="appointment_by_person"),
        ]


class Occupancy(models.Model):
    """One seat of one resource during one step of the calendar's grid; never twice."""

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="occupancies")
    seat = models.PositiveSmallIntegerField()
    tick = models.DateTimeField()
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="occupancies"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resource", "seat", "tick"], name="seat_taken_once")
        ]


class Use(models.Model):
    """
    From when until when an appointment needs a resource, set-up and turnaround included.

    Of a team (a resource of kind `staff` without a member) it is a person whole, or a share of one who
    watches others too; of anything else the one seat of that number.
    """

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="uses")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="uses")
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    seat = models.PositiveSmallIntegerField(default=1)
    is_whole = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(starts__lt=F("ends")), name="use_in_order")
        ]
        indexes = [models.Index(fields=["resource", "starts"], name="use_by_start")]


class ComingWish(models.Model):
    """
    When a person can come, as they said: the newest counts, the others stay.

    `free` has weekday (Monday is 0), and from when until when; `away` first and last days; `prefer` is
    the time of day that they would like best. Wall times of their site.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="coming_wishes")
    free = models.JSONField()
    away = models.JSONField(default=list)
    prefer = models.TimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "-at"], name="coming_wish_newest")]
