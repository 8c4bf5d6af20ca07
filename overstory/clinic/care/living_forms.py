"""What is asked when something happened to a plan, or when a session is changed within its protocol."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django import forms

from overstory.clinic.care.living_actions import Ground, Seen
from overstory.clinic.care.living_holds import Closing
from overstory.clinic.ui.templatetags.overstory import TREATMENTS, day
from overstory.pathway.dosing_limits import plain
from overstory.pathway.dosing_weights import Basis
from overstory.pathway.planning.allowing import Allowed
from overstory.pathway.planning.editing import Edit, Opening
from overstory.pathway.planning.events import Event, EventKind
from overstory.pathway.planning.values import Session

WORSE = {"yes": True, "no": False}
AS_IT_IS = ("", "as it is")


class ChangeForm(forms.Form):
    """What every change has: its own id, and the hash of the preview once that was read."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, ground: Ground, **more: Any) -> None:
        more["initial"] = {"id": uuid4(), **more.get("initial", {})}
        super().__init__(*args, **more)
        self.today = ground.revision.on

    def kept(self) -> Seen:
        """Return which preview the reader keeps."""
        given = self.cleaned_data
        return Seen(given["id"], given["seen"])

    def happened(self) -> Event | Edit:
        """Return what happened or is changed."""
        raise NotImplementedError


class EventForm(ChangeForm):
    """An event that names nothing."""

    def __init__(self, *args: Any, allowed: Allowed, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind = allowed.kind
        self.ask(allowed)

    def ask(self, allowed: Allowed) -> None:
        """Add what this kind of event names."""

    def happened(self) -> Event:
        """Return the event, on the day of now."""
        return Event(kind=self.kind, on=self.today)


class _WorseForm(EventForm):
    """An event of which a rule may ask whether depression has got worse."""

    def ask_worse(self) -> None:
        """Ask it."""
        self.fields["worse"] = forms.ChoiceField(
            label="Has depression got worse?",
            required=False,
            choices=[("", "not said"), ("no", "no"), ("yes", "yes")],
            help_text="Some rules ask it; where one does, it has to be said.",
        )

    @property
    def worse(self) -> bool | None:
        """What was said; None where nothing was."""
        return WORSE.get(self.cleaned_data["worse"])


class MissedForm(_WorseForm):
    """Sessions that did not take place, or will not."""

    def ask(self, allowed: Allowed) -> None:
        """Ask which sessions."""
        self.fields["sessions"] = forms.MultipleChoiceField(
            label="Which sessions", choices=_sessions(allowed.sessions),
            widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip
        self.ask_worse()

    def happened(self) -> Event:
        """Return the event, told today."""
        numbers = tuple(int(each) for each in self.cleaned_data["sessions"])
        return Event(kind=self.kind, on=self.today, sessions=numbers, worse=self.worse)


class PauseForm(_WorseForm):
    """Days on which the person does not come, both included."""

    def ask(self, allowed: Allowed) -> None:
        """Ask from when until when; no session is named."""
        del allowed
        picker = {"type": "date", "min": self.today.isoformat()}
        for name, label in (("first", "First day of the pause"), ("last", "Last day of the pause")):
            self.fields[name] = forms.DateField(label=label, widget=forms.DateInput(attrs=picker))
        self.ask_worse()

    def clean(self) -> dict[str, Any]:
        """Refuse days that are not in order, or that have passed."""
        given = self.cleaned_data
        first, last = given.get("first"), given.get("last")
        if first and first < self.today:
            self.add_error("first", "A pause begins today or later.")
        if first and last and last < first:
            self.add_error("last", "The last day is on or after the first.")
        return given

    def happened(self) -> Event:
        """Return the event."""
        given = self.cleaned_data
        return Event(kind=self.kind, on=given["first"], until=given["last"], worse=self.worse)


class NonResponseForm(EventForm):
    """The decision point at which nothing had changed."""

    def ask(self, allowed: Allowed) -> None:
        """Ask which decision point."""
        self.fields["review"] = forms.ChoiceField(
            label="At which decision point", choices=[(each, each) for each in allowed.reviews]
        )

    def happened(self) -> Event:
        """Return the event."""
        return Event(kind=self.kind, on=self.today, review=self.cleaned_data["review"])


class IntoleranceForm(EventForm):
    """The session that was not tolerated, and the dose of it."""

    def ask(self, allowed: Allowed) -> None:
        """Ask which session, and which dose was given."""
        self.fields["session"] = forms.ChoiceField(
            label="Which session was not tolerated", choices=_sessions(allowed.sessions)[::-1]
        )
        if any(each.dose is not None for each in allowed.sessions):
            self.fields["mg"] = forms.DecimalField(
                label="Dose that was given, in mg",
                help_text="Only where it was another than planned.",
                required=False,
                min_value=Decimal("0.1"),
                max_digits=7,
                decimal_places=2,
            )

    def happened(self) -> Event:
        """Return the event."""
        given = self.cleaned_data
        numbers = (int(given["session"]),)
        return Event(kind=self.kind, on=self.today, sessions=numbers, mg=given.get("mg"))


class BoosterForm(EventForm):
    """One more session of a treatment."""

    def ask(self, allowed: Allowed) -> None:
        """Ask of which treatment."""
        self.fields["treatment"] = forms.ChoiceField(
            label="Of which treatment",
            choices=[(each, TREATMENTS[each]) for each in allowed.treatments],
        )

    def happened(self) -> Event:
        """Return the event."""
        return Event(kind=self.kind, on=self.today, treatment=self.cleaned_data["treatment"])


FORMS: dict[EventKind, type[EventForm]] = {
    EventKind.MISSED: MissedForm,
    EventKind.PAUSE: PauseForm,
    EventKind.NON_RESPONSE: NonResponseForm,
    EventKind.INTOLERANCE: IntoleranceForm,
    EventKind.BOOSTER: BoosterForm,
}
"""The form of each kind of event; any other names nothing."""


class EditForm(ChangeForm):
    """Another day or another dose of one session, among what the plan leaves open."""

    onward = forms.BooleanField(
        required=False, label="The dose also for the later sessions that leave it open"
    )

    def __init__(self, *args: Any, opening: Opening, session: Session, **more: Any) -> None:
        super().__init__(*args, **more)
        self.session = session
        if opening.days:
            self.fields["day"] = forms.ChoiceField(
                label="Another day in its window",
                required=False,
                choices=[AS_IT_IS, *((each.isoformat(), day(each)) for each in opening.days)],
            )
        self._ask_dose(opening)
        if not (opening.doses or opening.sets):
            del self.fields["onward"]
        self.order_fields(["id", "seen", "day", "mg", "mg_per_kg", "basis", "onward"])

    def _ask_dose(self, opening: Opening) -> None:
        if opening.doses:
            self.fields["mg"] = forms.ChoiceField(
                label="Another dose of the protocol",
                required=False,
                choices=[AS_IT_IS, *((plain(each), f"{plain(each)} mg") for each in opening.doses)],
            )
        elif opening.sets:
            cap = self.session.dose.cap if self.session.dose else None
            at_most = f" It never passes {plain(cap)} mg." if cap is not None else ""
            self.fields["mg"] = _number("Dose, in mg", f"Within the protocol.{at_most}")
        if opening.sets == "mg-per-kg":
            self.fields["mg_per_kg"] = _number("Dose, in mg per kg", "Within the protocol's range.")
        if opening.sets in {"weight", "mg-per-kg"}:
            self.fields["basis"] = forms.ChoiceField(
                label="Weight to dose by",
                required=False,
                choices=[("", "not said"), *((each.value, each.value) for each in Basis)],
            )

    def clean(self) -> dict[str, Any]:
        """Ask for one thing at a time."""
        given = self.cleaned_data
        doses = [given.get(each) for each in ("mg", "mg_per_kg", "basis")]
        if bool(given.get("day")) == any(doses) and not self.errors:
            self.add_error(None, "Change the day or the dose, one at a time.")
        return given

    def happened(self) -> Edit:
        """Return the edit."""
        given = self.cleaned_data
        return Edit(
            n=self.session.n,
            day=date.fromisoformat(given["day"]) if given.get("day") else None,
            mg=Decimal(given["mg"]) if given.get("mg") else None,
            mg_per_kg=given.get("mg_per_kg"),
            basis=Basis(given["basis"]) if given.get("basis") else None,
            onward=bool(given.get("onward")),
        )


class CloseHoldForm(forms.Form):
    """Why a hold is closed, for one session or all."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    hold = forms.CharField(max_length=200, widget=forms.HiddenInput)
    n = forms.TypedChoiceField(
        label="For", required=False, coerce=int, empty_value=None, choices=[("", "all sessions")]
    )
    words = forms.CharField(
        label="Why it is closed",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What was decided or verified, and by what.",
    )

    def __init__(self, *args: Any, sessions: Sequence[int] = (), **more: Any) -> None:
        more["initial"] = {"id": uuid4(), **more.get("initial", {})}
        super().__init__(*args, **more)
        numbers = [(str(each), f"session {each}") for each in sessions if each]
        if len(numbers) > 1:
            self.fields["n"].choices = [("", "all sessions"), *numbers]  # type: ignore[attr-defined]

    def closing(self) -> Closing:
        """Return what is closed and why."""
        given = self.cleaned_data
        key: UUID = given["id"]
        return Closing(key, given["hold"], given["n"], given["words"])


def _sessions(sessions: Sequence[Session]) -> list[tuple[str, str]]:
    return [
        (str(each.n), f"{each.n}: {day(each.date)}, {TREATMENTS[each.treatment]}")
        for each in sessions
    ]


def _number(label: str, hint: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, help_text=hint, required=False, min_value=Decimal("0.01"), max_digits=7,
        decimal_places=2,
    )  # fmt: skip
