"""What is asked before a visit, what was answered, and how the person stands by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from overstory.clinic.arriving.rows import NOT_READY, OPEN, READY, Readiness
from overstory.clinic.booking.models import Appointment
from overstory.knowledge.load import Knowledge, load_knowledge
from overstory.knowledge.shapes.arriving import ReadinessQuestion

ANSWERS = ("yes", "no", "not-sure")
SESSION = "session"


@dataclass(frozen=True, slots=True)
class Standing:
    """
    How a person stands before a visit.

    `answers` are the newest that count, by question; `asked` the questions that can be answered now,
    `later` those that are asked for on the day. One without an answer is unknown.
    """

    questions: tuple[ReadinessQuestion, ...]
    asked: tuple[ReadinessQuestion, ...]
    answers: Mapping[str, str]

    @property
    def not_ready(self) -> tuple[ReadinessQuestion, ...]:
        """The questions with another answer than the one with which the visit can go on."""
        return tuple(each for each in self.questions if self._is_not_ready(each))

    @property
    def left(self) -> tuple[ReadinessQuestion, ...]:
        """The questions that can be answered now and are not."""
        return tuple(each for each in self.asked if each.id not in self.answers)

    @property
    def later(self) -> tuple[ReadinessQuestion, ...]:
        """The questions that are asked for on the day."""
        return tuple(each for each in self.questions if each not in self.asked)

    @property
    def state(self) -> str:
        """Ready, not-ready, or open while something that is asked now is unknown."""
        if self.not_ready:
            return NOT_READY
        return OPEN if self.left or not self.questions else READY

    def _is_not_ready(self, question: ReadinessQuestion) -> bool:
        return self.answers.get(question.id, question.ready) != question.ready


def arriving_number(knowledge: Knowledge, number_id: str) -> float:
    """
    Return a number of arriving, in the unit that its id ends with.

    :raises LookupError: if the knowledge has no such number.
    """
    for each in knowledge.sections["arriving_numbers"]:
        if each.id == number_id:
            return float(each.value)
    raise LookupError(f"the knowledge has no {number_id} in arriving_numbers")


def of_treatment(treatment: str, knowledge: Knowledge) -> tuple[ReadinessQuestion, ...]:
    """Return all questions that a treatment can bring, in their order."""
    found = (each for each in knowledge.sections["readiness"] if treatment in each.applies_to)
    return tuple(sorted(found, key=lambda each: each.place))


def session_of(appointment: Appointment) -> Mapping[str, Any] | None:
    """Return what the plan says of the session of an appointment; none for a visit without one."""
    if appointment.plan is None or appointment.n is None:
        return None
    sessions: Sequence[Mapping[str, Any]] = appointment.plan.content["sessions"]
    return next((each for each in sessions if each["n"] == appointment.n), None)


def questions_of(appointment: Appointment, knowledge: Knowledge) -> tuple[ReadinessQuestion, ...]:
    """Return the questions of a visit: those of its treatment that the plan needs for this session."""
    if appointment.kind != SESSION:
        return ()
    found = of_treatment(appointment.treatment, knowledge)
    session = session_of(appointment)
    if session is None:
        return found
    needs = {each["id"] for each in session["needs"]}
    return tuple(each for each in found if needs & set(each.needs))


def standing_of(
    appointment: Appointment,
    replies: Sequence[Readiness],
    *,
    knowledge: Knowledge,
    now: datetime,
) -> Standing:
    """Return how a person stands before a visit by all replies to it, the first of them first."""
    questions = questions_of(appointment, knowledge)
    counts = day_opens(appointment, knowledge)
    answers = _newest(questions, replies, counts)
    asked = tuple(each for each in questions if not each.of_the_day or now >= counts)
    return Standing(questions, asked, answers)


def _newest(
    questions: Sequence[ReadinessQuestion], replies: Sequence[Readiness], counts: datetime
) -> dict[str, str]:
    """The newest answer that counts to each question; `replies` are in order of time."""
    answers: dict[str, str] = {}
    for reply in replies:
        for each in questions:
            said = reply.answers.get(each.id)
            if said in ANSWERS and not (each.of_the_day and reply.at < counts):
                answers[each.id] = said
    return answers


def not_ready_in(
    appointment: Appointment, replies: Sequence[Readiness], knowledge: Knowledge
) -> tuple[tuple[str, str], ...]:
    """
    Return what keeps someone from being ready: the question in short, and what was answered.

    It opens no plan: only what the plan needs was asked, so that only that was answered.
    """
    questions = of_treatment(appointment.treatment, knowledge)
    answers = _newest(questions, replies, day_opens(appointment, knowledge))
    return tuple(
        (each.label, answers[each.id].replace("-", " "))
        for each in questions
        if answers.get(each.id, each.ready) != each.ready
    )


def day_opens(appointment: Appointment, knowledge: Knowledge) -> datetime:
    """Return from when on an answer about the night and the day before counts for a visit."""
    return appointment.starts - timedelta(hours=arriving_number(knowledge, "answer-counts-hours"))


def is_open(
    appointment: Appointment,
    last: tuple[datetime, str] | None,
    *,
    knowledge: Knowledge,
    now: datetime,
) -> bool:
    """
    Return whether something is still to be answered now; `last` is when the newest reply came, and its state.

    It opens no plan, so that it can be asked of many visits at once.
    """
    if appointment.kind != SESSION:
        return False
    found = of_treatment(appointment.treatment, knowledge)
    if not found:
        return False
    if last is None or last[1] == OPEN:
        return True
    opens = day_opens(appointment, knowledge)
    return any(each.of_the_day for each in found) and now >= opens and last[0] < opens


def hints_of(
    question: ReadinessQuestion, appointment: Appointment, knowledge: Knowledge, language: str
) -> tuple[str, ...] | None:
    """Return the words for the patient under a question, as `patient_words` does."""
    return patient_words(question.rules, appointment.treatment, knowledge, language)


def patient_words(
    rules: Iterable[str], treatment: str, knowledge: Knowledge, language: str
) -> tuple[str, ...] | None:
    """
    Return what rules of a treatment say to the patient; none where the clinic changed one of them.

    Those words hold the times of the rule as it was shipped; a clinic that keeps to others says them.
    """
    named = set(rules)
    shipped = {each.id: each.words.when for each in load_knowledge().rules if each.id in named}
    found: list[str] = []
    for rule in knowledge.rules:
        if rule.id not in named or treatment not in rule.words.applies_to:
            continue
        if rule.words.when != shipped[rule.id]:
            return None
        found.append(rule.words.to_patient_es if language == "es" else rule.words.to_patient)
    return tuple(found)
