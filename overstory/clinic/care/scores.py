"""Scores over time as pictures with one sentence and a table; numbers come from the scale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from overstory.clinic.ui.charts import ScoreAxis, ScorePoint, score_chart
from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.scales import Mark, Scale
from overstory.pathway.change import IncomparableError, change, rating
from overstory.pathway.pack_facts import ScoreRow
from overstory.pathway.scoring import band_of

STATE_WORDS = {
    "remission": "in remission",
    "response": "a response",
    "partial-response": "a partial response",
    "no-response": "no response",
}
MOST_POINTS = 60


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One score of a table: when, total, band, how it came about."""

    at: datetime
    total: str
    band: str
    origin: str
    is_partial: bool


@dataclass(frozen=True, slots=True)
class ScorePicture:
    """One scale over time: a picture (none without a total), a sentence, a table, what is critical."""

    scale: str
    short: str
    title: str
    picture: SafeString | None
    says: str
    lines: tuple[ScoreLine, ...]
    critical: tuple[str, ...]


def score_pictures(
    scores: Iterable[ScoreRow], *, knowledge: Knowledge, zone: str
) -> tuple[ScorePicture, ...]:
    """Return a picture for each scale that was answered, the newest scale first."""
    scales: dict[str, Scale] = {each.id: each for each in knowledge.sections["scales"]}
    found: dict[str, list[ScoreRow]] = {}
    for row in scores:
        if row.scale in scales:
            found.setdefault(row.scale, []).append(row)
    return tuple(
        _picture(scales[name], sorted(rows, key=lambda row: row.at), zone)
        for name, rows in found.items()
    )


def _picture(scale: Scale, rows: Sequence[ScoreRow], zone: str) -> ScorePicture:
    totals = [row for row in rows if row.score.total is not None][-MOST_POINTS:]
    says = _sentence(scale, totals)
    return ScorePicture(
        scale=scale.id,
        short=scale.short,
        title=scale.title,
        picture=_drawn(scale, totals, zone, says) if totals and scale.scoring.range else None,
        says=says,
        lines=tuple(_line(scale, row) for row in reversed(rows)),
        critical=tuple(each.says for each in rows[-1].score.critical),
    )


def _drawn(scale: Scale, rows: Sequence[ScoreRow], zone: str, says: str) -> SafeString:
    least, greatest = scale.scoring.range or (0, 0)
    axis = ScoreAxis(
        title=scale.short,
        least=least,
        greatest=greatest,
        better=scale.better,
        lines=_marked(scale, rows),
        zone=zone,
    )
    points = [
        ScorePoint(row.at, row.score.total, not row.score.prorated)
        for row in rows
        if row.score.total is not None
    ]
    return score_chart(axis=axis, points=points, says=says)


def _marked(scale: Scale, rows: Sequence[ScoreRow]) -> list[tuple[float, str]]:
    """Return the lines of response and remission, where the scale's first mark of the kind has one."""
    lines = []
    response, remission = _first(scale, "response"), _first(scale, "remission")
    sure = [row.score.total for row in rows if not row.score.prorated]
    if response and response.percent is not None and len(sure) > 1 and sure[0] is not None:
        least = scale.scoring.range[0] if scale.scoring.range else 0
        gone = (sure[0] - least) * response.percent / 100
        line = sure[0] + gone if scale.better == "higher" else sure[0] - gone
        lines.append((line, f"response: {response.percent:g} % better than the first"))
    if remission and remission.below is not None:
        lines.append((remission.below, f"remission: below {remission.below:g}"))
    elif remission and remission.at_most is not None:
        lines.append((remission.at_most, f"remission: {remission.at_most:g} or less"))
    return lines


def _first(scale: Scale, kind: str) -> Mark | None:
    return next((each for each in scale.marks if each.kind == kind), None)


def _sentence(scale: Scale, rows: Sequence[ScoreRow]) -> str:
    """Return what the scores come to in a sentence."""
    if not rows:
        return f"{scale.short}: no total yet, answers are missing."
    last = rows[-1].score
    band = f" ({last.band})" if last.band else ""
    said = f"{scale.short} is {last.total:g}{band}"
    if len(rows) == 1:
        return f"{said}; there is one score."
    try:
        moved = change(scale=scale, before=rating(rows[0].score), after=rating(last))
    except IncomparableError:
        return f"{said}."
    way = "better" if moved.better > 0 else "worse" if moved.better < 0 else "no change"
    points = f"{abs(moved.better):g} points {way}" if moved.better else way
    percent = f" ({abs(moved.percent):.0f} %)" if moved.percent and moved.better else ""
    state = f": {STATE_WORDS[moved.state]}" if moved.state else ""
    return f"{said}, {points}{percent} since the first of {len(rows)}{state}."


def _line(scale: Scale, row: ScoreRow) -> ScoreLine:
    total = row.score.total
    missing = f"missing: {', '.join(row.score.missing)}" if row.score.missing else ""
    return ScoreLine(
        at=row.at,
        total=f"{total:g}" if total is not None else "–",
        band=band_of(scale.bands[0], total) if total is not None and scale.bands else missing,
        origin=row.origin,
        is_partial=row.score.prorated,
    )
