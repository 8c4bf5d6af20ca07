"""Names and codes of medicines to medicines, and medicines to the facts that taking them makes true."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from overstory.knowledge.load import Knowledge
from overstory.knowledge.shapes.medicines import Medicine, MedicineClass

EXTENDED = "extended"
FORMS = {
    **dict.fromkeys(("xr", "er", "xl", "cr", "sr", "la", "extended", "prolonged"), EXTENDED),
    **dict.fromkeys(("controlled", "sustained"), EXTENDED),
    **dict.fromkeys(("patch", "transdermal"), "patch"),
    "hydrobromide": "hydrobromide",
}
"""Words that name a form of a medicine."""

SALTS = re.compile(
    r"\b(?:hydrochloride|hcl|hydrobromide|oxalate|maleate|(?:di)?mesylate|succinate|sul(?:f|ph)ate"
    r"|(?:bi)?tartrate|(?:hemi)?fumarate|(?:di)?sodium|(?:di)?potassium|carbonate|citrate|phosphate"
    r"|acetate|besylate|malate|tosylate|saccharate|aspartate)\b"
)
WRAPPING = re.compile(
    r"\b(?:oral|tab(?:let)?s?|cap(?:sule)?s?|solution|suspension|syrup|liquid|inject(?:ion|able)"
    r"|intramuscular|sublingual|buccal|nasal|spray|film|coated|delayed|immediate|release|ir|dr|odt"
    r"|disintegrating|chewable|pack|system|hours?|hr|actuat|daily|day)\b"
)
BRACKETS = re.compile(r"[\[(][^\])]*[\])]")
STRENGTH = re.compile(
    r"(?<![\w-])\d[\d.,]*\s*(?:mg|mcg|µg|g|ml|hr|h|actuat|%|meq|unt)?(?:\s*/\s*(?:hr|h|ml|actuat|day))?(?!\w)"
)
JOINTS = re.compile(r"\s*(?:/|\+|,|;| and | with | plus )\s*")


@dataclass(frozen=True, slots=True)
class Named:
    """A medicine that a text names, and its form where the text says one (else empty)."""

    medicine: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class Recognized:
    """The medicines that a text names, and the parts of it that name none we know."""

    medicines: tuple[Named, ...]
    rest: tuple[str, ...]


@dataclass(frozen=True)
class Formulary:
    """Every medicine by name and by RxNorm code, and the classes with what they make true."""

    medicines: Mapping[str, Medicine]
    names: Mapping[str, Named]
    combinations: Mapping[frozenset[str], str]
    codes: Mapping[str, str]
    classes: Mapping[str, MedicineClass]

    def recognize(self, text: str) -> Recognized:
        """
        Return the medicines that a text such as `Sertraline 50 MG Oral Tablet [Zoloft]` names.

        Nothing is guessed: a name that is misspelt or unknown stands in `rest`.
        """
        whole = self._single(text)
        if whole is not None:
            return Recognized((whole,), ())
        parts = [part for part in JOINTS.split(_without_brackets(text)) if _plain(part)]
        if len(parts) <= 1:
            parts = [part for part in text.split("-") if _plain(part)]
        found = [(part, self._single(part)) for part in parts]
        named = [each for _, each in found if each is not None]
        rest = tuple(part.strip() for part, each in found if each is None)
        together = self.combinations.get(frozenset(each.medicine for each in named))
        if together is not None and not rest:
            return Recognized((Named(together),), ())
        return Recognized(tuple(dict.fromkeys(named)), rest if named else (text.strip(),))

    def by_code(self, rxcui: str) -> str | None:
        """Return the medicine that an RxNorm ingredient code names, or None where we have none."""
        return self.codes.get(rxcui)

    def facts_of(self, medicines: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """
        Return the facts that taking these medicines makes true, each with the medicines that do.

        A fact that is not in the answer is not false: it is only not made true.

        :raises KeyError: if a name is not the name of a medicine of ours.
        """
        found: dict[str, dict[str, None]] = {}
        for name in medicines:
            for class_id in self.medicines[name].classes:
                for fact in self.classes[class_id].makes_true:
                    found.setdefault(fact, {})[name] = None
        return {fact: tuple(names) for fact, names in found.items()}

    def antidepressant_class(self, medicine: str) -> str | None:
        """Return the class that counts in "different classes", or None where it has none."""
        for class_id in self.medicines[medicine].classes:
            if self.classes[class_id].antidepressant:
                return class_id
        return None

    def _single(self, text: str) -> Named | None:
        exact = self.names.get(_tidy(text))
        if exact is not None:
            return exact
        words = _plain(text).split()
        form = next((FORMS[word] for word in words if word in FORMS), "")
        bare = WRAPPING.sub(" ", " ".join(word for word in words if word not in FORMS))
        for kept in (bare, SALTS.sub(" ", bare)):
            named = self.names.get(_tidy(kept))
            if named is not None:
                return Named(named.medicine, named.form or form)
        return None


def formulary(knowledge: Knowledge) -> Formulary:
    """Return the medicines of the knowledge, ready to be looked up; made once for the same sections."""
    return _formulary(_Sections(knowledge.sections))


class _Sections:
    """The sections of one knowledge, the same only as themselves: they cannot change, nor be hashed."""

    def __init__(self, sections: Mapping[str, tuple[Any, ...]]) -> None:
        self.sections = sections

    def __hash__(self) -> int:
        return id(self.sections)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sections) and other.sections is self.sections


@lru_cache(maxsize=4)
def _formulary(of: _Sections) -> Formulary:
    sections = of.sections
    entries: tuple[Medicine, ...] = sections.get("medicines", ())
    names: dict[str, Named] = {}
    for entry in entries:
        for name in (entry.name, *entry.other_names, *entry.brands):
            names[_tidy(name)] = Named(entry.name, entry.forms.get(_tidy(name), ""))
    return Formulary(
        medicines={entry.name: entry for entry in entries},
        names=names,
        combinations={frozenset(entry.parts): entry.name for entry in entries if entry.parts},
        codes={each.rxcui: each.medicine for each in sections.get("medicine_codes", ())},
        classes={each.id: each for each in sections.get("medicine_classes", ())},
    )


def _without_brackets(text: str) -> str:
    return BRACKETS.sub(" ", text.casefold())


def _tidy(text: str) -> str:
    return " ".join(text.casefold().replace("®", "").replace("™", "").split())


def _plain(text: str) -> str:
    """The words of a text without brackets, strengths and signs."""
    return _tidy(STRENGTH.sub(" ", _without_brackets(text)).replace("-release", " release"))
