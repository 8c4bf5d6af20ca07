"""The SURE test: four questions that show whether somebody is sure of their choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.choices import AidPolicy

QUESTIONS = ("sure", "understand", "matters", "support")
"""In the order of the aid's words: sure, knows good and bad, clear what matters, enough support."""


class SureAnswerError(ValueError):
    """An answer to a question that the test does not have."""


@dataclass(frozen=True, slots=True)
class Sure:
    """
    How many said yes, how many questions are open, and whether the person is sure.

    `is_sure` is None while the open questions could still decide it; below the number that the
    source asks for is called decisional conflict.
    """

    yes: int
    open: int
    is_sure: bool | None


def sure(*, answers: Mapping[str, bool | None], knowledge: Knowledge) -> Sure:
    """
    Return the result of the answers; a question that nobody answered is open, never a no or a yes.

    :raises SureAnswerError: for an answer to another question.
    """
    strange = sorted(set(answers) - set(QUESTIONS))
    if strange:
        raise SureAnswerError(f"the SURE test asks {', '.join(QUESTIONS)}, not {strange[0]!r}")
    policy: AidPolicy = knowledge.sections["aid"][0]
    given = [answers.get(each) for each in QUESTIONS]
    yes, unanswered = given.count(True), given.count(None)
    is_sure: bool | None = None
    if yes >= policy.sure_at:
        is_sure = True
    elif yes + unanswered < policy.sure_at:
        is_sure = False
    return Sure(yes=yes, open=unanswered, is_sure=is_sure)
