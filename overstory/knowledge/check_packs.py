"""What is refused of the questionnaire packs: what they name must exist, and reach its reader whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from overstory.engine.conditions import leaves_of
from overstory.engine.reading import read_condition
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.packs import AnswerAlert, Pack, PackPart, ScaleWording, ScreenFact
from overstory.knowledge.shapes.safety import Triage
from overstory.knowledge.shapes.scales import Scale


def pack_problems(knowledge: Knowledge) -> Iterator[str]:
    """Yield what is wrong with the packs, each with the name of the entry."""
    for section, problems in (
        ("packs", _pack),
        ("pack_parts", _part),
        ("left_out", _left_out),
        ("answer_alerts", _alert),
        ("scale_wordings", _wording),
        ("screen_facts", _screen),
    ):
        for entry in knowledge.sections.get(section, ()):
            for why in problems(entry, knowledge):
                yield f"{section}, {entry.id}: {why}"


def _pack(pack: Pack, knowledge: Knowledge) -> Iterator[str]:
    parts: dict[str, PackPart] = _by_id(knowledge, "pack_parts")
    yield from _missing("part", pack.parts, parts)
    mine = [parts[each] for each in pack.parts if each in parts]
    for each in mine:
        if each.who == "staff" and pack.who == "patient":
            yield f"{each.id} is asked by staff, and the pack is filled by the patient"
    asked = [name for each in mine for name in (*each.asks, each.scale) if name]
    for name in sorted({each for each in asked if asked.count(each) > 1}):
        yield f"{name} is asked twice"


def _part(part: PackPart, knowledge: Knowledge) -> Iterator[str]:
    known = {*knowledge.vocabulary, *_by_id(knowledge, "pack_questions")}
    yield from _missing("fact or question", part.asks, known)
    yield from _missing("scale", [part.scale] if part.scale else [], _by_id(knowledge, "scales"))
    yield from _missing("question of this part", part.words, part.asks)
    items = {each.id for each in scale.items} if (scale := _scale(part, knowledge)) else set()
    yield from _missing("question of this part", part.hints, items or part.asks)
    yield from _missing("fact", part.none_means, knowledge.vocabulary)
    if sum(map(bool, (part.scale, part.asks, part.ledger, part.medicines))) != 1:
        yield "a part has one of scale, asks, ledger and medicines"
    if (part.ledger or part.medicines) and part.opens is None:
        yield "a list is opened by words of its own"
    if part.ledger and (part.each is None or not part.outcomes):
        yield "a list of medicines tried has a title for each page and outcomes to choose"
    if scale and part.who == "patient" and scale.licence.ship != "yes":
        yield f"the wording of {scale.id} may not be shown; its licence says {scale.licence.ship}"


def _scale(part: PackPart, knowledge: Knowledge) -> Scale | None:
    found: Scale | None = _by_id(knowledge, "scales").get(part.scale)
    return found


def _left_out(entry: Any, knowledge: Knowledge) -> Iterator[str]:
    yield from _missing("fact", entry.asks, knowledge.vocabulary)
    if entry.means and set(entry.means) != set(entry.asks):
        yield "it says what each of its questions means, or of none"
    named = {leaf.fact for leaf in leaves_of(read_condition(entry.when, knowledge.vocabulary))}
    yield from (f"{name} cannot leave itself out" for name in entry.asks if name in named)


def _alert(alert: AnswerAlert, knowledge: Knowledge) -> Iterator[str]:
    scales: dict[str, Scale] = _by_id(knowledge, "scales")
    if sum(map(bool, (alert.finding, alert.triage, alert.asks))) != 1:
        yield "an alert has one of finding, triage and asks"
    known = {*knowledge.vocabulary, *_by_id(knowledge, "pack_questions")}
    yield from _missing("fact or question", [alert.asks] if alert.asks else [], known)
    yield from _missing("scale", [alert.scale] if alert.scale else [], scales)
    if alert.finding and alert.scale in scales:
        findings = {each.id for each in scales[alert.scale].findings if each.kind == "critical"}
        yield from _missing("critical finding", [alert.finding], findings)
    yield from _tiers(alert, knowledge)


def _tiers(alert: AnswerAlert, knowledge: Knowledge) -> Iterator[str]:
    if not alert.triage:
        return
    triages: dict[str, Triage] = _by_id(knowledge, "triages")
    yield from _missing("triage", [alert.triage], triages)
    if alert.triage in triages:
        tiers = {each.tier for each in triages[alert.triage].levels}
        yield from _missing("tier of this triage", [alert.from_tier], tiers)


def _wording(wording: ScaleWording, knowledge: Knowledge) -> Iterator[str]:
    scales: dict[str, Scale] = _by_id(knowledge, "scales")
    yield from _missing("scale", [wording.scale], scales)
    if wording.scale not in scales:
        return
    scale = scales[wording.scale]
    scored = {each.id for each in scale.items if each.scored}
    yield from _missing("item", wording.items, {each.id for each in scale.items})
    yield from (f"item {each} is not there" for each in sorted(scored - set(wording.items)))
    for name in {each.answers for each in scale.items if each.id in wording.items}:
        values = {f"{each.value:g}" for each in scale.answers[name].options}
        if set(wording.answers.get(name, {})) != values:
            yield f"its answers {name} are not those of the scale"


def _screen(entry: ScreenFact, knowledge: Knowledge) -> Iterator[str]:
    scales: dict[str, Scale] = _by_id(knowledge, "scales")
    yield from _missing("scale", [entry.scale], scales)
    yield from _missing("fact", [entry.fact], knowledge.vocabulary)
    if bool(entry.triage) == bool(entry.any_of):
        yield "a fact of a screen has its triage, or some of its items"
    if entry.scale in scales:
        items = {each.id for each in scales[entry.scale].items}
        yield from _missing("item", entry.any_of, items)


def _missing(kind: str, names: Iterable[str], known: Any) -> Iterator[str]:
    return (f"there is no {kind} {name!r}" for name in names if name not in known)


def _by_id(knowledge: Knowledge, section: str) -> dict[str, Any]:
    return {each.id: each for each in knowledge.sections.get(section, ())}
