"""What is not known: the facts that hold verdicts back, the way through them, and how many are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from overstory.panel.report.charts import curve, histogram
from overstory.panel.report.marks import Part
from overstory.panel.report.pictures import row_bar
from overstory.panel.report.scales import Bin, bins
from overstory.panel.report.words import (
    NOTHING,
    Count,
    hidden_below,
    number,
    share,
    small,
    treatment_name,
    waiting,
)

Figures = Mapping[str, Any]
FIRST, FIRST_STEPS = 15, 10


def missing_facts(figures: Figures) -> dict[str, Any]:
    """Return the facts that hold verdicts back, the most telling first."""
    below, wait = hidden_below(figures), waiting(figures)
    rows = [
        _fact(each, place, below, wait) for place, each in enumerate(figures["missing_facts"], 1)
    ]
    return {"first": rows[:FIRST], "rest": rows[FIRST:], "waiting": number(wait),
            "any": bool(rows)}  # fmt: skip


def route(figures: Figures) -> dict[str, Any]:
    """Return how many verdicts are settled when everybody answers the first questions: curve and table."""
    wait, steps = waiting(figures), figures["route"]
    points = [
        (place, step["settled"])
        for place, step in enumerate(steps, 1)
        if step["settled"] is not None
    ]
    most = max([settled for _, settled in points] + [wait or 0])
    told = "; ".join(f"{asked} questions settle {number(count)}" for asked, count in points[::10])
    rows = [
        {"place": place, "label": step["label"], "fact": step["fact"],
         "settled": number(step["settled"]), "share": share(step["settled"], wait)}
        for place, step in enumerate(steps, 1)
    ]  # fmt: skip
    return {
        "picture": curve([(0, 0), *points], most=most, name="route",
                         title="Verdicts settled by the number of questions asked of everybody",
                         told=told),
        "first": rows[:FIRST_STEPS], "rest": rows[FIRST_STEPS:], "marks": _marks(points, wait),
        "nothing_until": next((asked for asked, settled in reversed(points) if not settled), 0),
    }  # fmt: skip


def open_questions(figures: Figures) -> dict[str, Any]:
    """Return how many questions are open for how many people: a picture and a row for each treatment."""
    treatments = figures["treatments"]
    names = [one["treatment"] for one in treatments]
    counts = [
        {int(key): count for key, count in one["open_questions"].items()} for one in treatments
    ]
    found = dict(zip(names, bins(counts), strict=True))
    tallest = max((each.people or 0 for binned in found.values() for each in binned), default=0)
    heads = [each.name for each in next(iter(found.values()), [])]
    return {
        "rows": [
            _open_row(name, each, figures["people"])
            for name, each in zip(names, counts, strict=True)
        ],
        "pictures": [_open_picture(name, each, tallest) for name, each in found.items() if each],
        "bins": heads,
        "table": [
            (treatment_name(name), [number(each.people) for each in binned])
            for name, binned in found.items()
        ],
    }


def asked(figures: Figures) -> dict[str, Any]:
    """Return every open question: a row a fact, with how many people it is open for by treatment."""
    found: dict[str, tuple[str, dict[str, Count]]] = {}
    for one in figures["treatments"]:
        for each in one["asked"]:
            _, counts = found.setdefault(each["fact"], (each["label"], {}))
            counts[one["treatment"]] = each["people"]
    names = [one["treatment"] for one in figures["treatments"]]
    rows = [
        (label, fact, [number(counts.get(name, 0)) for name in names])
        for fact, (label, counts) in found.items()
    ]
    return {"rows": rows, "treatments": [treatment_name(name) for name in names]}


def _fact(each: Figures, place: int, below: int | None, wait: Count) -> dict[str, Any]:
    name = f"blocks-{each['fact'].replace('_', '-')}"
    drawn = row_bar(Part("left", each["blocks"]), whole=wait or 0, name=name)
    return {
        "place": place,
        "label": each["label"],
        "fact": each["fact"],
        "who": each["ask"]["who"],
        "text": each["ask"]["text"],
        "settles": small(each["settles"], below=below),
        "blocks": small(each["blocks"], below=below),
        "share": share(each["blocks"], wait),
        "bar": drawn,
        "by_treatment": [
            (name, number(told["blocks"])) for name, told in each["by_treatment"].items()
        ],
    }


def _marks(points: Sequence[tuple[int, int]], wait: Count) -> list[tuple[str, int]]:
    """After how many questions a quarter, a half and all of the waiting verdicts are settled."""
    if not wait:
        return []
    marks = []
    for words, quarters in (("a quarter", 1), ("half", 2), ("three quarters", 3), ("all", 4)):
        reached = [asked for asked, settled in points if 4 * settled >= quarters * wait]
        if reached:
            marks.append((words, reached[0]))
    return marks


def _open_row(name: str, counts: Mapping[int, Count], people: int) -> dict[str, Any]:
    nobody_waits = counts.get(0, 0)
    told = sorted((each, count) for each, count in counts.items() if each and count)
    return {
        "name": treatment_name(name),
        "none_open": number(nobody_waits),
        "share": share(nobody_waits, people),
        "median": ("about " if None in counts.values() else "") + _median(told),
        "most": str(max(counts, default=0) or NOTHING),
    }


def _median(told: Sequence[tuple[int, int]]) -> str:
    """The number of open questions that half of those with any have at most."""
    half, reached = sum(count for _, count in told) / 2, 0
    for each, count in told:
        reached += count
        if reached >= half:
            return str(each)
    return NOTHING


def _open_picture(name: str, found: Sequence[Bin], tallest: int) -> dict[str, str]:
    told = ", ".join(f"{each.name}: {number(each.people)}" for each in found)
    title = f"{treatment_name(name)}: people by number of open questions"
    svg = histogram(found, most=tallest, name=f"open-{name}", title=title, told=told)
    return {"name": treatment_name(name), "svg": svg}
