"""What is asked of someone who chooses, and of staff who record the choice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from string import ascii_uppercase
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms

from overstory.clinic.care.choosing_actions import MOST_LETTERS, NOT_YET, Chosen
from overstory.clinic.people.models import Clinic, Staff
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.choices import AidPolicy
from overstory.pathway.choice import Option
from overstory.pathway.sure import QUESTIONS

MOST_PRESENT = 8
CHOICE, WISH = "choice", "wish"


class ValuesForm(forms.Form):
    """How much each value matters, from 0 to the most, in the words of a language."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, knowledge: Knowledge, language: str, held: Mapping[str, int],
        **more: Any,
    ) -> None:  # fmt: skip
        more["initial"] = {"key": uuid4(), **held, **more.get("initial", {})}
        super().__init__(*args, **more)
        policy: AidPolicy = knowledge.sections["aid"][0]
        values = sorted(knowledge.sections["choice_values"], key=lambda each: each.place)
        self.names = [each.id for each in values]
        for letter, each in zip(ascii_uppercase, values, strict=False):
            label = each.label.es if language == "es" else each.label.en
            self.fields[each.id] = forms.TypedChoiceField(
                label=f"{letter} · {label}",
                choices=[(n, str(n)) for n in range(policy.most_important + 1)],
                coerce=int,
                widget=forms.RadioSelect,
            )

    @property
    def lines(self) -> list[forms.BoundField]:
        """The fields of the values in order."""
        return [self[name] for name in self.names]

    def importance(self) -> dict[str, int]:
        """Return what was said."""
        return {name: self.cleaned_data[name] for name in self.names}


class SureForm(forms.Form):
    """The four questions of the SURE test, each yes, no, or open."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, said: Mapping[str, Any], **more: Any) -> None:
        more["initial"] = {"key": uuid4(), **more.get("initial", {})}
        super().__init__(*args, **more)
        choices = [("yes", said["yes"]), ("no", said["no"])]
        for name, asks in zip(QUESTIONS, said["questions"], strict=True):
            self.fields[name] = forms.ChoiceField(
                label=asks, choices=choices, widget=forms.RadioSelect, required=False
            )

    @property
    def lines(self) -> list[forms.BoundField]:
        """The four fields."""
        return [self[name] for name in QUESTIONS]

    def answers(self) -> dict[str, bool | None]:
        """Return the answers; what was left open is None."""
        given = {"yes": True, "no": False}
        return {name: given.get(self.cleaned_data[name]) for name in QUESTIONS}


class QuestionForm(forms.Form):
    """A question in the person's own words."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    words = forms.CharField(max_length=MOST_LETTERS, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, label: str, **more: Any) -> None:
        more["initial"] = {"key": uuid4(), **more.get("initial", {})}
        super().__init__(*args, **more)
        self.fields["words"].label = label


class ChoiceForm(forms.Form):
    """A choice or a wish, with whom, and what was talked about."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seen_at = forms.DateTimeField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label="This is",
        choices=[(CHOICE, "a choice"), (WISH, "a wish, to be noted only")],
        widget=forms.RadioSelect,
        initial=CHOICE,
    )
    option = forms.ChoiceField(label="Option", widget=forms.RadioSelect)
    look_again_on = forms.DateField(
        label="Look again on",
        help_text="For “not yet” only.",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    staff_present = forms.ModelMultipleChoiceField(
        label="Staff who were there, besides you",
        queryset=Staff.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    relatives = forms.CharField(
        label="Others who were there",
        help_text="One a line: name, relation. For example: Rosa Fields, sister",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    discussed = forms.CharField(
        label="What was talked about",
        help_text="In the person's own words where you can.",
        max_length=8000,
        widget=forms.Textarea,
    )

    def __init__(
        self, *args: Any, clinic: Clinic, by: Staff, options: list[tuple[str, str]], now: datetime,
        zone: ZoneInfo, **more: Any,
    ) -> None:  # fmt: skip
        more["initial"] = {"key": uuid4(), "seen_at": now.isoformat(), **more.get("initial", {})}
        super().__init__(*args, **more)
        self.today = now.astimezone(zone).date()
        field = self.fields["option"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = options
        there = self.fields["staff_present"]
        assert isinstance(there, forms.ModelMultipleChoiceField)
        there.queryset = clinic.staff.working().exclude(pk=by.pk).order_by("name")

    def clean_relatives(self) -> tuple[tuple[str, str], ...]:
        """Read one person a line: a name and a relation."""
        found = []
        for line in filter(None, (each.strip() for each in self.data_lines())):
            name, comma, relation = (part.strip() for part in line.partition(","))
            if not (name and comma and relation):
                raise forms.ValidationError(
                    f"“{line}”: write a name, a comma, and how they are related."
                )
            found.append((name, relation))
        if len(found) > MOST_PRESENT:
            raise forms.ValidationError(f"At most {MOST_PRESENT} people.")
        return tuple(found)

    def data_lines(self) -> list[str]:
        """Return the lines of the people who were there."""
        lines: list[str] = self.cleaned_data["relatives"].splitlines()
        return lines

    def clean(self) -> dict[str, Any]:
        """A day to look again goes with *not yet*, and only with it."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        option, day = given.get("option"), given.get("look_again_on")
        if "look_again_on" in self.errors or option is None:
            return given
        if option == NOT_YET and day is None:
            self.add_error("look_again_on", "Say on which day you look again together.")
        elif option != NOT_YET and day is not None:
            self.add_error("look_again_on", "A day goes with “not yet” only; leave it empty.")
        elif day is not None and day <= self.today:
            self.add_error("look_again_on", "This day is not to come.")
        return given

    def chosen(self) -> Chosen:
        """Return what was recorded."""
        given = self.cleaned_data
        return Chosen(
            key=given["key"],
            option=given["option"],
            is_wish=given["kind"] == WISH,
            present=given["relatives"],
            staff_present=tuple(given["staff_present"]),
            discussed=given["discussed"],
            look_again_on=given["look_again_on"],
            seen_at=given["seen_at"],
        )


def option_choices(options: tuple[Option, ...]) -> list[tuple[str, str]]:
    """Return the options as a form offers them, by their names for staff."""
    return [(each.id, each.entry.words.name.en) for each in options]
