"""The forms before a visit: the questions, each yes, no or not sure; and words of staff."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from overstory.clinic.arriving.asked import Standing, hints_of
from overstory.clinic.booking.models import Appointment
from overstory.clinic.intake.showing import in_language
from overstory.clinic.ui.words import Words
from overstory.knowledge.load import Knowledge

MOST_LETTERS = 500


class ReadyForm(forms.Form):
    """
    The questions that are asked before a visit now; one that is left out stays unknown.

    There is no field for words: what has to be said in words is said to someone. It shows what was
    answered before, unless it `begins_empty`, for staff who ask anew.
    """

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(
        self,
        sent: Any,
        *,
        visit: Appointment,
        standing: Standing,
        knowledge: Knowledge,
        say: Words,
        phone: str,
        begins_empty: bool = False,
    ) -> None:
        super().__init__(sent)
        choices = [("yes", say.at("ready.say_yes")), ("no", say.at("ready.say_no"))]
        choices.append(("not-sure", say.at("ready.not_sure")))
        for each in standing.asked:
            hints = hints_of(each, visit, knowledge, say.language)
            field = forms.ChoiceField(
                label=in_language(each.asks, say.language),
                choices=choices,
                widget=forms.RadioSelect,
                required=False,
                initial=None if begins_empty else standing.answers.get(each.id),
                help_text=" ".join(hints)
                if hints is not None
                else say("ready.ask_times", phone=phone),
            )
            self.fields[each.id] = field
        self.names = tuple(each.id for each in standing.asked)

    def answers(self) -> dict[str, str]:
        """Return what was answered, by question."""
        return {name: said for name in self.names if (said := self.cleaned_data[name])}


class WordsForm(forms.Form):
    """What staff did about someone before a visit, in a sentence."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    words = forms.CharField(
        label="What you did or found", max_length=MOST_LETTERS, widget=forms.Textarea
    )
