"""What is asked of someone who asks for care, and of staff who work on it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile

from overstory.clinic.intake.asking import OUTCOME_WORDS, REASONS
from overstory.clinic.intake.asking_actions import Asked
from overstory.clinic.intake.uploads import (
    LARGEST_MB,
    MOST_FILES,
    TakenFile,
    UploadRefusedError,
    taken,
)
from overstory.clinic.people.clinics import Clinic
from overstory.clinic.people.forms.phones import PhoneField
from overstory.clinic.people.models import Staff
from overstory.clinic.ui.words import Words

CHANNELS = ("phone", "text", "email")
OLDEST = date(1900, 1, 1)
OF_THE_ASKER = ("asker_name", "asker_relation", "asker_phone")


def in_words(form: Any, words: Words) -> None:
    """Let a form say in the words of its page what is optional, missing or not saved yet."""
    form.optional_word = words("ask.optional")
    form.not_saved_word = words("ask.not_saved")
    for field in form.fields.values():
        field.error_messages["required"] = words("ask.missing")
        if isinstance(field, PhoneField):
            field.error_messages["too_few_digits"] = words("ask.bad_phone")
        elif isinstance(field, forms.DateField):
            field.error_messages["invalid"] = words("ask.bad_date")
        elif isinstance(field, forms.EmailField):
            field.error_messages["invalid"] = words("ask.bad_email")


class AskForm(forms.Form):
    """A request for care by the person or by someone close to them, in the words of its page."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    asker = forms.ChoiceField(
        choices=[("self", "self"), ("relative", "relative")], widget=forms.HiddenInput
    )
    name = forms.CharField(max_length=120)
    called = forms.CharField(max_length=60, required=False)
    birth_date = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    asker_name = forms.CharField(max_length=120)
    asker_relation = forms.CharField(max_length=60, required=False)
    asker_phone = PhoneField()
    phone = PhoneField(required=False)
    email = forms.EmailField(required=False)
    prefers = forms.ChoiceField(widget=forms.RadioSelect)
    speak = forms.ChoiceField(widget=forms.RadioSelect)
    reason = forms.ChoiceField(widget=forms.RadioSelect)
    words = forms.CharField(max_length=4000, required=False, widget=forms.Textarea)

    def __init__(
        self, *args: Any, words: Words, today: date, asker: str = "self", **more: Any
    ) -> None:
        start = {"id": uuid4(), "speak": words.language, "prefers": "phone", "asker": asker}
        more["initial"] = {**start, **more.get("initial", {})}
        super().__init__(*args, **more)
        self.said, self.today = words, today
        in_words(self, words)
        for name in set(AskForm.base_fields) - {"id", "asker"}:
            self.fields[name].label = words(f"ask.{name}")
        if self.data.get("asker", asker) == "relative":
            self.fields["name"].label = words("ask.their_name")
            self.fields["birth_date"].label = words("ask.their_birth_date")
            self.fields["called"].label = words("ask.they_called")
            self.fields["phone"].label = words("ask.their_phone")
            self.fields["email"].label = words("ask.your_email")
            self.fields["name"].help_text = words("ask.their_name_hint")
            self.fields["asker_phone"].help_text = words("ask.phone_hint")
        else:
            self.fields["name"].help_text = words("ask.name_hint")
            for name in ("phone", "email"):
                self.fields[name].optional_word = words("ask.one_of_two")  # type: ignore[attr-defined]
            for name in OF_THE_ASKER:
                del self.fields[name]
        for name in ("phone", "words"):
            self.fields[name].help_text = words(f"ask.{name}_hint")
        whose = "birth_date" if "asker_name" not in self.fields else "their_birth_date"
        self.fields["birth_date"].help_text = words(f"ask.{whose}_hint")
        self.fields["prefers"].help_text = words("ask.channel_note")
        self._choices("prefers", [(each, words(f"ask.by_{each}")) for each in CHANNELS])
        self._choices("speak", [("en", "English"), ("es", "Español")])
        self.fields["reason"].crisis_word = words("ask.crisis_link")  # type: ignore[attr-defined]
        self._choices("reason", [(each, words(f"ask.reasons.{each}")) for each in REASONS])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_birth_date(self) -> date | None:
        """Refuse a day that is not in the past."""
        born: date | None = self.cleaned_data["birth_date"]
        if born is not None and not OLDEST <= born <= self.today:
            raise forms.ValidationError(self.said("ask.bad_date"))
        return born

    def clean(self) -> dict[str, Any]:
        """Ask for a way to answer."""
        given = self.cleaned_data
        reached = given.get("phone") or given.get("email") or given.get("asker_phone")
        if not reached and not {"phone", "asker_phone"} & set(self.errors):
            self.add_error("phone", self.said("ask.need_one"))
        needed = "email" if given.get("prefers") == "email" else "phone"
        reachable = given.get(needed) or (needed == "phone" and given.get("asker_phone"))
        if given.get("prefers") and not reachable and needed not in self.errors:
            self.add_error(needed, self.said("ask.need_channel"))
        return given

    def asked(self) -> Asked:
        """Return what was told."""
        given = dict(self.cleaned_data)
        return Asked(language=given.pop("speak"), **given)


class ManyFiles(forms.ClearableFileInput):
    """An input that takes several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each looked at by its content."""

    def __init__(self, *, words: Words) -> None:
        super().__init__(
            required=False,
            widget=ManyFiles(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.json"}),
            label=words("refer.files"),
            help_text=words("refer.files_hint", mb=LARGEST_MB, count=MOST_FILES),
        )
        self.words = words

    def clean(self, data: Any, initial: Any = None) -> list[TakenFile]:
        """Return the files that may be kept."""
        del initial
        given: list[UploadedFile[Any]] = [each for each in data or [] if each]
        if len(given) > MOST_FILES:
            raise forms.ValidationError(self.words("errors.too_many", count=MOST_FILES))
        return [self._taken(each) for each in given]

    def _taken(self, file: UploadedFile[Any]) -> TakenFile:
        if (file.size or 0) > LARGEST_MB * 1_000_000:
            raise forms.ValidationError(self.words("errors.too_big", mb=LARGEST_MB))
        try:
            return taken(name=file.name or "", content=file.read())
        except UploadRefusedError as error:
            said = self.words(error.why, mb=LARGEST_MB)
            raise forms.ValidationError(f"{file.name}: {said}") from None


class ReferForm(forms.Form):
    """A referral by a professional, with letters or a FHIR Bundle."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    referrer = forms.CharField(max_length=120)
    referrer_phone = PhoneField()
    person_name = forms.CharField(max_length=120)
    birth_date = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    phone = PhoneField()
    reason = forms.ChoiceField()
    words = forms.CharField(max_length=4000, required=False, widget=forms.Textarea)
    knows = forms.BooleanField()

    def __init__(self, *args: Any, words: Words, today: date, **more: Any) -> None:
        more.setdefault("initial", {"id": uuid4()})
        super().__init__(*args, **more)
        self.said, self.today = words, today
        in_words(self, words)
        for name in ("referrer", "referrer_phone", "person_name", "words", "knows"):
            self.fields[name].label = words(f"refer.{name}")
        for name in ("birth_date", "phone", "reason"):
            self.fields[name].label = words(f"ask.{name}")
        self.fields["birth_date"].help_text = words("ask.their_birth_date_hint")
        self.fields["knows"].error_messages["required"] = words("refer.need_knows")
        reasons = [(each, words(f"ask.reasons.{each}")) for each in REASONS]
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]
        self.fields["files"] = FilesField(words=words)

    clean_birth_date = AskForm.clean_birth_date

    def files_given(self) -> list[TakenFile]:
        """Return the files that may be kept."""
        files: list[TakenFile] = self.cleaned_data["files"]
        return files

    def asked(self) -> Asked:
        """Return the referral as a request."""
        given = self.cleaned_data
        return Asked(
            id=given["id"],
            asker="professional",
            reason=given["reason"],
            name=given["person_name"],
            birth_date=given["birth_date"],
            phone=given["phone"],
            language=self.said.language,
            asker_name=given["referrer"],
            asker_phone=given["referrer_phone"],
            is_agreed=given["knows"],
            words=given["words"],
        )


class GiveForm(forms.Form):
    """Who is to own a request."""

    to = forms.ModelChoiceField(
        queryset=Staff.objects.none(), label="Give to", empty_label="Choose"
    )

    def __init__(self, *args: Any, clinic: Clinic, **more: Any) -> None:
        super().__init__(*args, **more)
        people = clinic.staff.filter(is_active=True).order_by("name")
        self.fields["to"].queryset = people  # type: ignore[attr-defined]


class StepForm(forms.Form):
    """What was done about a request."""

    what = forms.ChoiceField(
        label="What was done", choices=[("tried", "Tried to reach"), ("noted", "Note")]
    )
    words = forms.CharField(max_length=2000, label="In words", widget=forms.Textarea)


class CloseForm(forms.Form):
    """What came of a request that does not become a person in care."""

    outcome = forms.ChoiceField(
        label="What came of it",
        choices=[(each, said) for each, said in OUTCOME_WORDS.items() if each != "registered"],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        max_length=2000, label="In words", required=False, widget=forms.Textarea
    )


class RegisterForm(forms.Form):
    """Whether the one who asked is someone who is here already, and whether both were compared."""

    existing = forms.UUIDField(required=False)
    sure = forms.BooleanField(required=False)


class OpenForm(forms.Form):
    """Why a closed request is opened again."""

    words = forms.CharField(
        max_length=2000, label="Why", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class LetterForm(forms.Form):
    """A referral to someone else."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    to = forms.CharField(max_length=400, label="To", help_text="Name and address")
    subject = forms.CharField(max_length=200, label="Subject")
    text = forms.CharField(max_length=10_000, label="Letter", widget=forms.Textarea)
