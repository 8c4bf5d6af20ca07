"""What a person takes home beside their aid: what was chosen, what comes next, questions, whom to call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from overstory.clinic.care.choosing_aid import Aid
from overstory.clinic.care.choosing_reading import Chosen, chosen_by
from overstory.clinic.care.choosing_rows import Choice
from overstory.clinic.care.choosing_words import words
from overstory.clinic.care.planned import CarePlan
from overstory.clinic.people.models import Person
from overstory.clinic.safety.crisis import crisis_for
from overstory.clinic.ui.words import Words, day_words

Part: TypeAlias = tuple[str, tuple[str, ...]]
"""A heading and its lines."""
OPEN_ENDED = frozenset({"usual-care", "not-yet"})


@dataclass(frozen=True, slots=True)
class Own:
    """
    What a person takes home, in one language; `call` names the site with its phone, then the crisis lines.

    `matters` are what they said matters, the most important first, each with its number.
    """

    chosen: Part
    next: Part
    matters: Part
    questions: Part
    call: Part

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that have anything to say, in their order."""
        every = (self.chosen, self.next, self.matters, self.questions, self.call)
        return tuple(each for each in every if each[1])

    @property
    def for_paper(self) -> tuple[Part, ...]:
        """The same beside an aid that marks what matters itself."""
        return tuple(each for each in self.parts if each is not self.matters)


def own_of(person: Person, aid: Aid, *, at: datetime, language: str) -> Own:
    """Return what a person takes home, as it stands at a moment."""
    say, site = words(language), person.site
    chosen = chosen_by(aid.ids)
    rows = sorted(
        (row for row in aid.page.values if row.chosen), key=lambda row: -(row.chosen or 0)
    )
    crisis = () if aid.page.crisis else crisis_for(site, language, at.astimezone(site.zone).date())
    return Own(
        chosen=(say("own.chosen"), _chosen(chosen, aid, person, say)),
        next=(say("own.next"), _next(chosen.standing, aid, say)),
        matters=(
            say("own.matters"),
            tuple(say("own.matter", label=each.label, number=each.chosen) for each in rows),
        ),
        questions=(
            say("own.questions"), tuple(str(each.content["words"]) for each in reversed(aid.said.questions)),
        ),
        call=(say("own.call"), (f"{site.name}: {site.phone}", *crisis)),
    )  # fmt: skip


def _chosen(chosen: Chosen, aid: Aid, person: Person, say: Words) -> tuple[str, ...]:
    """Say what stands, or the last wish where nothing does."""
    row = chosen.standing or next(iter(chosen.choices), None)
    if row is None:
        return (say("own.chosen_nothing"),)
    names = {each.id: each.name for each in aid.page.cards}
    day = day_words(row.at.astimezone(person.site.zone).date(), say.language)
    said = "own.wished_for" if row.is_wish else "own.chose"
    return (say(said, day=day, option=names.get(row.option, row.option)), say("own.may_change"))


def _next(standing: Choice | None, aid: Aid, say: Words) -> tuple[str, ...]:
    if standing is None:
        return (say("own.next_open"),)
    if standing.option == "not-yet" and standing.look_again_on:
        day = day_words(standing.look_again_on, say.language)
        return (say("own.next_not_yet", day=day), say("own.next_worse"))
    if standing.option in OPEN_ENDED:
        return (say("own.next_usual"), say("own.next_worse"))
    plans = CarePlan.objects.filter(person__in=aid.ids, treatment=standing.option, ended_at=None)
    is_planned = plans.filter(signed_at__isnull=False).exists()
    return (say("own.next_planned" if is_planned else "own.next_consent"), say("own.next_worse"))
