"""Stories of questionnaires: sent, half done, handed in, repeated; and of the alerts that they raise."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.conf import settings

from overstory.clinic.demo.world import Story, World
from overstory.clinic.intake.filling import Questionnaire
from overstory.clinic.intake.giving import Giver, give
from overstory.clinic.intake.links import begin, make_link, open_link, submit
from overstory.clinic.intake.sending import send_link
from overstory.clinic.people.actions import say_channel
from overstory.clinic.people.models import Person
from overstory.knowledge.load import load_knowledge
from overstory.pathway.pack_replies import read_reply
from overstory.pathway.pack_values import Question, Reply
from overstory.pathway.packs import read_pack

A_QUESTION = timedelta(seconds=11)
MEDICINES = (
    "sertraline 100 mg",
    "escitalopram 20 mg",
    "venlafaxine 150 mg",
    "levothyroxine 50 mcg",
)
TRIED = (
    ("sertraline", 150, 10), ("escitalopram", 20, 9), ("venlafaxine", 150, 12),
    ("bupropion", 300, 8), ("mirtazapine", 30, 7), ("fluoxetine", 40, 14),
)  # fmt: skip
OUTCOMES = ("no-response", "partial-response", "intolerance")
NUMBERS = {
    "fact.weight_kg": (54, 104), "fact.height_cm": (155, 190),
    "fact.current_episode_weeks": (12, 60), "fact.weekdays_available": (3, 5),
    "fact.travel_minutes_one_way": (10, 70),
}  # fmt: skip
YES = frozenset({"fact.has_escort_home", "fact.can_attend_daily", "fact.takes_oral_antidepressant"})
SYMPTOMS = ("phq9.", "gad7.", "pcl5.")


def sent(world: World, what: str, person: Person, *, pack: str, at: datetime) -> Questionnaire:
    """Send a link to a questionnaire, by e-mail that the person allowed."""
    nurse = world.at_site("nurse", site=person.site)
    desk = world.at_site("coordinator", site=person.site)
    say_channel(person=person, channel="email", is_given=True, by=desk, at=at)
    form = begin(person=person, pack=pack, by=nurse, at=at, key=world.key("form", what))
    made = make_link(questionnaire=form, by=nurse, at=at)
    send_link(link=made.link, address=f"{settings.ORIGIN}/q/{made.token}/", at=at)
    return form


def answered(
    world: World, what: str, form: Questionnaire, *, at: datetime, level: float,
    known: Mapping[str, str] | None = None, stop_after: int = 1000,
) -> Generator[datetime, None, datetime]:  # fmt: skip
    """
    Answer a questionnaire on a phone, and hand it in unless it stops before; return when.

    `level` is how severe things are (0 to 3); `known` are answers that are set, by question.
    """
    random = world.random("answers", what)
    link = form.links.get(revoked_at=None)
    yield at
    if link.consumed_at is None and form.person.birth_date is not None:
        open_link(link=link, birth_date=form.person.birth_date, at=at)
    giver = Giver(f"link:{link.pk}", language=form.person.language)
    pack = read_pack(form.pack, load_knowledge())
    replies: dict[str, Reply] = {}
    question = pack.next_after(None, replies)
    while question is not None and len(replies) < stop_after:
        at += A_QUESTION
        yield at
        said = _said(question, random, level, known or {})
        replies[question.key] = read_reply(question, said)
        give(
            questionnaire=form, question=question.key, reply=replies[question.key], giver=giver,
            at=at,
        )  # fmt: skip
        question = pack.next_after(question.key, replies)
    if question is None:
        at += A_QUESTION
        yield at
        submit(questionnaire=form, by=None, actor=giver.actor, at=at)
    return at


def course_of_scores(
    world: World, what: str, person: Person, *, levels: tuple[float, ...], every: int
) -> Story:
    """Tell how someone answered the PHQ-9 and GAD-7 again and again, some days apart."""
    for number, level in enumerate(levels):
        days = -2 - every * (len(levels) - 1 - number)
        at = world.moment(person.site, days, 10, 5 + number)
        yield at
        form = sent(world, f"{what}/{number}", person, pack="phq9-gad7", at=at)
        yield from answered(
            world, f"{what}/{number}", form, at=at + timedelta(hours=2), level=level
        )


def _said(
    question: Question, random: Random, level: float, known: Mapping[str, str]
) -> dict[str, list[str]]:
    """Return what is put into the fields of a question's page."""
    if question.key in known:
        return {"answer": [known[question.key]]}
    return _BY_KIND[question.kind](question, random, level)


def _one(question: Question, random: Random, level: float) -> dict[str, list[str]]:
    values = [each.value for each in question.choices]
    if question.key == "phq9.9":
        chosen: Any = values[0]
    elif question.key.startswith(SYMPTOMS):
        chosen = values[max(0, min(len(values) - 1, round(random.gauss(level, 0.6))))]
    else:
        chosen = values[0] if question.key.startswith("audit_c") else random.choice(values[:2])
    return {"answer": [f"{chosen:g}" if isinstance(chosen, float | int) else str(chosen)]}


def _yes_no(question: Question, random: Random, level: float) -> dict[str, list[str]]:
    del level
    if question.is_gate or question.key in YES or question.key == "trials.any":
        return {"answer": ["yes"]}
    if question.may_be_unsure and random.random() < 0.03:
        return {"decline": ["not-sure"]}
    return {"answer": ["no"]}


def _number(question: Question, random: Random, level: float) -> dict[str, list[str]]:
    del level
    first, last = NUMBERS.get(question.key, (1, 1))
    return {"answer": [str(random.randint(first, last))]}


def _many(question: Question, random: Random, level: float) -> dict[str, list[str]]:
    del random, level
    ways = ["phone", "email"] if question.key == "own.ways-to-reach" else ["none"]
    return {"answer": ways}


def _trial(question: Question, random: Random, level: float) -> dict[str, list[str]]:
    del level
    number = int(question.key.rpartition(".")[2])
    medicine, dose, weeks = TRIED[(number + random.randint(0, 1)) % len(TRIED)]
    return {
        "medicine": [medicine], "dose_mg": [str(dose)], "weeks": [str(weeks)],
        "episode": ["current"], "outcome": [random.choice(OUTCOMES)],
        "more": ["yes" if number < 3 else "no"],
    }  # fmt: skip


def _medicines(question: Question, random: Random, level: float) -> dict[str, list[str]]:
    del question, level
    return {"answer": ["\n".join(random.sample(MEDICINES, 2))]}


def _text(question: Question, random: Random, level: float) -> dict[str, list[str]]:
    del question, random, level
    return {"decline": ["rather-not-say"]}


_BY_KIND = {
    "one-of": _one, "yes-no": _yes_no, "number": _number, "many-of": _many, "trial": _trial,
    "medicines": _medicines, "text": _text,
}  # fmt: skip
