"""What staff fill in: one fact, one trial, a reason, words of adoption, a document."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from overstory.clinic.care.actions import Statement, TrialStatement
from overstory.clinic.care.adopted import PolicyTextError, policed
from overstory.clinic.care.deciding import Reason
from overstory.clinic.care.models import StatedFact, StatedTrial
from overstory.clinic.care.notes import Edit, with_reason
from overstory.engine.facts import FactType, FactValueError, Unknown, Value
from overstory.knowledge.load import Knowledge, load_knowledge
from overstory.pathway.suitability import TREATMENTS
from overstory.pathway.trials import Outcome

NOT_KNOWN = "unknown"
HOWS = [
    ("", "not said"),
    ("measured", "measured here"),
    ("told by the patient", "told by the patient"),
    ("from records", "from records"),
    ("clinician's judgement", "clinician's judgement"),
]
BACK = ("board", "person", "facts")
NO_ANSWER = "Give the value, or say that it is not known."
OUTCOMES = {
    "no-response": "no response",
    "partial-response": "partial response",
    "intolerance": "stopped: not tolerated",
    "unknown": "not known",
}


class FactForm(forms.Form):
    """
    One fact: its value or that it was asked and is not known, when it was true, how it is known.

    The time is read in the zone of the person's site; without one it is now.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=36)
    back = forms.ChoiceField(
        widget=forms.HiddenInput, required=False, choices=[(each, each) for each in BACK]
    )

    def __init__(self, *args: Any, kind: FactType, knowledge: Knowledge, zone: ZoneInfo,
                 row: StatedFact | None = None, **kwargs: Any) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.kind, self.zone, self.row = kind, zone, row
        self.fields["answer"] = _answer_field(kind, knowledge)
        self.fields["answer"].required = not self.data.get("not_known")
        self.fields["answer"].error_messages["required"] = NO_ANSWER
        if kind.kind in {"number", "date"}:
            self.fields["not_known"] = forms.BooleanField(
                required=False, label="Asked, and not known"
            )
        self.fields["at"] = forms.DateTimeField(
            required=False,
            label="When was it true?",
            help_text=f"In the time of the site ({zone.key}). Empty means now.",
            widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        )
        self.fields["how"] = forms.ChoiceField(
            required=False, choices=HOWS, label="How is it known?"
        )
        self.initial.setdefault("key", uuid.uuid4())
        self.initial.setdefault("seen", str(row.pk) if row else "")

    def clean_at(self) -> datetime | None:
        """Return the moment in the zone of the site; an hour that a clock change skips is refused."""
        given: datetime | None = self.cleaned_data["at"]
        if given is None:
            return None
        wall = given.replace(tzinfo=None)
        moment = wall.replace(tzinfo=self.zone)
        if moment.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) != wall:
            raise forms.ValidationError("The clocks skip this hour on this day.")
        if moment > timezone.now():
            raise forms.ValidationError("It cannot be true only later than now.")
        return moment.astimezone(UTC)

    def clean(self) -> dict[str, Any]:
        """Check the value by the vocabulary: its type, range and codes."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "answer" in self.errors:
            return cleaned
        given = cleaned.get("answer")
        is_unknown = cleaned.get("not_known") or given == NOT_KNOWN
        if is_unknown and given not in (None, "", NOT_KNOWN):
            self.add_error("answer", "Give the value, or say that it is not known, not both.")
        elif not is_unknown and given in (None, ""):
            self.add_error("answer", NO_ANSWER)
        elif not is_unknown:
            self._check(given)
        return cleaned

    def statement(
        self, *, name: str, at: datetime, corrects: StatedFact | None = None
    ) -> Statement:
        """Return what the form states; `name` is who states it."""
        cleaned = self.cleaned_data
        how = cleaned.get("how")
        return Statement(
            id=cleaned["key"],
            kind=self.kind,
            value=cleaned.get("value"),
            unknown=None if cleaned.get("value") is not None else Unknown.NOT_ANSWERED,
            at=cleaned.get("at") or at,
            origin=f"{how} ({name})" if how else f"recorded by {name}",
            seen=cleaned["seen"],
            corrects=corrects,
        )

    def _check(self, given: Any) -> None:
        try:
            value = self.kind.check(_typed(self.kind, given))
        except FactValueError as error:
            message = str(error).replace(self.kind.name, self.kind.label, 1)
            self.add_error("answer", message[:1].upper() + message[1:] + ".")
        else:
            self.cleaned_data["value"] = value


def _typed(kind: FactType, given: Any) -> Value | None:
    if kind.kind == "bool":
        return {"true": True, "false": False}.get(given)
    if kind.kind == "number" and float(given).is_integer():
        return int(given)
    return given  # type: ignore[no-any-return]  # a number, a code or a date, checked next


def _answer_field(kind: FactType, knowledge: Knowledge) -> forms.Field:
    label = knowledge.facts[kind.name].label
    label = label[:1].upper() + label[1:]
    if kind.kind == "number":
        unit = f" in {kind.unit}" if kind.unit and kind.unit != "score" else ""
        least, greatest = kind.least, kind.greatest
        limits = f"Between {least:g} and {greatest:g}{unit}." if least is not None else unit
        return forms.FloatField(
            label=f"{label}{unit}", required=False, help_text=limits,
            widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
        )  # fmt: skip
    if kind.kind == "date":
        return forms.DateField(
            label=label, required=False, widget=forms.DateInput(attrs={"type": "date"})
        )
    return forms.ChoiceField(
        label=label, required=False, widget=forms.RadioSelect, choices=_choices(kind, knowledge)
    )


def _choices(kind: FactType, knowledge: Knowledge) -> list[tuple[str, str]]:
    last = (NOT_KNOWN, "Asked, and not known")
    if kind.kind == "bool":
        return [("true", "Yes"), ("false", "No"), last]
    labels = knowledge.facts[kind.name].value_labels
    return [*((code, labels[code].en if code in labels else code) for code in kind.codes), last]


class ReasonForm(forms.Form):
    """A prescriber's reason: go on or not, and why, in their own words."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    treatment = forms.ChoiceField(
        widget=forms.HiddenInput, choices=[(each, each) for each in TREATMENTS]
    )
    rule = forms.CharField(widget=forms.HiddenInput, max_length=120)
    goes_on = forms.TypedChoiceField(
        label="Decision",
        choices=[("yes", "Go on, for this reason"), ("no", "Do not go on, for this reason")],
        coerce=lambda given: given == "yes",
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label="Reason", max_length=4000, min_length=10, widget=forms.Textarea(attrs={"rows": 3})
    )

    def reason(self) -> Reason:
        """Return what was written."""
        cleaned = self.cleaned_data
        return Reason(
            page=cleaned["key"],
            treatment=cleaned["treatment"],
            rule=cleaned["rule"],
            goes_on=cleaned["goes_on"],
            words=cleaned["words"],
        )


class AdoptionForm(forms.Form):
    """The site policy, exactly as it will stand, and the words of the act."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    policy = forms.CharField(
        label="Site policy",
        required=False,
        strip=False,
        max_length=200_000,
        help_text="YAML, or nothing. It is kept exactly as it stands here.",
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "class": "care-code"}),
    )
    words = forms.CharField(
        label="In your words: what you adopt, and what you looked at",
        min_length=10,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid.uuid4())
        self.initial.setdefault("sha256", load_knowledge().sha256)
        self.fields["words"].required = "check" not in self.data

    def clean_policy(self) -> str:
        """Return the policy with plain line ends, if it fits the running release."""
        policy: str = self.cleaned_data["policy"].replace("\r\n", "\n")
        try:
            policed(policy)
        except PolicyTextError as error:
            raise forms.ValidationError(str(error)) from None
        return policy


class TrialForm(forms.Form):
    """One past trial of a medicine; what is left empty is not recorded."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    medicine = forms.CharField(
        label="Medicine", max_length=80, help_text="By its name or a brand name."
    )
    dose_mg = forms.FloatField(
        label="Highest total daily dose in mg", required=False, min_value=0.001, max_value=10_000
    )
    weeks = forms.FloatField(
        label="Weeks taken", required=False, min_value=0, max_value=5200,
        help_text="At any dose, as far as is known.",
    )  # fmt: skip
    episode = forms.ChoiceField(
        label="Episode",
        required=False,
        choices=[("", "not known"), ("current", "the current one"), ("previous", "an earlier one")],
    )
    outcome = forms.ChoiceField(
        label="Outcome", choices=[(each, OUTCOMES.get(each, each)) for each in get_args(Outcome)]
    )
    improvement_percent = forms.FloatField(
        label="Improvement in percent", required=False, min_value=-100, max_value=100
    )
    adherence_percent = forms.FloatField(
        label="Doses taken, in percent", required=False, min_value=0, max_value=100
    )
    augmentation = forms.TypedChoiceField(
        label="Added to an antidepressant?",
        required=False,
        choices=[("", "not known: the medicine decides"), ("true", "yes"), ("false", "no")],
        coerce=lambda given: given == "true",
        empty_value=None,
    )
    is_whole = forms.BooleanField(
        label="With this one, the list has every trial of this episode",
        required=False,
        help_text="Without it there may be others, and what is counted is the least.",
    )

    def __init__(self, *args: Any, corrects: StatedTrial | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.corrects = corrects
        self.initial.setdefault("key", uuid.uuid4())
        self.initial.setdefault("outcome", "unknown")

    def statement(self) -> TrialStatement:
        """Return what the form states; what was left empty is left out."""
        given = dict(self.cleaned_data)
        key, is_whole = given.pop("key"), given.pop("is_whole")
        fields = {name: value for name, value in given.items() if value not in (None, "")}
        return TrialStatement(key, fields, is_whole, self.corrects)


class RecordForm(forms.Form):
    """A document to receive; its size is looked at here, its content where it is read."""

    file = forms.FileField(
        label="FHIR record in JSON",
        max_length=200,
        help_text="A Bundle, one resource, or one resource a line; at most 8 MB.",
        widget=forms.FileInput(attrs={"accept": ".json,.ndjson,application/fhir+json"}),
        error_messages={
            "required": "Choose a file of at most 8 MB.",
            "empty": "The file is empty.",
        },
    )


class NoteForm(forms.Form):
    """The words of a note, and the version that they started from."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    words = forms.CharField(
        label="Note",
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 30}),
        help_text="Saving keeps every version.",
    )
    unscreened = forms.CharField(
        label="The C-SSRS is not done. Why is the note signed without it?",
        required=False,
        max_length=500,
        help_text="Only for signing: it stands in the note.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid.uuid4())

    def edit(self, *, is_signing: bool = False) -> Edit:
        """Return what was written; signed without a screen, with the reason for that."""
        cleaned = self.cleaned_data
        words = cleaned["words"].replace("\r\n", "\n")
        if is_signing:
            words = with_reason(words, cleaned.get("unscreened") or "")
        return Edit(cleaned["key"], cleaned["seen"] or 0, words)
