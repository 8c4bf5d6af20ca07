"""How figures of a population are worded: names, verdicts, kinds of rules, counts and shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

Count = int | None
"""People, or nothing where a small count is hidden."""

TREATMENTS = {
    "esketamine": "Esketamine nasal spray",
    "ketamine-iv": "Ketamine infusion (IV)",
    "kap": "Ketamine-assisted psychotherapy",
    "tms": "Transcranial magnetic stimulation",
    "ketamine-then-tms": "Ketamine, then TMS",
}
JURISDICTIONS = {"US": "United States", "EU": "European Union"}
VERDICTS = {
    "contraindicated": ("Contraindicated", "a rule that says never is true of them"),
    "not-indicated": ("Not indicated", "nothing that the treatment is for is true of them"),
    "not-now": ("Not now", "something has to be put right, or has to pass, first"),
    "cannot-say-yet": ("Cannot say yet", "a fact that could decide is unknown"),
    "with-conditions": ("With conditions", "it can go on once each listed point is settled"),
    "suitable": ("Suitable", "everything that decides is known, and nothing stands in the way"),
}
LEVELS = {
    "high": "High risk now",
    "moderate": "Moderate",
    "low": "Low",
    "unknown": "Unknown",
    "none": "None reported",
}
OBLIGES = {
    "high": (
        "The crisis path first: precautions at once, nobody left alone until a mental health "
        "professional has seen them, the psychiatrist on call called. Questions of treatment wait."
    ),
    "moderate": (
        "A full assessment by a licensed clinician the same day, a safety plan, a talk about means, "
        "the next contact set."
    ),
    "low": "Offer a safety plan, ask about means, give the crisis card. Screen again at every visit.",
    "unknown": (
        "Not screened, or not since an answer that asks for it. That is not “none”: ask the Columbia "
        "suicide screen (C-SSRS) today, and give the crisis card."
    ),
    "none": "Nothing was reported when last asked. That is not “no risk”.",
}
"""What a level obliges to, in short; the actions in full stand in the knowledge of safety."""
KINDS = {
    "contraindication": "never",
    "indication": "what it is for",
    "defer": "not now",
    "requires": "must be known",
    "physician-decision": "physician decides",
    "caution": "caution",
    "notice": "always said",
}
STATUSES = {
    "primary": "primary source",
    "secondary": "secondary source",
    "site-policy": "site policy",
    "recalled": "UNVERIFIED",
}
WAYS = {
    "now": "Now",
    "if_every_answer_is_no": "If open answers were no",
    "at_best": "At best",
}
HIDDEN = "hidden"
NOTHING = "–"


def treatment_name(name: str) -> str:
    """Return how a treatment is called."""
    return TREATMENTS.get(name, name)


def number(count: Count) -> str:
    """Return a count with its thousands set apart; one that is not told is `hidden`."""
    return HIDDEN if count is None else f"{count:,}"


def people_are(count: Count) -> str:
    """Return how a sentence about so many people begins."""
    if count is None:
        return f"Some people ({HIDDEN} how many) are"
    return "1 person is" if count == 1 else f"{number(count)} people are"


def small(count: Count, *, below: int | None) -> str:
    """Return a count that is hidden only when it is small: then it is told as less than `below`."""
    return f"<{below}" if count is None and below else number(count)


def share(part: Count, whole: Count) -> str:
    """
    Return a part of a whole in percent to one place.

    A part that is not nothing is never 0.0 %, one that is not all is never 100.0 %, and there is no
    share of nobody nor of a count that is hidden.
    """
    if part is None or not whole:
        return NOTHING
    percent = 100 * part / whole
    if 0 < percent < 0.05:
        return "<0.1%"
    if 99.95 <= percent < 100:
        return ">99.9%"
    return f"{percent:.1f}%"


def with_share(part: Count, whole: Count) -> str:
    """Return a count with its share of a whole, where there is one."""
    said = share(part, whole)
    return number(part) if said == NOTHING else f"{number(part)} ({said})"


def total(counts: Iterable[Count]) -> Count:
    """Return the sum of counts, which is hidden where one of them is."""
    found = 0
    for count in counts:
        if count is None:
            return None
        found += count
    return found


def moment(at: str) -> str:
    """Return the moment of the figures, to the minute, with its zone."""
    return (
        datetime.fromisoformat(at).isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC")
    )


def waiting(figures: Mapping[str, Any]) -> Count:
    """Return how many verdicts, over all treatments, cannot be said yet."""
    return total(each["verdicts"]["cannot-say-yet"] for each in figures["treatments"])


def hidden_below(figures: Mapping[str, Any]) -> int | None:
    """Return below which number counts are hidden, or nothing where none is."""
    below: int | None = figures.get("small_cells_hidden_below")
    return below
