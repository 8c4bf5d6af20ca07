"""Figures for the page: a picture, the same in words, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

from overstory.exchange.aid.citing import Sources
from overstory.exchange.aid.icons import Group, icon_array
from overstory.exchange.aid.words import Words
from overstory.pathway.choice import Option, Outcome
from overstory.pathway.choice_figures import Figure, HarmFigure


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its words: `told` the numbers, `sure` how sure they are, `who` of whom."""

    svg: str
    told: str
    sure: str
    who: str
    refs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One outcome of one option: its pictures, or the words that no trial gives a number."""

    label: str
    pictures: tuple[Picture, ...]
    spread: str
    without: str


class Drawing:
    """Draws the figures of one option; `words` and `sources` are those of the page."""

    def __init__(self, option: Option, words: Words, sources: Sources) -> None:
        self.option, self.words, self.sources = option, words, sources

    def outcome(self, outcome: Outcome) -> Block:
        """Return one outcome: every trial drawn, and the spread of all where there are more."""
        label = self.words(f"cards.{outcome.name}")
        pictures = tuple(self._picture(each, label) for each in outcome.figures)
        return Block(
            label=label,
            pictures=pictures,
            spread=self._spread(outcome),
            without="" if pictures else self.words(self._without()),
        )

    def harm(self) -> Block:
        """Return the harm that comes most with the option, beyond what a dummy brings."""
        label = self.words("cards.harm")
        counted = [each for each in self.option.harms if each.number]
        if not counted:
            return Block(label, (), "", self.words("cards.no_harm"))
        worst = max(counted, key=lambda each: (each.number or 0) - (each.compared or 0))
        return Block(label, (self._harm_picture(worst, label),), "", "")

    def _without(self) -> str:
        """Which words stand where nothing is drawn: no number at all, or none for this illness."""
        option = self.option
        is_for_another = bool(option.verdict) and not option.indications and not option.entry.parts
        return "cards.not_for_this" if is_for_another else "cards.no_figure"

    def _spread(self, outcome: Outcome) -> str:
        spread = outcome.spread
        if spread is None or spread.studies <= len({each.id for each in outcome.figures}):
            return ""
        return self.words(
            "figure.spread",
            studies=spread.studies,
            low=spread.low,
            high=spread.high,
            per=outcome.figures[0].per if outcome.figures else "",
        )

    def _picture(self, figure: Figure, label: str) -> Picture:
        told = self._told(figure)
        refs = self.sources.refs(figure.sources)
        self.sources.note(figure.sources, self._noted(figure))
        return Picture(
            svg=self._drawn(figure.id, _groups(figure), f"{label}: {told}", figure.per),
            told=told,
            sure=self._sure(figure),
            who=self._who(figure, label),
            refs=refs,
        )

    def _drawn(self, name: str, groups: list[Group], title: str, per: int) -> str:
        name = f"i-{self.option.id}-{name}".replace(".", "-").replace("_", "-")
        return icon_array(name=name, title=title, groups=groups, per=per)

    def _told(self, figure: Figure) -> str:
        other = self.words.of(figure.words.compared_with)
        if figure.compared is not None:
            first = self.words(
                "figure.both",
                number=figure.number, compared=figure.compared, per=figure.per, other=other,
            )  # fmt: skip
        elif self.option.verdict is None:
            first = self.words("figure.alone", number=figure.number, per=figure.per, other=other)
        else:
            first = self.words("figure.alone_uncontrolled", number=figure.number, per=figure.per)
        rest = self.words("figure.rest", rest=figure.per - figure.number, per=figure.per)
        return " ".join(filter(None, (first, self._difference(figure), rest)))

    def _difference(self, figure: Figure) -> str:
        if figure.difference is None:
            return ""
        ending = self.words("figure.no_interval")
        if figure.interval is not None:
            low, high = (self._signed(each) for each in figure.interval)
            ending = " " + self.words("figure.interval", low=low, high=high)
        if figure.difference == 0:
            return self.words("figure.equal") + ending
        name = "more" if figure.difference > 0 else "fewer"
        return self.words(f"figure.{name}", count=abs(figure.difference), per=figure.per) + ending

    def _signed(self, number: int) -> str:
        return self.words("figure.n_more" if number >= 0 else "figure.n_fewer", n=abs(number))

    def _sure(self, figure: Figure) -> str:
        parts = []
        if figure.difference is None:
            parts.append(self.words("figure.alone_interval"))
        elif figure.finding:
            parts.append(self.words(f"figure.finding.{figure.finding}"))
        if figure.is_small:
            parts.append(self.words("figure.small"))
        if not figure.is_verified:
            parts.append(self.words("figure.unverified"))
        return " ".join(parts)

    def _who(self, figure: Figure, label: str) -> str:
        """What is counted, where the label does not say it, in how many people, and when."""
        outcome = _sentence(self.words.of(figure.words.outcome))
        time = self.words.of(figure.words.time_frame)
        told = _sentence(time)
        if figure.people is not None:
            told = self.words("figure.people", people=figure.people, time=time)
        return told if outcome == _sentence(label) else f"{outcome} {told}"

    def _noted(self, figure: Figure) -> str:
        """What the list of sources says of a picture: whose result, by which scale, who was counted."""
        parts = [self.words.of(figure.words.who)]
        if figure.scale:
            parts.append(self.words("figure.scale", scale=figure.scale))
        parts.append(self.words(f"figure.analysis.{figure.analysis}"))
        return "; ".join(parts)

    def _harm_picture(self, harm: HarmFigure, label: str) -> Picture:
        number, compared = harm.number or 0, harm.compared or 0
        words = self.words.of(harm.words)
        told = self.words(
            "figure.harm_alone" if harm.compared is None else "figure.harm_both",
            words=words[:1].upper() + words[1:], number=number, compared=compared, per=harm.per,
        )  # fmt: skip
        groups = [
            Group("same", min(compared, number)),
            Group("harm", max(number - compared, 0)),
            Group("none", harm.per - number),
        ]
        sure = [self.words("harms.uncertain")]
        if not harm.is_verified:
            sure.append(self.words("figure.unverified"))
        return Picture(
            svg=self._drawn(f"harm-{harm.harm}", groups, f"{label}: {told}", harm.per),
            told=told,
            sure=" ".join(sure),
            who="",
            refs=self.sources.refs(harm.sources),
        )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _groups(figure: Figure) -> list[Group]:
    """Part to whole: those in both groups, those more or fewer, and all the others."""
    compared = figure.number if figure.compared is None else figure.compared
    both = min(figure.number, compared)
    return [
        Group("same", both),
        Group("extra", max(figure.number - compared, 0)),
        Group("fewer", max(compared - figure.number, 0)),
        Group("none", figure.per - max(figure.number, compared)),
    ]
