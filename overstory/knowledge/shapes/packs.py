"""Questionnaire packs: which questions go together, in whose words, and what they alert to."""

from __future__ import annotations

from typing import Literal

from overstory.knowledge.shapes.safety import Tier
from overstory.knowledge.shapes.shared import Cites, Shape, Status, Text

Filler = Literal["patient", "staff"]


class OwnChoice(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One answer to a question of our own."""

    id: str
    says: Text


class OwnQuestion(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A question that is neither of a scale nor of the vocabulary.

    `channels` marks the question whose choices are ways to be reached. After anything but a yes to a
    `gate` nothing more is asked.
    """

    id: str
    kind: Literal["yes-no", "one-of", "many-of", "text"]
    asks: Text
    hint: Text | None = None
    choices: list[OwnChoice] = []
    channels: bool = False
    gate: bool = False


class PackPart(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Questions that belong together.

    `scale`: the items of a scale whose wording may be shown to who fills it, with `stem` before each.
    `asks`: facts of the vocabulary and questions of our own, in order; `words` replaces the
    vocabulary's words where an answer here needs others, `hints` stands below a fact's question or
    an item of a scale. `ledger`: a list of medicines tried,
    opened by `opens`, one page each under `each`, with `outcomes` to choose; `none_means` are the
    facts that "none at all" gives. `medicines`: the list of what is taken now, asked by `opens`.
    """

    id: str
    title: Text
    intro: Text | None = None
    who: Filler = "patient"
    scale: str = ""
    stem: Text | None = None
    asks: list[str] = []
    words: dict[str, Text] = {}
    hints: dict[str, Text] = {}
    opens: Text | None = None
    hint: Text | None = None
    ledger: bool = False
    each: Text | None = None
    outcomes: list[OwnChoice] = []
    none_means: dict[str, float] = {}
    medicines: bool = False
    source: Cites
    status: Status


class Pack(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Parts in the order in which they are asked, for a reason; `about` tells staff when it is sent.

    `name` is what staff call it, `title` what its reader sees.

    A pack that was released keeps its id, so that what was answered stays readable; a `retired` one
    is sent no more.
    """

    id: str
    name: str
    title: Text
    about: str
    who: Filler = "patient"
    retired: bool = False
    parts: list[str]
    source: Cites
    status: Status


class LeftOut(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Questions that are not asked while `when` is true; while it is unknown they are asked.

    `means` are the facts among them that have a value by the answer, where its words say so.
    """

    id: str
    asks: list[str]
    when: str
    means: dict[str, bool] = {}
    why: str


class AnswerAlert(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    Which answers raise an alert before the next page is shown.

    One of: a `finding` of a `scale`; the `triage` of a `scale` (then `from_tier` is the least tier
    that alerts, and the alert has the triage's tier; `open_says` is said of a needed question that
    was left open, which alerts at `tier`); a yes to what `asks` names. `tier` is the rung of the
    escalation ladder.
    """

    id: str
    kind: str
    says: str
    tier: Tier | Literal["unscreened"] = "unscreened"
    scale: str = ""
    finding: str = ""
    triage: str = ""
    from_tier: str = ""
    open_says: str = ""
    asks: str = ""
    source: Cites
    status: Status


class ScaleWording(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    The rights-holder's own published wording of a scale in another language.

    `items` by item, `answers` by answer set and then by the value on the form, as text.
    """

    id: str
    scale: str
    language: Literal["es"]
    stem: str
    items: dict[str, str]
    answers: dict[str, dict[str, str]]
    notice: str
    source: Cites
    status: Status
    note: str = ""


class ScreenFact(Shape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """
    A fact that a screen fills: the level of its `triage`, or whether `any_of` its items is a yes.

    An item that the screen leaves out after a no counts as a no; one left open is unknown.
    """

    id: str
    scale: str
    fact: str
    triage: str = ""
    any_of: list[str] = []
    source: Cites
    status: Status


PACK_SECTIONS = {
    "packs": list[Pack],
    "pack_parts": list[PackPart],
    "pack_questions": list[OwnQuestion],
    "left_out": list[LeftOut],
    "answer_alerts": list[AnswerAlert],
    "scale_wordings": list[ScaleWording],
    "screen_facts": list[ScreenFact],
}
"""The top-level keys of the files under `packs/`."""
