"""What is asked to book a visit, a course, or to move an appointment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import Exists, OuterRef, Q

from overstory.clinic.booking.models import Appointment, Resource, Use
from overstory.clinic.booking.needed import kind_for
from overstory.clinic.booking.proposing import Wanted
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.intake.asking_forms import AskForm
from overstory.clinic.people.models import Site
from overstory.clinic.ui.templatetags.overstory import TREATMENTS
from overstory.clinic.ui.zones import zone_words
from overstory.pathway.slots import WallTimeError, instant


class VisitForm(AskForm):
    """A request for care with a visit: where it is held, and for one by video where the person is."""

    visit_id = forms.UUIDField(widget=forms.HiddenInput)
    mode = forms.ChoiceField(widget=forms.RadioSelect)
    place = forms.CharField(max_length=200, required=False)
    emergency_contact = forms.CharField(max_length=200, required=False)
    field_order = ("id", "visit_id", "mode", "place", "emergency_contact")

    def __init__(self, *args: Any, **more: Any) -> None:
        words = more["words"]
        more["initial"] = {"visit_id": uuid4(), "mode": "here", **more.get("initial", {})}
        super().__init__(*args, **more)
        for name in ("mode", "place", "emergency_contact"):
            self.fields[name].label = words(f"visit.{name}")
        for name in ("place", "emergency_contact"):
            self.fields[name].optional_word = words(f"visit.{name}_when")  # type: ignore[attr-defined]
        self.fields["place"].belongs = "only-remote"  # type: ignore[attr-defined]
        self.fields["place"].help_text = words("visit.place_hint")
        self.fields["emergency_contact"].help_text = words("visit.emergency_contact_hint")
        self._choices("mode", [(each, words(f"visit.{each}")) for each in ("here", "remote")])

    def clean(self) -> dict[str, Any]:
        """Ask for place and contact where the visit is by video."""
        return self._with_where(super().clean())

    def _with_where(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("mode") == "remote":
            if not given.get("place"):
                self.add_error("place", self.said("visit.need_place"))
            if not given.get("emergency_contact"):
                self.add_error("emergency_contact", self.said("visit.need_contact"))
        return given


class AgainForm(VisitForm):
    """Where a visit is held, for someone who asked for care a moment ago; `known` is their request."""

    known = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in set(self.fields) - {"known", "visit_id", "mode", "place", "emergency_contact"}:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """Ask for place and contact where the visit is by video."""
        return self._with_where(self.cleaned_data)


class CourseForm(forms.Form):
    """The time of day of a course, and the place or device of each treatment in it, of those of the site."""

    at = forms.TimeField(
        label="Time of day",
        widget=forms.TimeInput(attrs={"type": "time", "step": "600"}, format="%H:%M"),
    )

    def __init__(
        self,
        *args: Any,
        site: Site,
        treatments: Sequence[str],
        places: Sequence[Resource],
        **more: Any,
    ) -> None:
        more.setdefault("initial", {"at": "09:00"})
        super().__init__(*args, **more)
        self.places = {each: places_for(places, each) for each in treatments}
        zone = zone_words(site.time_zone)
        self.fields["at"].help_text = f"As clocks show it at {site.name} ({zone})."
        for treatment, own in self.places.items():
            any_free = [("", "Any that is free")]
            self.fields[treatment] = forms.ChoiceField(
                choices=[*any_free, *((str(each.pk), str(each)) for each in own)],
                label=f"Where: {TREATMENTS[treatment]}",
                required=False,
            )

    @property
    def missing(self) -> list[str]:
        """The treatments for which the site has no place."""
        return [treatment for treatment, own in self.places.items() if not own]

    def wanted(self) -> Wanted:
        """Return what was asked for."""
        given = self.cleaned_data
        first: dict[str, Resource] = {}
        others: dict[str, tuple[Resource, ...]] = {}
        for treatment, own in self.places.items():
            any_of = [each for each in own if given[treatment] in ("", str(each.pk))]
            first[treatment], others[treatment] = any_of[0], tuple(any_of[1:])
        return Wanted(given["at"], first, others)


class MoveForm(forms.Form):
    """Another day and time for an appointment."""

    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}))
    at = forms.TimeField(
        label="Time", widget=forms.TimeInput(attrs={"type": "time", "step": "300"}, format="%H:%M")
    )

    def __init__(self, *args: Any, site: Site, resources: Sequence[Resource], **more: Any) -> None:
        super().__init__(*args, **more)
        self.site = site
        self.fields["resource"] = forms.TypedChoiceField(
            label="Where",
            choices=[(str(each.pk), str(each)) for each in resources],
            coerce={str(each.pk): each for each in resources}.__getitem__,
        )

    def clean(self) -> dict[str, Any]:
        """Refuse a time that the day does not have."""
        given = self.cleaned_data
        if given.get("day") and given.get("at"):
            try:
                given["starts"] = instant(on=given["day"], at=given["at"], zone=self.site.zone)
            except WallTimeError as error:
                self.add_error("at", str(error))
        return given

    def starts(self) -> datetime:
        """Return the instant that was asked for."""
        found: datetime = self.cleaned_data["starts"]
        return found


def resources_for(site: Site, treatment: str) -> Any:
    """Return the places or devices of a site in which a treatment is given."""
    return (
        Resource.objects.filter(site=site, kind=kind_for(treatment), retired_at=None)
        .select_related("site")
        .order_by("name")
    )


def places_instead(appointment: Appointment) -> list[Resource]:
    """
    Return the places or devices in which a session could be given: its own, those of its course, others.

    `is_own` on each tells whether it is the one that the session has now.
    """
    rows = resources_for(appointment.site, appointment.treatment).annotate(
        is_own=Exists(appointment.uses.filter(resource=OuterRef("pk")))
    )
    course = appointment.plan.course if appointment.plan is not None else None
    beside = Q(appointment__plan__course=course, appointment__state="booked")
    in_course = Exists(Use.objects.filter(beside, resource=OuterRef("pk")))
    return list(rows.order_by("-is_own", in_course.desc(), "name"))


def places_of(site: Site) -> list[Resource]:
    """Return the places and devices of a site that are in use, by name."""
    return list(_places(site))


def places_beside(plan: CarePlan) -> list[Resource]:
    """Return the places of the site of a plan; `is_own` on each tells whether its course is booked there."""
    mine = Q(appointment__plan__course=plan.course, appointment__state="booked")
    own = Exists(Use.objects.filter(mine, resource=OuterRef("pk")))
    return list(_places(plan.person.site).annotate(is_own=own))


def _places(site: Site) -> Any:
    rows = Resource.objects.filter(site=site, staff=None, retired_at=None).exclude(kind="staff")
    return rows.select_related("site").order_by("name")


def places_for(places: Sequence[Resource], treatment: str) -> list[Resource]:
    """Return those of some places in which a treatment is given, and that are in use."""
    kind = kind_for(treatment)
    return [each for each in places if each.kind == kind and each.retired_at is None]


def day_in(text: str, today: date) -> date:
    """Return the day that an address asks for, or today."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today


def midnight(on: date, site: Site) -> datetime:
    """Return the instant at which a day of a site begins."""
    for hour in range(4):
        try:
            return instant(on=on, at=time(hour), zone=site.zone)
        except WallTimeError:
            continue
    raise WallTimeError(f"{on} has no beginning in {zone_words(site.time_zone)}")
