"""Screens for suicide risk to a level, in three values; and the tier over all screens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from overstory.engine.truth import Truth

TIERS = ("none", "low", "moderate", "high", "imminent")


class TriageError(ValueError):
    """A screen or tier that cannot be; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class CssrsTriage:
    """
    What a C-SSRS screener says.

    `level` is none, low, moderate, high, or `None`: not screened. `at_least` is the level that the
    answers given make certain. `triggers` are the answers that made it; `missing` the questions
    that are needed and open.
    """

    level: str | None
    at_least: str
    triggers: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AsqTriage:
    """What an ASQ says: negative, non-acute-positive, acute-positive, or `None`: not known."""

    result: str | None
    at_least: str
    triggers: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TierFinding:
    """
    Where one screen, or one clinician, puts a person at a moment.

    `tier` is `None` for a screen left open. A clinician's finding has the `reason` that was signed.
    """

    instrument: str
    tier: str | None
    at: datetime
    by_clinician: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TierAnswer:
    """The tier over all findings, those that make it, and the screens that are open."""

    tier: str | None
    because: tuple[TierFinding, ...]
    open: tuple[TierFinding, ...]


def cssrs_screen(
    *,
    q1: Truth = None,
    q2: Truth = None,
    q3: Truth = None,
    q4: Truth = None,
    q5: Truth = None,
    q6: Truth = None,
    q6_recent: Truth = None,
) -> CssrsTriage:
    """
    Return the level of a C-SSRS screener; an answer of `None` is an open question.

    `q6_recent` is whether the behaviour of question 6 was within three months; unknown counts as
    recent, and so does a yes here beside a no to question 6. In the form since the last contact,
    give question 6 for both. Source: the knowledge's triage `cssrs-screen`.
    """
    recent = q6_recent is True or (q6 is True and q6_recent is None)
    yes = {
        "high": _answered_yes(q4=q4, q5=q5, q6_recent=recent),
        "moderate": _answered_yes(q3=q3, q6=q6),
        "low": _answered_yes(q1=q1, q2=q2),
    }
    needed = {"q1": q1, "q2": q2, "q6": q6}
    if q2 is not False:
        needed |= {"q3": q3, "q4": q4, "q5": q5}
    if q6 is True:
        needed["q6_recent"] = q6_recent
    missing = tuple(sorted(name for name, answer in needed.items() if answer is None))
    at_least = next((level for level in yes if yes[level]), "none")
    known = at_least == "high" or not missing
    return CssrsTriage(at_least if known else None, at_least, yes.get(at_least, ()), missing)


def asq(
    *,
    q1: Truth = None,
    q2: Truth = None,
    q3: Truth = None,
    q4: Truth = None,
    q5: Truth = None,
) -> AsqTriage:
    """
    Return the result of an ASQ; an answer of `None` is an open question.

    Question 5 is needed after any yes; a yes to it is acute whatever else is open. Source: the
    knowledge's triage `asq`.
    """
    yes = {
        "acute-positive": _answered_yes(q5=q5),
        "non-acute-positive": _answered_yes(q1=q1, q2=q2, q3=q3, q4=q4),
    }
    needed = {"q1": q1, "q2": q2, "q3": q3, "q4": q4}
    if yes["non-acute-positive"]:
        needed["q5"] = q5
    missing = tuple(name for name, answer in needed.items() if answer is None)
    at_least = next((result for result in yes if yes[result]), "negative")
    known = at_least == "acute-positive" or (at_least != "negative" and q5 is False) or not missing
    return AsqTriage(at_least if known else None, at_least, yes.get(at_least, ()), missing)


def highest_tier(*, findings: Sequence[TierFinding], at: datetime, within: timedelta) -> TierAnswer:
    """
    Return the highest tier of the findings within the window; tiers are never averaged.

    A clinician's finding replaces what stood before it, so only a clinician lowers a tier, and only
    with a reason. An open screen never lowers one: with no positive finding the tier is unknown.
    The window is the knowledge's `setting.tier-window`.

    :raises TriageError: if a tier is no tier, an instrument says imminent, a clinician gives no
        tier or no reason, or a finding is later than `at`.
    """
    for finding in findings:
        _check_finding(finding, at)
    recent = [each for each in findings if at - each.at <= within]
    signed = max((each.at for each in recent if each.by_clinician), default=None)
    counting = [
        each for each in recent if signed is None or each.at > signed or _signed_at(each, signed)
    ]
    unanswered = tuple(each for each in counting if each.tier is None)
    highest = max(
        (each.tier for each in counting if each.tier is not None), key=TIERS.index, default=None
    )
    if highest in (None, "none") and (unanswered or highest is None):
        return TierAnswer(None, (), unanswered)
    because = tuple(each for each in counting if each.tier == highest)
    return TierAnswer(highest, because, unanswered)


def _signed_at(finding: TierFinding, moment: datetime) -> bool:
    return finding.by_clinician and finding.at == moment


def _answered_yes(**answers: Truth) -> tuple[str, ...]:
    return tuple(name for name, answer in answers.items() if answer is True)


def _check_finding(finding: TierFinding, at: datetime) -> None:
    if finding.tier is not None and finding.tier not in TIERS:
        raise TriageError(f"{finding.tier!r} is no tier; a tier is one of {', '.join(TIERS)}")
    if finding.at > at:
        raise TriageError(f"{finding.instrument}: found later than the moment asked about")
    if finding.by_clinician and (finding.tier is None or not finding.reason.strip()):
        raise TriageError("a clinician's finding has a tier and the reason for it")
    if finding.tier == "imminent" and not finding.by_clinician:
        raise TriageError(f"{finding.instrument}: only a clinician says imminent")
