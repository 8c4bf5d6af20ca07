"""Writes docs/knowledge/ from the knowledge: rules by treatment, scales, sources, what is only recalled."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from overstory.cli.assessment_text import TREATMENT_NAMES
from overstory.cli.explain import condition_text
from overstory.knowledge.load import Knowledge, load_knowledge
from overstory.knowledge.rules import ReadRule
from overstory.knowledge.shapes.protocols import Protocol
from overstory.knowledge.shapes.scales import Scale
from overstory.knowledge.shapes.shared import Cite, cites
from overstory.pathway.protocols import judge, protocols_of

HOME = Path(__file__).parents[1] / "docs" / "knowledge"
COMMAND = "python tools/knowledge_pages.py"
KINDS = {
    "indication": "What it is for",
    "contraindication": "Never, on these facts",
    "defer": "Not now; fix first",
    "physician-decision": "Only with a physician's written reason",
    "caution": "Go on, with the named precaution",
    "requires": "Must be known first",
    "notice": "Always said",
    "gate": "At the session (never part of suitability)",
    "criterion": "Asked by a payer (never part of suitability)",
    "alert": "Watched for (never part of suitability)",
}
STATUSES = {
    "primary": "read in a label, clearance, trial, guideline or regulation",
    "secondary": "read in another document",
    "site-policy": "our default, which a clinic adopts, changes or refuses; not evidence",
    "recalled": "not read again in its source: a caution or a physician-decision at most",
}


def pages(knowledge: Knowledge) -> dict[str, str]:
    """Return the text of every page by its file name."""
    found = {f"{each}.md": treatment_page(each, knowledge) for each in TREATMENT_NAMES}
    return {
        **found,
        "watched.md": watched_page(knowledge),
        "protocols.md": protocols_page(knowledge),
        "scales.md": scales_page(knowledge),
        "sources.md": sources_page(knowledge),
        "recalled.md": recalled_page(knowledge),
        "README.md": index_page(knowledge),
    }


def stale(knowledge: Knowledge, home: Path = HOME) -> list[str]:
    """Return the names of the pages that are missing, too many, or not what the knowledge says."""
    expected = pages(knowledge)
    present = {path.name: path.read_text(encoding="utf-8") for path in home.glob("*.md")}
    names = sorted(expected.keys() | present.keys())
    return [name for name in names if expected.get(name) != present.get(name)]


def index_page(knowledge: Knowledge) -> str:
    """Return the page that leads to the others, with counts."""
    statuses = Counter(str(rule.words.status) for rule in knowledge.rules)
    intro = (
        f"Release {knowledge.version}: {len(knowledge.rules)} rules on {len(knowledge.vocabulary)} "
        f"facts, from {len(knowledge.sources)} sources. **No clinician has reviewed it yet.** A "
        "clinic's medical director adopts a release before it is used for real patients."
    )
    lines = [
        intro,
        "",
        *_table(
            ("status", "rules", "meaning"),
            [(each, statuses[each], meaning) for each, meaning in STATUSES.items()],
        ),
        "",
        "| page | what stands there |",
        "|---|---|",
    ]
    lines += [f"| [{name}]({each}.md) | its rules |" for each, name in TREATMENT_NAMES.items()]
    lines += [
        "| [Watched](watched.md) | rules that belong to no treatment: safety levels and alarms |",
        "| [Protocols](protocols.md) | courses of treatment, and whether they may be planned |",
        "| [Scales](scales.md) | questionnaires and ratings, with licence and sources |",
        "| [Sources](sources.md) | every document, when it was read and is to be read again |",
        "| [Recalled](recalled.md) | what nobody has read again in its source yet |",
    ]
    return _page("The knowledge, as pages", lines)


def treatment_page(treatment: str, knowledge: Knowledge) -> str:
    """Return the page of one treatment: its rules by kind, in plain words."""
    rules = [each for each in knowledge.rules if treatment in each.words.applies_to]
    indicated = any(each.kind == "indication" for each in rules)
    if indicated and treatment in knowledge.off_label:
        rules.append(knowledge.off_label[treatment])
    lines = [f"{len(rules)} rules. Regulatory status and evidence stand with each indication."]
    if not indicated:
        lines.append("Besides its own rules, those of its parts apply.")
    return _page(TREATMENT_NAMES[treatment], [*lines, *_by_kind(rules, knowledge)])


def watched_page(knowledge: Knowledge) -> str:
    """Return the page of the rules that belong to no treatment."""
    rules = [each for each in knowledge.rules if not each.words.applies_to]
    return _page("Watched for everybody", [f"{len(rules)} rules.", *_by_kind(rules, knowledge)])


def protocols_page(knowledge: Knowledge) -> str:
    """Return the page of the protocols: sessions, dose or stimulation, and what is unverified."""
    header = ("protocol", "sessions", "each", "may be planned", "unverified", "sources")
    found = [
        judge(protocol=each, knowledge=knowledge) for each in protocols_of(knowledge=knowledge)
    ]
    rows = [
        (
            f"`{each.protocol.id}` {each.protocol.name}",
            each.protocol.sessions,
            _each_session(each.protocol),
            "yes" if each.plannable else " ".join(refusal.says for refusal in each.refusals),
            ", ".join(f"`{part.path}`" for part in each.unverified),
            _sources(cites(each.protocol.source)),
        )
        for each in found
    ]
    intro = (
        f"{len(rows)} protocols. `overstory protocols show` gives every number with its own source. "
        "What is unverified and decides the course waits for a site policy; what is unverified "
        "beside it waits for a named clinician before the first order."
    )
    return _page("Protocols", [intro, "", *_table(header, rows)])


def _each_session(protocol: Protocol) -> str:
    """Return what is done in one session, in a few words."""
    dose, stimulation = protocol.dose, protocol.stimulation
    if stimulation is not None:
        strength = (
            f"{stimulation.intensity.percent:g} % of the {stimulation.intensity.of} threshold"
        )
        return f"{stimulation.target.site}, {stimulation.pulses.value:g} pulses at {strength}"
    if dose is None:
        return "the prescriber sets the dose" if protocol.prescriber_sets_dose else "none"
    if dose.mg:
        return f"{' or '.join(f'{each:g}' for each in dose.mg)} mg {dose.route}"
    if dose.mg_per_kg is not None:
        return f"{dose.mg_per_kg:g} mg/kg {dose.route}"
    return f"{dose.route}, within a range"


def scales_page(knowledge: Knowledge) -> str:
    """Return the page of the scales."""
    header = ("scale", "measures", "better", "total", "wording ships", "fills", "status", "sources")
    entries: Iterable[Scale] = knowledge.sections.get("scales", ())
    rows = [
        (
            f"**{each.short}** `{each.id}` {each.title}",
            each.measures,
            each.better,
            _span(each.scoring.range),
            each.licence.ship,
            ", ".join(f"`{name}`" for name in each.fills.values()),
            each.status,
            _sources(cites(each.source)),
        )
        for each in sorted(entries, key=lambda scale: scale.id)
    ]
    intro = (
        f"{len(rows)} scales. *Wording ships*: yes, it stands here; pack, a site loads it under its "
        "own licence; no, it needs the holder's consent first."
    )
    return _page("Scales", [intro, "", *_table(header, rows)])


def sources_page(knowledge: Knowledge) -> str:
    """Return the page of the sources, with the days of reading and how often each is cited."""
    cited = Counter(
        cite.id for entries in knowledge.sections.values() for each in entries for cite in _cited(each)
    )  # fmt: skip
    header = ("source", "kind", "document", "its date", "read on", "read again by", "cited")
    rows = [
        (
            f'<a id="{each.id}"></a>`{each.id}`',
            each.kind,
            _document(each.title, each.url or (f"https://doi.org/{each.doi}" if each.doi else "")),
            each.date,
            each.read_on,
            each.recheck_by,
            cited[each.id],
        )
        for each in sorted(knowledge.sources.values(), key=lambda source: source.id)
    ]
    intro = (
        f"{len(rows)} documents. `overstory knowledge check` refuses the knowledge once a source is "
        "past the day by which it is to be read again."
    )
    return _page("Sources", [intro, "", *_table(header, rows)])


def recalled_page(knowledge: Knowledge) -> str:
    """Return the page of everything whose status is recalled, with its numbers."""
    rows = [
        (
            section,
            f"`{_name(entry)}`",
            place or "all of it",
            _shown(found),
            _sources(cites(getattr(found, "source", None))),
        )
        for section, entries in knowledge.sections.items()
        for entry in entries
        for place, found in _recalled(entry, "")
    ]
    intro = (
        f"{len(rows)} places. Nobody has read these again in their source. They are shown as "
        "unverified, may raise a caution or a physician-decision, and never contraindicate, defer, "
        "require, indicate, open a gate or set a dose. How each is to be settled: "
        "[must-verify](../safety/must-verify.md)."
    )
    header = ("section", "entry", "part of it", "what is recalled", "attributed to")
    return _page("What is only recalled", [intro, "", *_table(header, rows)])


def _page(title: str, lines: Iterable[str]) -> str:
    head = [
        f"# {title}",
        "",
        f"*Written by `{COMMAND}` from `overstory/knowledge/`; edit that.*",
        "",
    ]
    return "\n".join([*head, *lines]).rstrip() + "\n"


def _by_kind(rules: Iterable[ReadRule], knowledge: Knowledge) -> list[str]:
    lines: list[str] = []
    ordered = sorted(rules, key=lambda rule: rule.id)
    for kind, title in KINDS.items():
        rows = [_row(each, knowledge) for each in ordered if each.kind == kind]
        if rows:
            header = ("rule", "says", "when", "status", "sources")
            lines += ["", f"## {title} (`{kind}`)", "", *_table(header, rows)]
    return lines


def _row(rule: ReadRule, knowledge: Knowledge) -> tuple[str, ...]:
    words = rule.words
    says = [words.says]
    says += [f"Do: {words.precaution}"] if words.precaution else []
    says += [_standing(rule)] if words.regulatory else []
    where = f" Only in {' and '.join(words.jurisdiction)}." if words.jurisdiction else ""
    more = " A site may downgrade it." if words.downgrade else ""
    return (
        f"`{rule.id}`",
        " ".join(says),
        condition_text(rule, knowledge) + where + more,
        words.status,
        _sources(rule.sources),
    )


def _standing(rule: ReadRule) -> str:
    each_place = "; ".join(
        f"{each.jurisdiction} {each.status}{f' since {each.since}' if each.since else ''}"
        for each in rule.words.regulatory
    )
    return f"**{each_place}; evidence {rule.words.evidence}.**"


def _sources(found: Iterable[Cite]) -> str:
    return "; ".join(f"[{each.id}](sources.md#{each.id}) {each.at}".strip() for each in found)


def _document(title: str, address: str) -> str:
    return f"{title} <{address}>" if address else title


def _table(header: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> list[str]:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return lines + ["| " + " | ".join(_cell(each) for each in row) + " |" for row in rows]


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def _span(ends: tuple[float, float] | None) -> str:
    return f"{ends[0]:g} to {ends[1]:g}" if ends else "none"


def _name(entry: Any) -> str:
    named = (getattr(entry, field, "") for field in ("id", "name", "medicine", "fact", "cc"))
    return str(next((each for each in named if each), type(entry).__name__))


def _cited(value: Any) -> Iterator[Cite]:
    if isinstance(value, Cite):
        yield value
        return
    for _, part in _parts(value):
        yield from _cited(part)


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a value holds, each with the step to it; a named entry is a step by its name."""
    if isinstance(value, msgspec.Struct):
        yield from ((name, getattr(value, name)) for name in value.__struct_fields__)
    elif isinstance(value, dict):
        yield from ((str(name), part) for name, part in value.items())
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value, 1):
            yield str(getattr(part, "id", "") or number), part


def _recalled(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Yield the outermost parts whose status is recalled, with the way to them."""
    if getattr(value, "status", None) == "recalled":
        yield place, value
        return
    for step, part in _parts(value):
        yield from _recalled(part, f"{place}.{step}".lstrip("."))


def _shown(value: Any) -> str:
    """Return a rule's own words, or the numbers that the part gives, each with its name."""
    if when := getattr(value, "when", ""):
        return f"`{when}`"
    numbers = list(_numbers(value, ""))
    words = (getattr(value, field, "") for field in ("value", "says", "wording"))
    return ", ".join(numbers) or str(next((each for each in words if each), "its words"))


def _numbers(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield f"{place} {value:g}"
    for step, part in _parts(value):
        if step != "examples" and getattr(part, "status", None) in (None, "recalled"):
            yield from _numbers(part, f"{place}.{step}".lstrip("."))


def main() -> int:
    """Write the pages; with --check only say which are not current, and end with 1 if any is."""
    knowledge = load_knowledge()
    found = stale(knowledge)
    if "--check" in sys.argv[1:]:
        for name in found:
            print(f"docs/knowledge/{name} is not current; run: {COMMAND}")
        return 1 if found else 0
    HOME.mkdir(parents=True, exist_ok=True)
    expected = pages(knowledge)
    for name in found:
        if name in expected:
            (HOME / name).write_text(expected[name], encoding="utf-8")
        else:
            (HOME / name).unlink()
    print(f"{len(expected)} pages, {len(found)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
