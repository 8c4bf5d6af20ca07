"""Sources of the aid: numbered in the order in which the page names them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.shared import Cite

OWN = {"site-policy": "about.policy_source", "recall": "about.recalled_source"}
"""What the list says in place of the title of a source that is no document of somebody else."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A source as the list shows it; `address` is a link, or empty; `notes` say of
    whom the pictures that rest on it tell, `own` names the words said in place of its title, or is empty."""

    number: int
    title: str
    date: str
    address: str
    own: str
    notes: tuple[str, ...]


class Sources:
    """The sources named so far, each with one number."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.numbers: dict[str, int] = {}
        self.notes: dict[int, dict[str, None]] = {}

    def refs(self, cites: Iterable[Cite]) -> tuple[int, ...]:
        """Return the numbers of some citations; new sources get the next ones."""
        ids = dict.fromkeys(cite.id for cite in cites)
        return tuple(self.numbers.setdefault(each, len(self.numbers) + 1) for each in ids)

    def note(self, cites: Sequence[Cite], text: str) -> None:
        """Add to what the list says of the first document cited; the same words stand there once."""
        documents = [each for each in cites if self.knowledge.sources[each.id].kind not in OWN]
        number = self.refs(documents or cites)[0]
        self.notes.setdefault(number, {})[text] = None

    def listed(self) -> tuple[Listed, ...]:
        """Return every source named, in the order of its number."""
        return tuple(self._listed(each, number) for each, number in self.numbers.items())

    def _listed(self, source: str, number: int) -> Listed:
        entry = self.knowledge.sources[source]
        address = entry.url or (f"https://doi.org/{entry.doi}" if entry.doi else "")
        notes = tuple(self.notes.get(number, ()))
        return Listed(number, entry.title, entry.date, address, OWN.get(entry.kind, ""), notes)
